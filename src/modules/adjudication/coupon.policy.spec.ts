import fc from 'fast-check';
import { couponDecision } from './coupon.policy.js';

describe('a coupon', () => {
  it.each([
    [{ government: false, patientPayCents: 6000, couponOnFile: true }, { use: true }],
    [{ government: false, patientPayCents: 1, couponOnFile: true }, { use: true }],
    [
      { government: false, patientPayCents: 0, couponOnFile: true },
      { use: false, code: 'coupon.nothing-owed' },
    ],
    [
      { government: false, patientPayCents: 6000, couponOnFile: false },
      { use: false, code: 'coupon.none' },
    ],
  ])('for %p is decided as %p', (question, decision) => {
    expect(couponDecision(question)).toEqual(decision);
  });

  it('is never used beside government coverage, and the refusal names the statute', () => {
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (patientPayCents, couponOnFile) => {
        expect(couponDecision({ government: true, patientPayCents, couponOnFile })).toEqual({
          use: false,
          code: 'coupon.government-coverage',
          source: '42 U.S.C. 1320a-7b(b)',
        });
      }),
    );
  });
});
