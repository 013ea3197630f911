import fc from 'fast-check';
import { claimQuantity, loweredFill, priceOf, settle, thousandths } from './pricing.policy.js';

const cents = fc.integer({ min: 0, max: 99_999_999 });

describe('quantities', () => {
  it.each([
    ['30', '30.000'],
    ['0.5', '0.500'],
    ['1.600', '1.600'],
    ['999999999', '999999999.000'],
  ])('writes %s with three decimals: %s', (text, written) => {
    expect(claimQuantity(text)).toBe(written);
  });

  it.each(['', '-1', '1.2345', '1e3', '.5', '1,5'])('refuses %p', (text) => {
    expect(() => thousandths(text)).toThrow(RangeError);
  });
});

describe('the price of a fill', () => {
  it('is unit price × quantity × factor, and the fee on top', () => {
    expect(priceOf({ unitPriceCents: 90, quantity: '30.000', priceFactor: '1.000', dispensingFeeCents: 500 })).toEqual({
      ingredientCostCents: 2700,
      dispensingFeeCents: 500,
      cashPriceCents: 3200,
    });
  });

  it.each([
    [1, '0.500', 1],
    [1, '0.499', 0],
    [210_000, '1.600', 336_000],
    [333, '0.333', 111],
  ])('rounds %i cents × %s half up to %i', (unitPriceCents, quantity, ingredientCostCents) => {
    const price = priceOf({ unitPriceCents, quantity, priceFactor: '1.000', dispensingFeeCents: 0 });
    expect(price.ingredientCostCents).toBe(ingredientCostCents);
  });

  it('never falls when the quantity grows', () => {
    fc.assert(
      fc.property(
        cents,
        fc.integer({ min: 0, max: 9_999_999 }),
        fc.integer({ min: 1, max: 9_999 }),
        (unit, milli, factor) => {
          const at = (thousandth: number) =>
            priceOf({
              unitPriceCents: unit % 1_000_000,
              quantity: (thousandth / 1000).toFixed(3),
              priceFactor: (factor / 1000).toFixed(3),
              dispensingFeeCents: 300,
            }).cashPriceCents;
          expect(at(milli + 1)).toBeGreaterThanOrEqual(at(milli));
        },
      ),
    );
  });
});

describe('what the patient owes', () => {
  it.each([
    ['the copay when it is lower than cash', 1000, 0, 3200, 1000, 'plan'],
    ['the copay when both are the same', 3200, 0, 3200, 3200, 'plan'],
    ['cash when it is a cent cheaper', 3201, 0, 3200, 3200, 'cash'],
    ['what the coupon leaves', 6000, 5000, 58_800, 1000, 'plan'],
    ['nothing when the coupon pays more than is left', 1000, 5000, 3200, 0, 'plan'],
    ['nothing for a copay of zero', 0, 0, 3200, 0, 'plan'],
  ] as const)('is %s', (_, patientPayCents, couponPayCents, cashPriceCents, owedCents, pays) => {
    expect(settle({ patientPayCents, couponPayCents }, cashPriceCents)).toMatchObject({
      owedCents,
      pays,
      cashPriceCents,
    });
  });

  it('is the cash price without a plan', () => {
    expect(settle(undefined, 3200)).toEqual({
      planPriceCents: null,
      cashPriceCents: 3200,
      owedCents: 3200,
      pays: 'cash',
    });
  });

  it('is never negative and never above the cash price, whatever plan and coupon say', () => {
    fc.assert(
      fc.property(cents, cents, cents, (patientPayCents, couponPayCents, cashPriceCents) => {
        const { owedCents } = settle({ patientPayCents, couponPayCents }, cashPriceCents);
        expect(owedCents).toBeGreaterThanOrEqual(0);
        expect(owedCents).toBeLessThanOrEqual(cashPriceCents);
      }),
    );
  });

  it('never grows by a coupon', () => {
    fc.assert(
      fc.property(cents, cents, cents, (patientPayCents, couponPayCents, cash) => {
        const without = settle({ patientPayCents, couponPayCents: 0 }, cash).owedCents;
        expect(settle({ patientPayCents, couponPayCents }, cash).owedCents).toBeLessThanOrEqual(without);
      }),
    );
  });
});

describe('a smaller fill', () => {
  it.each([
    [12, 4, 9, { quantity: 9, daysSupply: 3 }],
    [30, 30, 30, { quantity: 30, daysSupply: 30 }],
    [30, 30, 0.5, { quantity: 0.5, daysSupply: 1 }],
  ])('of %s for %i days at %f keeps the pace', (ordered, days, quantity, expected) => {
    expect(loweredFill(ordered, days, quantity)).toEqual(expected);
  });

  it.each([
    [30, 30, 30.001],
    [30, 30, 0],
    [undefined, 30, 10],
    [30, undefined, 10],
  ])('is refused for %p, %p at %p', (ordered, days, quantity) => {
    expect(loweredFill(ordered, days, quantity)).toBeUndefined();
  });
});
