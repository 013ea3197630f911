import type { ClaimRecord } from './claim.entity.js';
import { verdictOf, type RejectedOrder, type RejectVerdict } from './reject.policy.js';

export type RejectedClaim = Pick<ClaimRecord, 'payerOrder' | 'state' | 'rejectCodes' | 'conflict'>;

/**
 * How often the platform asks a patient by itself about the same reject: once, and once more, because a mistyped digit is
 * mistyped twice at times. A third identical answer is no matter of typing; operations speak to the patient or the plan.
 */
export const mostCardChecks = 2;

/** The card is checked whatever was ordered. */
const anyOrder: RejectedOrder = { schedule: null };

/** `exhausted`: the patient was asked often enough, and the payer still says the same. */
export type CardCheckRule = 'ask' | 'exhausted' | 'not-asked-for';

/** The newest claim that a payer rejected, as the prescription's reject. */
export function currentReject<C extends RejectedClaim>(claims: readonly C[]): C | undefined {
  return claims.findLast(isRejected);
}

/** A payer that also said paid is for people: nothing of its codes counts. */
export function verdictOfClaim(claim: RejectedClaim | undefined, order: RejectedOrder): RejectVerdict {
  return verdictOf(claim?.conflict === true ? ['answer.conflict'] : (claim?.rejectCodes ?? []), order);
}

/** @param claims of one prescription in the order they were made, the rejected one included */
export function cardCheckRule(claims: readonly RejectedClaim[]): CardCheckRule {
  const current = currentReject(claims);
  if (current === undefined || !verdictOfClaim(current, anyOrder).first.checksCard) return 'not-asked-for';
  const same = claims.filter((claim) => isRejected(claim) && !claim.conflict && sameCodes(claim, current));
  return same.length <= mostCardChecks ? 'ask' : 'exhausted';
}

function isRejected({ state, payerOrder }: RejectedClaim): boolean {
  return state === 'rejected' && payerOrder === 'primary';
}

function sameCodes(one: RejectedClaim, other: RejectedClaim): boolean {
  const [mine, theirs] = [one, other].map(({ rejectCodes }) => [...new Set(rejectCodes)].sort().join());
  return mine === theirs;
}
