import type { ClaimRecord } from './claim.entity.js';
import { settle } from './pricing.policy.js';

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
  'attempt' | 'payerOrder' | 'patientPayCents' | 'planPayCents' | 'cashPriceCents' | 'rejectCodes'
>;

/** A plan that paid and was taken back for cash keeps its amounts: that is the other price. */
export function pricesShown(claims: readonly PricedClaim[]): ShownPrices {
  const attempt = Math.max(0, ...claims.map((claim) => claim.attempt));
  const of = (payer: PricedClaim['payerOrder']) =>
    claims.find((claim) => claim.attempt === attempt && claim.payerOrder === payer);
  const primary = of('primary');
  const cash = of('cash');
  const cashPriceCents = cash?.cashPriceCents ?? primary?.cashPriceCents ?? null;
  const couponPayCents = of('secondary')?.planPayCents ?? 0;
  const patientPayCents = primary?.patientPayCents ?? null;
  const paid = patientPayCents === null ? undefined : { patientPayCents, couponPayCents };
  if (cashPriceCents === null || (paid === undefined && cash === undefined)) {
    return { planPriceCents: null, cashPriceCents, couponPayCents: 0, owedCents: null, pays: null, currency: 'USD' };
  }
  return { ...settle(paid, cashPriceCents), couponPayCents, currency: 'USD' };
}
