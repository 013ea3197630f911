/** When a maker's coupon may pay beside a plan. */

export interface CouponQuestion {
  government: boolean;
  /** What the first payer left to the patient. */
  patientPayCents: number;
  couponOnFile: boolean;
}

export type CouponDecision = { use: true } | { use: false; code: CouponRefusal; source?: string };
export type CouponRefusal = 'coupon.government-coverage' | 'coupon.nothing-owed' | 'coupon.none';

/**
 * Hard rule: never with Medicare, Medicaid, TRICARE or any other federal programme. A coupon would be remuneration for
 * federally paid business: Anti-Kickback Statute, 42 U.S.C. 1320a-7b(b).
 */
export function couponDecision(question: CouponQuestion): CouponDecision {
  if (question.government) {
    return { use: false, code: 'coupon.government-coverage', source: '42 U.S.C. 1320a-7b(b)' };
  }
  if (!question.couponOnFile) return { use: false, code: 'coupon.none' };
  if (question.patientPayCents <= 0) return { use: false, code: 'coupon.nothing-owed' };
  return { use: true };
}
