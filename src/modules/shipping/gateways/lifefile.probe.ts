import type { Config } from '../../../../config/index.js';

/** Asks for an order that cannot exist: 404 is the right answer of a server that knows us. */
const nobodysReference = 'reachability-check';

export class LifefileProbeFailed extends Error {
  constructor(readonly code: string) {
    super('Lifefile does not answer as it should');
    this.name = 'LifefileProbeFailed';
  }
}

/** @throws when it cannot be reached, refuses the credentials or fails */
export async function probeLifefile(
  config: Pick<Config, 'LIFEFILE_API_URL' | 'LIFEFILE_API_USER' | 'LIFEFILE_API_PASSWORD'>,
  timeoutMs: number,
): Promise<void> {
  const { LIFEFILE_API_URL: base, LIFEFILE_API_USER: user = '', LIFEFILE_API_PASSWORD: password = '' } = config;
  if (base === undefined) return;
  const response = await fetch(`${base.replace(/\/+$/, '')}/api/order/by-reference/${nobodysReference}`, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      accept: 'application/json',
    },
  });
  await response.body?.cancel();
  if (!response.ok && response.status !== 404) throw new LifefileProbeFailed(`lifefile.${response.status}`);
}
