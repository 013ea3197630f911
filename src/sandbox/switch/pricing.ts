import type { Pricing } from './switch.wire.js';

export interface Submitted {
  ingredientCostCents: number;
  dispensingFeeCents: number;
  usualAndCustomaryCents: number;
}

export interface Benefit {
  copayCents: number;
  remainingDeductibleCents: number;
  accumulatedDeductibleCents: number;
  /** The plan's own price for this quantity, where it has one. */
  contractCents?: number | undefined;
}

/** FM 05: lower of cost plus fee and usual & customary; 08: contract price. */
const BASIS = { lowerOf: '05', contract: '08' };

/**
 * What a plan pays. Keeps F5 + F9 + J5 = F6 + F7 + tax + incentive (NCPDP D.0 balance): the patient owes the deductible
 * first, then the copay, never more than is allowed.
 */
export function price(submitted: Submitted, benefit: Benefit): Pricing {
  const { ingredientCostCents, dispensingFeeCents, usualAndCustomaryCents } = submitted;
  const lowerOf = Math.min(usualAndCustomaryCents, ingredientCostCents + dispensingFeeCents);
  const allowed = benefit.contractCents ?? lowerOf;
  const fee = Math.min(dispensingFeeCents, allowed);
  const deductible = Math.min(benefit.remainingDeductibleCents, allowed);
  const copay = Math.min(benefit.copayCents, allowed - deductible);
  const patientPay = deductible + copay;
  return {
    patientPayCents: patientPay,
    ingredientPaidCents: allowed - fee,
    dispensingFeePaidCents: fee,
    taxCents: 0,
    incentiveCents: 0,
    otherPayerRecognizedCents: 0,
    totalPaidCents: allowed - patientPay,
    deductibleCents: deductible,
    copayCents: copay,
    coinsuranceCents: 0,
    accumulatedDeductibleCents: benefit.accumulatedDeductibleCents + deductible,
    remainingDeductibleCents: benefit.remainingDeductibleCents - deductible,
    basisOfReimbursement: benefit.contractCents === undefined ? BASIS.lowerOf : BASIS.contract,
  };
}

/** A coupon is billed for what the first payer left to the patient (NP 06) and pays it down to its floor. */
export function priceCoupon(patientResponsibilityCents: number, floorCents: number): Pricing {
  const patientPay = Math.min(patientResponsibilityCents, floorCents);
  return {
    patientPayCents: patientPay,
    ingredientPaidCents: patientResponsibilityCents,
    dispensingFeePaidCents: 0,
    taxCents: 0,
    incentiveCents: 0,
    otherPayerRecognizedCents: 0,
    totalPaidCents: patientResponsibilityCents - patientPay,
    deductibleCents: 0,
    copayCents: patientPay,
    coinsuranceCents: 0,
    accumulatedDeductibleCents: 0,
    remainingDeductibleCents: 0,
    basisOfReimbursement: BASIS.contract,
  };
}
