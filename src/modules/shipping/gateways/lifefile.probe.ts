import { lifefileAccount, type LifefileConfig } from './lifefile.account.js';
import { isLifefiles } from './lifefile.answers.js';

/** No order has this number, and no status is named: whoever is reached can do nothing but say no. */
const nobodysOrder = '/0/status';

export class LifefileProbeFailed extends Error {
  constructor(readonly code: string) {
    super('Lifefile does not answer as it should');
    this.name = 'LifefileProbeFailed';
  }
}

/**
 * Lifefile's order API refuses what is asked in words of its own form; any other server at that address does not.
 * @throws when it cannot be reached, refuses the credentials, fails, or is no order API of Lifefile's
 */
export async function probeLifefile(config: LifefileConfig, timeoutMs: number): Promise<void> {
  const account = lifefileAccount(config);
  if (account === undefined) return;
  const response = await fetch(`${account.url}${nobodysOrder}`, {
    method: 'PUT',
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { ...account.headers, 'content-type': 'application/json' },
    body: '{}',
  });
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  if (status === 401 || status === 403 || status >= 500) throw new LifefileProbeFailed(`lifefile.${status}`);
  if (!isLifefiles(body)) throw new LifefileProbeFailed('lifefile.foreign-answer');
}
