import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { endsCall, isPassing, neverSent, Refused, retryAfterMs } from '../../../platform/effects/index.js';
import { Busy, Unrecoverable } from '../../../platform/jobs/index.js';
import {
  ClaimSwitch,
  SwitchUnavailable,
  type Claim,
  type ClaimAnswer,
  type ClaimReversal,
  type ReversalAnswer,
} from './claim-switch.port.js';
import { answerFrom, billingOf, reversalAnswerFrom, reversalOf } from './claim-switch.wire.js';

export type SwitchSettings = Pick<Config, 'CLAIM_SWITCH_URL' | 'CLAIM_SWITCH_API_KEY'>;

/** Real-time claims answer in seconds; a pharmacy's own timeout is about 15. Below what an effect is held for. */
const timeoutMs = 15_000;

@Injectable()
export class HttpClaimSwitch extends ClaimSwitch {
  constructor(@Inject(CONFIG) private readonly settings: SwitchSettings) {
    super();
  }

  async submit(claim: Claim): Promise<ClaimAnswer> {
    return this.transact(claim.claimId, billingOf(claim));
  }

  async reverse(reversal: ClaimReversal): Promise<ReversalAnswer> {
    return reversalAnswerFrom(await this.transact(reversal.reversalId, reversalOf(reversal)));
  }

  private async transact(idempotencyKey: string, body: object): Promise<ClaimAnswer> {
    const { CLAIM_SWITCH_URL: base, CLAIM_SWITCH_API_KEY: key } = this.settings;
    if (base === undefined || key === undefined) throw new Unrecoverable('vendor.off', 'no claim switch is configured');
    const response = await this.send(`${base.replace(/\/+$/, '')}/switch/v1/transactions`, key, idempotencyKey, body);
    await refuseBadStatus(response);
    const answer = answerFrom(await response.json().catch(() => undefined));
    if (answer === undefined) throw new SwitchUnavailable('claim-switch.unreadable');
    return answer;
  }

  private async send(url: string, key: string, idempotencyKey: string, body: object): Promise<Response> {
    try {
      return await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      const timedOut = (error as { name?: unknown }).name === 'TimeoutError';
      throw new SwitchUnavailable(timedOut ? 'claim-switch.timeout' : 'claim-switch.unreachable', neverSent(error));
    }
  }
}

/** Bodies of refusals are not read: they may repeat what was sent. */
async function refuseBadStatus(response: Response): Promise<void> {
  if (response.ok) return;
  await response.body?.cancel();
  const { status } = response;
  const waitMs = retryAfterMs(response.headers.get('retry-after'));
  if (status < 500 && isPassing(status) && waitMs !== undefined) throw new Busy('claim-switch.busy', waitMs);
  if (isPassing(status)) throw new SwitchUnavailable(`claim-switch.${status}`, endsCall(status), waitMs);
  throw new Refused(`claim-switch.${status}`, 'the claim switch refused the transaction as it was sent');
}
