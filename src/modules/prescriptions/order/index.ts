import type { EarlyFillReason } from './early-fill.js';
import type { DeaSchedule } from './schedules.js';

export { isNciCode } from './nci-code.js';
export { scheduleNamed, type DeaSchedule, type NamedSchedule } from './schedules.js';
export { addTo, ageOn, isCalendarDate } from './calendar.js';
export { earlyFillReasons, type EarlyFillReason } from './early-fill.js';
export { lastFillOf, lawfulLastFill } from './last-fill.js';
export { heightCodes, weightCodes } from './vitals.js';

/**
 * What a prescriber ordered, in our words, whatever door it came through. Every field a door may leave out is optional:
 * validation, not parsing, says what is missing. Values are as received (trimmed); nothing is invented or repaired here.
 */
export interface PrescriptionOrder {
  /** SCRIPT MessageID, FHIR identifier or the caller's own reference; unique per sender. */
  messageId?: string;
  /** SCRIPT PrescriberOrderNumber: the prescriber's own number, echoed in every answer. */
  prescriberOrderNumber?: string;
  /** SCRIPT SentTime, ISO 8601 in UTC. */
  sentAt?: string;
  /** Business date, YYYY-MM-DD. */
  writtenDate?: string;
  patient: OrderPatient;
  prescriber: OrderPrescriber;
  pharmacy?: OrderPharmacy;
  medication: OrderMedication;
  coverage?: OrderCoverage;
  /** Vitals and other observations: a reason for the paediatric check to be content. */
  observations?: OrderObservation[];
  /** SCRIPT DigitalSignatureIndicator: required for schedules II to V (21 CFR 1311). */
  digitallySigned?: boolean;
  /** Free note of the prescriber to the pharmacist. */
  note?: string;
}

export interface OrderPatient {
  externalId?: string;
  firstName?: string;
  middleName?: string;
  lastName?: string;
  /** YYYY-MM-DD */
  birthDate?: string;
  gender?: 'male' | 'female' | 'other' | 'unknown';
  email?: string;
  /** As received; E.164 where it could be read. */
  phone?: string;
  address?: OrderAddress;
}

/** How fast a parcel travels; carriers' words for it are shipping's. */
export const serviceLevels = ['standard', 'expedited'] as const;
export type ServiceLevel = (typeof serviceLevels)[number];

export interface OrderAddress {
  line1?: string;
  line2?: string;
  city?: string;
  /** Two letters. */
  state?: string;
  /** Five digits or ZIP+4. */
  zip?: string;
}

export interface OrderPrescriber {
  npi?: string;
  dea?: string;
  /** Sender's mailbox id (SPI), from the SCRIPT header. */
  spi?: string;
  firstName?: string;
  lastName?: string;
  phone?: string;
  email?: string;
  address?: OrderAddress;
}

export interface OrderPharmacy {
  ncpdpId?: string;
  npi?: string;
  name?: string;
}

export interface OrderMedication {
  /** DrugDescription, at most 105 characters in SCRIPT. */
  description?: string;
  /** As received, hyphens included. */
  ndc?: string;
  rxnormCode?: string;
  strength?: string;
  /** Mixed for the patient from several ingredients; its schedule is that of the strictest of them. */
  compound?: boolean;
  /** NCI code or word of the dose form. */
  form?: string;
  /** Absent: not controlled, or not said. Schedule I never reaches this type: parsing keeps it in `scheduleCode`. */
  schedule?: DeaSchedule;
  /** The schedule code as received (NCIt or roman numeral). */
  scheduleCode?: string;
  quantity?: number;
  /** As received: an NCI code such as C48542, or whatever `quantityUnitOf` of the directory may read. */
  quantityUnit?: string;
  daysSupply?: number;
  refills?: number;
  /** SCRIPT Substitutions: 0 allowed, 1 not allowed by the prescriber (DAW). */
  substitutions?: 0 | 1;
  sig?: string;
  /** ICD-10 codes. */
  diagnoses?: string[];
  /** YYYY-MM-DD; 21 CFR 1306.12(b). */
  earliestFillDate?: string;
  /** YYYY-MM-DD; the prescriber's own limit, where one was set. */
  latestFillDate?: string;
  /** Lets it be filled although the last fill of the drug is not used up yet. */
  earlyFillReason?: EarlyFillReason;
}

export interface OrderCoverage {
  bin?: string;
  pcn?: string;
  groupId?: string;
  cardholderId?: string;
  personCode?: string;
  /** NCPDP 306-C6: 1 cardholder, 2 spouse, 3 child, 4 other. */
  relationship?: '1' | '2' | '3' | '4';
  payerName?: string;
}

export interface OrderObservation {
  /** LOINC */
  code: string;
  value: number;
  unit?: string;
  date?: string;
}
