import fc from 'fast-check';
import { nextFillDate, tooSoonUntil } from './history.js';
import { price, priceCoupon } from './pricing.js';
import type { Pricing } from './switch.wire.js';

const cents = fc.integer({ min: 0, max: 9_999_999 });

/** NCPDP D.0: F5 + F9 + J5 = F6 + F7 + tax + incentive. */
function balance(pricing: Pricing): number {
  const paidBySomebody = pricing.patientPayCents + pricing.totalPaidCents + pricing.otherPayerRecognizedCents;
  const worth =
    pricing.ingredientPaidCents + pricing.dispensingFeePaidCents + pricing.taxCents + pricing.incentiveCents;
  return paidBySomebody - worth;
}

it('balances, never goes below zero, and never charges the patient more than is allowed', () => {
  const submitted = fc.record({ ingredientCostCents: cents, dispensingFeeCents: cents, usualAndCustomaryCents: cents });
  const benefit = fc.record({
    copayCents: cents,
    remainingDeductibleCents: cents,
    accumulatedDeductibleCents: cents,
    contractCents: fc.option(cents, { nil: undefined }),
  });
  fc.assert(
    fc.property(submitted, benefit, (claim, terms) => {
      const pricing = price(claim, terms);
      const allowed = pricing.ingredientPaidCents + pricing.dispensingFeePaidCents;
      const amounts = Object.values(pricing).filter((value) => typeof value === 'number');
      expect(balance(pricing)).toBe(0);
      expect(amounts.every((amount) => Number.isInteger(amount) && amount >= 0)).toBe(true);
      expect(pricing.patientPayCents).toBeLessThanOrEqual(allowed);
      expect(pricing.deductibleCents + pricing.remainingDeductibleCents).toBe(terms.remainingDeductibleCents);
    }),
  );
});

it('balances a coupon, and never leaves more than its floor', () => {
  fc.assert(
    fc.property(cents, cents, (owed, floor) => {
      const pricing = priceCoupon(owed, floor);
      expect(balance(pricing)).toBe(0);
      expect(pricing.patientPayCents).toBe(Math.min(owed, floor));
    }),
  );
});

it('pays 38.00 + 2.00 as 25.00 by the plan and 15.00 by the patient', () => {
  const submitted = { ingredientCostCents: 3800, dispensingFeeCents: 200, usualAndCustomaryCents: 9900 };
  const pricing = price(submitted, { copayCents: 1500, remainingDeductibleCents: 0, accumulatedDeductibleCents: 0 });
  expect(pricing).toMatchObject({
    ingredientPaidCents: 3800,
    dispensingFeePaidCents: 200,
    totalPaidCents: 2500,
    patientPayCents: 1500,
  });
});

it('lets a 30-day supply be refilled on day 26, also over the end of a year', () => {
  const fill = { cardholderId: 'A', ndc: 'B', dateOfService: '20261215', daysSupply: 30 };
  expect(nextFillDate(fill)).toBe('20270110');
  expect(tooSoonUntil([fill], { cardholderId: 'A', ndc: 'B', dateOfService: '20270109' })).toBe('20270110');
  expect(tooSoonUntil([fill], { cardholderId: 'A', ndc: 'B', dateOfService: '20270110' })).toBeUndefined();
  expect(tooSoonUntil([fill], { cardholderId: 'Z', ndc: 'B', dateOfService: '20261216' })).toBeUndefined();
});
