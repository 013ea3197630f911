import type { ClaimRecord, ClaimState, PayerOrder } from './claim.entity.js';

export type AttemptClaim = Pick<ClaimRecord, 'attempt' | 'payerOrder' | 'state'>;
export type PlanClaim = Pick<ClaimRecord, 'attempt' | 'payerOrder' | 'bin'>;

export interface CurrentAttempt<C extends AttemptClaim> {
  number: number;
  /** Claims of this attempt that exist already: an earlier try was interrupted. */
  claims: Partial<Record<PayerOrder, C>>;
}

/** These end an attempt; anything else is still the same question to the payer and keeps its number and claim id. */
const settled: ReadonlySet<ClaimState> = new Set(['rejected', 'reversed']);

/**
 * The attempt a prescription in `pharmacy_selected` is in. A cash row means that the price was decided and only the
 * end of the attempt is missing, although its plan claims may be reversed already.
 */
export function currentAttempt<C extends AttemptClaim>(claims: readonly C[]): CurrentAttempt<C> {
  const number = Math.max(0, ...claims.map(({ attempt }) => attempt));
  const latest = claims.filter(({ attempt }) => attempt === number);
  const byOrder: Partial<Record<PayerOrder, C>> = {};
  for (const claim of latest) byOrder[claim.payerOrder] = claim;
  const over = byOrder.cash === undefined && (byOrder.primary === undefined || settled.has(byOrder.primary.state));
  return over ? { number: number + 1, claims: {} } : { number, claims: byOrder };
}

/** The plan (BIN) that was sent the newest claim. @param claims in the order they were made */
export function planAsked(claims: readonly PlanClaim[]): string | undefined {
  return plansAsked(claims).at(-1)?.bin;
}

/**
 * The plan (BIN) a person answered by the correction this attempt began with: the one asked before it, else the first it went to.
 * @returns undefined when none was asked yet
 */
export function planAnswered(claims: readonly PlanClaim[], attempt: number): string | undefined {
  const asked = plansAsked(claims);
  return (asked.findLast((one) => one.attempt < attempt) ?? asked[0])?.bin;
}

function plansAsked(claims: readonly PlanClaim[]): { attempt: number; bin: string }[] {
  return claims.flatMap(({ attempt, payerOrder, bin }) =>
    payerOrder === 'primary' && bin !== null ? [{ attempt, bin }] : [],
  );
}
