import { pricedUnitOf, type BillingUnit } from '../directory/quantity-units/index.js';
import type { Coverage, PrescriptionOrder } from '../prescriptions/index.js';
import type {
  Claim,
  ClaimOtherPayer,
  ClaimPatient,
  ClaimPrescriber,
  ClaimPricing,
  DurResponse,
} from './gateways/claim-switch.port.js';
import { claimQuantity, type FillPrice } from './pricing.policy.js';

/** What a claim is made of; a missing piece is named, never invented. */
export interface ClaimParts {
  claimId: string;
  /** YYYY-MM-DD in the pharmacy's zone. */
  dateOfService: string;
  prescription: ClaimedPrescription;
  order: Pick<PrescriptionOrder, 'patient' | 'prescriber' | 'medication'>;
  pharmacyNpi: string;
  coverage: Coverage | undefined;
  price: FillPrice | undefined;
  priorAuthNumber?: string | undefined;
  durResponses?: readonly DurResponse[] | undefined;
}

export interface ClaimedPrescription {
  rxNumber: number;
  ndc: string | null;
  /** Decimal text. */
  quantity: string | null;
  quantityUnit: string | null;
  daysSupply: number | null;
  refills: number | null;
  writtenDate: string | null;
}

export type BuiltClaim = { claim: Claim } | { missing: string[] };

export function billingUnitOf(unit: string): BillingUnit | undefined {
  return pricedUnitOf(unit)?.billed;
}

const genderCodes: Readonly<Partial<Record<string, '1' | '2'>>> = { male: '1', female: '2' };

/** The first payer's B1, or every reason (codes of `reject.policy`) why none can be made. */
export function buildClaim(parts: ClaimParts): BuiltClaim {
  const card = cardOf(parts.coverage);
  const patient = patientOf(parts.order.patient);
  const prescriber = prescriberOf(parts.order.prescriber);
  const fill = fillOf(parts);
  const { price } = parts;
  if (
    typeof card === 'string' ||
    patient === undefined ||
    prescriber === undefined ||
    typeof fill === 'string' ||
    price === undefined
  ) {
    return {
      missing: [
        ...(typeof card === 'string' ? [card] : []),
        ...(patient === undefined ? ['patient.incomplete'] : []),
        ...(prescriber === undefined ? ['prescriber.incomplete'] : []),
        ...(typeof fill === 'string' ? [fill] : []),
        ...(price === undefined ? ['drug.no-price'] : []),
      ],
    };
  }
  const { firstName, lastName } = patient;
  return {
    claim: {
      claimId: parts.claimId,
      payer: { bin: card.bin, pcn: card.pcn },
      pharmacyNpi: parts.pharmacyNpi,
      dateOfService: parts.dateOfService,
      cardholder: { ...card.cardholder, ...(card.cardholder.relationship === '1' && { firstName, lastName }) },
      patient,
      fill,
      pricing: pricingOf(price),
      prescriber,
      otherPayers: [],
    },
  };
}

/** How a maker's card is named to the switch. */
export interface CouponCard {
  bin: string;
  pcn: string;
  groupId: string | null;
  cardholderPrefix: string;
}

export interface FirstPayerResult {
  bin: string;
  date: string;
  planPayCents: number;
  patientPayCents: number;
}

/** The second B1: other coverage code 8, the coupon is billed for what the first payer left to the patient. */
export function buildCouponClaim(claimId: string, primary: Claim, coupon: CouponCard, paid: FirstPayerResult): Claim {
  const otherPayer: ClaimOtherPayer = {
    bin: paid.bin,
    date: paid.date,
    paidCents: paid.planPayCents,
    patientResponsibilityCents: paid.patientPayCents,
  };
  return {
    ...primary,
    claimId,
    payer: { bin: coupon.bin, pcn: coupon.pcn },
    cardholder: {
      id: couponCardholderId(coupon.cardholderPrefix, primary.fill.rxNumber),
      ...(coupon.groupId !== null && { groupId: coupon.groupId }),
      relationship: '1',
      firstName: primary.patient.firstName,
      lastName: primary.patient.lastName,
    },
    fill: couponFill(primary.fill),
    otherPayers: [otherPayer],
  };
}

/** Field by field: what a person answered to the plan's rejects was said to the plan alone. */
function couponFill(fill: Claim['fill']): Claim['fill'] {
  const { rxNumber, ndc, quantity, unit, fillNumber, daysSupply, dawCode, dateWritten, refillsAuthorized } = fill;
  return {
    rxNumber,
    ndc,
    quantity,
    unit,
    fillNumber,
    daysSupply,
    dawCode,
    dateWritten,
    refillsAuthorized,
    otherCoverageCode: '8',
  };
}

/** A maker's card has a number per prescription, not per person: nothing of the patient is in it. */
function couponCardholderId(prefix: string, rxNumber: string): string {
  return `${prefix}${rxNumber.padStart(9, '0')}`;
}

interface Card {
  bin: string;
  pcn: string;
  cardholder: Pick<Claim['cardholder'], 'id' | 'groupId' | 'personCode' | 'relationship'>;
}

function cardOf(coverage: Coverage | undefined): Card | 'coverage.missing' | 'card.incomplete' {
  if (coverage === undefined || coverage.kind === 'cash') return 'coverage.missing';
  const { bin, pcn, cardholderId, groupId, personCode, relationship } = coverage;
  if (bin === undefined || cardholderId === undefined) return 'card.incomplete';
  return {
    bin,
    // Some plans have no PCN; the field is then sent empty.
    pcn: pcn ?? '',
    cardholder: {
      id: cardholderId,
      ...(groupId !== undefined && { groupId }),
      ...(personCode !== undefined && { personCode }),
      relationship: relationship ?? '1',
    },
  };
}

function patientOf(patient: PrescriptionOrder['patient']): ClaimPatient | undefined {
  const { firstName, lastName, birthDate, gender, phone, address } = patient;
  if (firstName === undefined || lastName === undefined || birthDate === undefined) return undefined;
  const { line1, city, state, zip } = address ?? {};
  if (line1 === undefined || city === undefined || state === undefined || zip === undefined) return undefined;
  return {
    firstName,
    lastName,
    birthDate,
    genderCode: genderCodes[gender ?? ''] ?? '0',
    street: line1,
    city,
    state,
    zip: zip.replaceAll('-', ''),
    ...(phone !== undefined && { phone: phone.replace(/^\+1/, '').replaceAll(/\D/g, '') }),
  };
}

function prescriberOf(prescriber: PrescriptionOrder['prescriber']): ClaimPrescriber | undefined {
  const { npi, firstName, lastName } = prescriber;
  if (npi === undefined || lastName === undefined) return undefined;
  return { npi, lastName, firstName: firstName ?? '' };
}

function fillOf(parts: ClaimParts): Claim['fill'] | 'order.incomplete' | 'order.unit-not-billable' {
  const { durResponses = [] } = parts;
  const { rxNumber, ndc, quantity, quantityUnit, daysSupply, refills, writtenDate } = parts.prescription;
  if (ndc === null || quantity === null || daysSupply === null || writtenDate === null) return 'order.incomplete';
  const unit = billingUnitOf(quantityUnit ?? '');
  if (unit === undefined) return 'order.unit-not-billable';
  return {
    rxNumber: String(rxNumber),
    ndc,
    quantity: claimQuantity(quantity),
    unit,
    fillNumber: 0,
    daysSupply,
    dawCode: parts.order.medication.substitutions === 1 ? '1' : '0',
    dateWritten: earlierOf(writtenDate, parts.dateOfService),
    refillsAuthorized: refills ?? 0,
    otherCoverageCode: '0',
    ...(parts.priorAuthNumber !== undefined && { priorAuthNumber: parts.priorAuthNumber }),
    ...(durResponses.length > 0 && { durResponses }),
  };
}

/** A sender's day may have begun before the pharmacy's; payers reject what was filled before it was written. */
function earlierOf(writtenDate: string, dateOfService: string): string {
  return writtenDate < dateOfService ? writtenDate : dateOfService;
}

function pricingOf(price: FillPrice): ClaimPricing {
  return {
    ingredientCostCents: price.ingredientCostCents,
    dispensingFeeCents: price.dispensingFeeCents,
    usualAndCustomaryCents: price.cashPriceCents,
    grossAmountDueCents: price.ingredientCostCents + price.dispensingFeeCents,
  };
}
