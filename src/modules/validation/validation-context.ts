import type { DeaSchedule, OrderAddress } from '../prescriptions/order/index.js';
import type { ValidationSettings } from './validation-settings.js';

/** A line of our drug directory. */
export interface DirectoryDrug {
  ndc11: string;
  name: string;
  genericName: string;
  /** As the directory writes it: "10 mg", "20-25 mg", "1 mg/0.75 mL". */
  strength?: string;
  /** Word or NCI code of the dose form. */
  form: string;
  /** NCI code of the quantity unit. */
  unit: string;
  schedule?: DeaSchedule;
}

export interface PatientOnFile {
  firstName: string;
  lastName: string;
  /** YYYY-MM-DD */
  birthDate: string;
  address?: OrderAddress;
}

export interface PriorPrescription {
  id: string;
  ndc11?: string;
  genericName?: string;
  /** As the order named it: all there is without a line in the directory. */
  description?: string;
  /** YYYY-MM-DD */
  writtenDate: string;
  daysSupply: number;
  refills: number;
  /** State of the prescription, as in its life cycle ("shipped", "cancelled"). */
  state: string;
  /** As the directory writes it. */
  strength?: string;
  /** The day it was paid for or handed to the pharmacy, YYYY-MM-DD; only of one that is being filled, or was. */
  filledOn?: string;
}

/** What the order is held against. Loaded by the caller, so that validation itself reads no clock and no database. */
export interface ValidationContext {
  /** Business date, YYYY-MM-DD. */
  today: string;
  /** The day where it begins first; only a date written beyond it lies in the future. */
  latestToday: string;
  /** The business date on which the sender sent it, YYYY-MM-DD; ages count from here. */
  sentOn?: string;
  /** The directory's line for the order's NDC. */
  drug?: DirectoryDrug;
  /** For an ambiguous NDC: every directory line one of its three readings hits. */
  drugCandidates?: readonly DirectoryDrug[];
  patientOnFile?: PatientOnFile;
  /** Of the same patient, this prescription left out. */
  priorPrescriptions: readonly PriorPrescription[];
  settings: ValidationSettings;
  /** The platform prices the fill, for a payer or in cash; on the direct path the pharmacy does. */
  isPriced?: boolean;
}
