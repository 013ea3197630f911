import type { ClaimRecord } from './claim.entity.js';
import { planPriceOf } from './pricing.policy.js';

/** Both prices of the latest attempt and which one the patient pays. */
export interface ShownPrices {
  /** What the patient pays with the plan and coupon; null when no plan paid. */
  planPriceCents: number | null;
  /** Null until something was priced. */
  cashPriceCents: number | null;
  couponPayCents: number;
  owedCents: number | null;
  pays: 'plan' | 'cash' | null;
  currency: 'USD';
}

type PricedClaim = Pick<
  ClaimRecord,
  'attempt' | 'payerOrder' | 'state' | 'patientPayCents' | 'planPayCents' | 'cashPriceCents' | 'rejectCodes'
>;

/**
 * A plan that paid and was taken back for cash keeps its amounts: that is the other price. So does one that keeps its claim
 * although cash is cheaper, without the coupon if that was given back.
 */
export function pricesShown(claims: readonly PricedClaim[]): ShownPrices {
  const attempt = Math.max(0, ...claims.map((claim) => claim.attempt));
  const of = (payer: PricedClaim['payerOrder']) =>
    claims.find((claim) => claim.attempt === attempt && claim.payerOrder === payer);
  const primary = of('primary');
  const cash = of('cash');
  const cashPriceCents = cash?.cashPriceCents ?? primary?.cashPriceCents ?? null;
  const coupon = of('secondary');
  const couponPayCents = coupon?.state === primary?.state ? (coupon?.planPayCents ?? 0) : 0;
  const patientPayCents = primary?.patientPayCents ?? null;
  const paid = patientPayCents === null ? undefined : { patientPayCents, couponPayCents };
  if (cashPriceCents === null || (paid === undefined && cash === undefined)) {
    return { planPriceCents: null, cashPriceCents, couponPayCents: 0, owedCents: null, pays: null, currency: 'USD' };
  }
  const planPriceCents = paid === undefined ? null : planPriceOf(paid);
  const owed =
    cash === undefined
      ? ({ pays: 'plan', owedCents: planPriceCents } as const)
      : ({ pays: 'cash', owedCents: cashPriceCents } as const);
  return { planPriceCents, cashPriceCents, couponPayCents, ...owed, currency: 'USD' };
}
