/** Prices of a fill and what the patient owes in the end. Integer cents; quantities and factors are decimal text. */

export interface PriceBasis {
  unitPriceCents: number;
  /** Up to three decimals, as `numeric(12,3)` arrives. */
  quantity: string;
  /** The pharmacy's own level of prices, `numeric(6,3)`. */
  priceFactor: string;
  dispensingFeeCents: number;
}

export interface FillPrice {
  ingredientCostCents: number;
  dispensingFeeCents: number;
  /** What anyone pays without a plan: NCPDP usual and customary. */
  cashPriceCents: number;
}

const decimal = /^(\d{1,9})(?:\.(\d{1,3}))?$/;

/** Decimal text in thousandths, exactly: a double would lose them. @throws RangeError when it is not such text */
export function thousandths(text: string): bigint {
  const match = decimal.exec(text);
  if (match === null) throw new RangeError('a quantity has at most nine digits and three decimals');
  return BigInt(match[1] ?? '0') * 1000n + BigInt((match[2] ?? '').padEnd(3, '0'));
}

/** NCPDP 442-E7 in readable form: always three decimals. */
export function claimQuantity(text: string): string {
  const milli = thousandths(text);
  return `${milli / 1000n}.${(milli % 1000n).toString().padStart(3, '0')}`;
}

const million = 1_000_000n;

/** Ingredient = unit price × quantity × factor, half cents up; the fee on top. */
export function priceOf(basis: PriceBasis): FillPrice {
  const millionthCents = BigInt(basis.unitPriceCents) * thousandths(basis.quantity) * thousandths(basis.priceFactor);
  const ingredientCostCents = Number((millionthCents + million / 2n) / million);
  const { dispensingFeeCents } = basis;
  return { ingredientCostCents, dispensingFeeCents, cashPriceCents: ingredientCostCents + dispensingFeeCents };
}

export interface Settlement {
  /** After plan and coupon; null when no plan paid. */
  planPriceCents: number | null;
  cashPriceCents: number;
  owedCents: number;
  pays: 'plan' | 'cash';
}

export interface PaidAmounts {
  /** F5 of the first payer. */
  patientPayCents: number;
  /** F9 of the coupon, 0 without one. */
  couponPayCents: number;
}

/** Primary F5 − coupon F9, never below zero. */
export function planPriceOf({ patientPayCents, couponPayCents }: PaidAmounts): number {
  return Math.max(0, patientPayCents - couponPayCents);
}

/** The cash price is taken when it is lower than the plan's, both are shown. */
export function settle(paid: PaidAmounts | undefined, cashPriceCents: number): Settlement {
  if (paid === undefined) return { planPriceCents: null, cashPriceCents, owedCents: cashPriceCents, pays: 'cash' };
  const planPriceCents = planPriceOf(paid);
  const cashIsCheaper = cashPriceCents < planPriceCents;
  return {
    planPriceCents,
    cashPriceCents,
    owedCents: cashIsCheaper ? cashPriceCents : planPriceCents,
    pays: cashIsCheaper ? 'cash' : 'plan',
  };
}

/**
 * A smaller fill of the same order: days supply in proportion, at least one day. Undefined when it is larger, or
 * when the order has no quantity to lower.
 */
export function loweredFill(
  ordered: number | undefined,
  daysSupply: number | undefined,
  quantity: number,
): { quantity: number; daysSupply: number } | undefined {
  if (ordered === undefined || daysSupply === undefined || quantity <= 0 || quantity > ordered) return undefined;
  return { quantity, daysSupply: Math.max(1, Math.floor((daysSupply * quantity) / ordered)) };
}
