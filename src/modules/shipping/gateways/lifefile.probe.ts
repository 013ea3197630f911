import { lifefileAccount, type LifefileConfig } from './lifefile.account.js';

/** Asks for an order that cannot exist: 404 is the right answer of a server that knows us. */
const nobodysReference = 'reachability-check';

export class LifefileProbeFailed extends Error {
  constructor(readonly code: string) {
    super('Lifefile does not answer as it should');
    this.name = 'LifefileProbeFailed';
  }
}

/** @throws when it cannot be reached, refuses the credentials or fails */
export async function probeLifefile(config: LifefileConfig, timeoutMs: number): Promise<void> {
  const account = lifefileAccount(config);
  if (account === undefined) return;
  const response = await fetch(`${account.url}/by-reference/${nobodysReference}`, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: account.headers,
  });
  await response.body?.cancel();
  if (!response.ok && response.status !== 404) throw new LifefileProbeFailed(`lifefile.${response.status}`);
}
