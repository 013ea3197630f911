import { Unanswered } from '../../../platform/effects/index.js';
import type { BillingUnit } from '../../directory/quantity-units/index.js';

/** What the switch did with a claim, in our words. A decline is a value; no answer is an error. */

/** A B1: everything NCPDP D.0 needs of one fill. Field ids in comments are NCPDP's. */
export interface Claim {
  /** Our id of the claim: the idempotency key of the transaction. */
  claimId: string;
  payer: ClaimPayer;
  /** NPI of the pharmacy (201-B1, qualifier 01). */
  pharmacyNpi: string;
  /** 401-D1, YYYY-MM-DD in the pharmacy's zone. */
  dateOfService: string;
  cardholder: ClaimCardholder;
  patient: ClaimPatient;
  fill: ClaimFill;
  pricing: ClaimPricing;
  prescriber: ClaimPrescriber;
  /** Segment 05: what earlier payers did. */
  otherPayers: ClaimOtherPayer[];
}

export interface ClaimPayer {
  /** 101-A1 */
  bin: string;
  /** 104-A4 */
  pcn: string;
}

export interface ClaimCardholder {
  /** 302-C2 */
  id: string;
  /** 301-C1 */
  groupId?: string;
  /** 303-C3 */
  personCode?: string;
  /** 306-C6: 1 cardholder, 2 spouse, 3 child, 4 other. */
  relationship: '1' | '2' | '3' | '4';
  /** 312-CC and 313-CD: the patient's where that is the cardholder. Somebody else's is asked for nowhere. */
  firstName?: string;
  lastName?: string;
}

export interface ClaimPatient {
  /** 304-C4, YYYY-MM-DD */
  birthDate: string;
  /** 305-C5: 0 not said, 1 male, 2 female. */
  genderCode: '0' | '1' | '2';
  firstName: string;
  lastName: string;
  street: string;
  city: string;
  state: string;
  zip: string;
  phone?: string;
}

export interface ClaimFill {
  /** 402-D2 */
  rxNumber: string;
  /** 407-D7, 11 digits. */
  ndc: string;
  /** 442-E7 with three decimals, for example 30.000. */
  quantity: string;
  /** 600-28 */
  unit: BillingUnit;
  /** 403-D3: 0 is the first fill. */
  fillNumber: number;
  /** 405-D5 */
  daysSupply: number;
  /** 408-D8: 0 no selection, 1 substitution not allowed by the prescriber. */
  dawCode: '0' | '1';
  /** 414-DE, YYYY-MM-DD */
  dateWritten: string;
  /** 415-DF */
  refillsAuthorized: number;
  /** 308-C8: 0 not specified, 8 patient-responsibility billing. */
  otherCoverageCode: '0' | '8';
  /** 462-EV with 461-EU = 1. */
  priorAuthNumber?: string;
  /** Segment 08: one for each alert that was answered. */
  durResponses?: readonly DurResponse[];
}

export interface DurResponse {
  /** 439-E4, such as DD. */
  reason: string;
  /** 440-E5, such as M0 prescriber consulted. */
  service: string;
  /** 441-E6, such as 1G filled with the prescriber's approval. */
  result: string;
}

export interface ClaimPricing {
  /** 409-D9 */
  ingredientCostCents: number;
  /** 412-DC */
  dispensingFeeCents: number;
  /** 426-DQ: what anyone pays without a plan. */
  usualAndCustomaryCents: number;
  /** 430-DU */
  grossAmountDueCents: number;
}

export interface ClaimPrescriber {
  npi: string;
  lastName: string;
  firstName: string;
}

export interface ClaimOtherPayer {
  bin: string;
  /** 443-E8, YYYY-MM-DD */
  date: string;
  /** 431-DV, qualifier 08 */
  paidCents: number;
  /** 352-NQ, qualifier 06: what that payer left to the patient. */
  patientResponsibilityCents: number;
}

/** A B2. Without an authorization number the claim is named by pharmacy, Rx number, fill and NDC alone. */
export interface ClaimReversal {
  /** Our id of the reversal: its idempotency key. */
  reversalId: string;
  payer: ClaimPayer;
  pharmacyNpi: string;
  dateOfService: string;
  cardholderId: string;
  rxNumber: string;
  ndc: string;
  fillNumber: number;
  authorizationNumber?: string;
}

/** As the payer answered; `dispositionOf` says what it means. */
export interface ClaimAnswer {
  /** 112-AN as received, also when we do not know it. */
  status: string;
  /** 503-F3 */
  authorizationNumber?: string;
  /** 511-FB */
  rejectCodes: string[];
  /** 526-FQ: free text, may hold patient data. */
  messages: string[];
  /** 550-8F */
  helpDeskPhone?: string;
  amounts?: ClaimAmounts;
  /** Segment 24. */
  durAlerts: DurAlert[];
}

export interface DurAlert {
  /** 439-E4 */
  reason: string;
  /** 528-FS: 1 major, 2 moderate, 3 minor, 9 undetermined. */
  significance?: string | undefined;
  /** 530-FU, as the payer wrote it. */
  previousFillDate?: string | undefined;
  /** 531-FV */
  previousQuantity?: string | undefined;
  /** 544-FY: free text, may hold patient data. */
  text?: string | undefined;
}

export interface ClaimAmounts {
  /** 505-F5 */
  patientPayCents: number;
  /** 509-F9 */
  planPayCents: number;
  /** 517-FH */
  deductibleCents: number;
  /** 518-FI */
  copayCents: number;
  /** 572-4U */
  coinsuranceCents: number;
}

export interface ReversalAnswer {
  outcome: 'reversed' | 'nothing-to-reverse' | 'refused' | 'host-down' | 'unknown';
  rejectCodes: string[];
}

/** The transaction itself is refused (bad request, too large, unprocessable), not the sender. No payer has seen it. */
export const unreadable: readonly string[] = ['claim-switch.400', 'claim-switch.413', 'claim-switch.422'];

/** The switch answers, and the payer's computer does not. */
export const hostDown = 'claim-switch.host-down';

/** The payer answers, and its answer says neither yes nor no. */
export const unknownStatus = 'claim-switch.unknown-status';

/** The switch did not answer the question: down, overloaded, cut off. Tried again with the same id. */
export class SwitchUnavailable extends Unanswered {
  /** @param isOver false when a payer may be at work on it still */
  constructor(code: string, isOver = true, waitMs?: number) {
    super(code, `the claim switch did not answer (${code})`, isOver, { waitMs });
  }
}

/** The way to the payers. Timeouts, 5xx and a host that is down are errors and are tried again with the same id. */
export abstract class ClaimSwitch {
  /** @throws Refused for a claim the switch cannot read, TryLater when it says when, else SwitchUnavailable */
  abstract submit(claim: Claim): Promise<ClaimAnswer>;
  /** @throws as `submit` */
  abstract reverse(reversal: ClaimReversal): Promise<ReversalAnswer>;
}
