import type { Config } from '../../../../config/index.js';

export class ClaimSwitchProbeFailed extends Error {
  constructor(readonly code: string) {
    super('the claim switch does not answer as it should');
    this.name = 'ClaimSwitchProbeFailed';
  }
}

/** What a switch says to a transaction without content. */
const malformed = new Set([400, 422]);

/**
 * Sends an empty transaction, which no switch can act upon: it is refused as malformed by whoever is reached at the right
 * address with the right key. @throws when it is not
 */
export async function probeClaimSwitch(
  config: Pick<Config, 'CLAIM_SWITCH_URL' | 'CLAIM_SWITCH_API_KEY'>,
  timeoutMs: number,
): Promise<void> {
  const { CLAIM_SWITCH_URL: base, CLAIM_SWITCH_API_KEY: key = '' } = config;
  if (base === undefined) return;
  const response = await fetch(`${base.replace(/\/+$/, '')}/switch/v1/transactions`, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  await response.body?.cancel();
  if (!malformed.has(response.status)) throw new ClaimSwitchProbeFailed(`claim-switch.${response.status}`);
}
