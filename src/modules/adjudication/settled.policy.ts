import type { Claim } from './gateways/claim-switch.port.js';
import { planPriceOf, type PaidAmounts } from './pricing.policy.js';

/** What the patient owes, and the claims that must stand for it. */
export interface Settled {
  pays: 'plan' | 'cash';
  owedCents: number;
  reason: string;
  claimIds: readonly string[];
}

export function cashSettled(owedCents: number): Settled {
  return { pays: 'cash', owedCents, reason: 'cash price', claimIds: [] };
}

/** @param coupon the second payer's claim, if one was billed */
export function planSettled(claim: Claim, paid: PaidAmounts, coupon?: Claim): Settled {
  const restsOn = [claim, ...(paid.couponPayCents > 0 && coupon ? [coupon] : [])];
  return {
    pays: 'plan',
    owedCents: planPriceOf(paid),
    reason: 'paid by the plan',
    claimIds: restsOn.map(({ claimId }) => claimId),
  };
}
