import type { Party } from '../tickets/index.js';
import type { Audience } from './message.entity.js';

export interface SystemNote {
  code: string;
  audience: Audience;
  /** A question of the platform: open until this party has answered it, or its prescription went on without. */
  awaits?: Party;
}

/** What a payer's reject asks the clinic, by the word its event comes with. */
const questions = {
  prescriber: {
    code: 'claim.prescriber-rejected',
    says: 'the payer does not know the prescriber, or not well enough: NPI and enrolment with the plan?',
  },
  authorization: {
    code: 'claim.prior-authorization-wanted',
    says: 'the plan wants a prior authorization: please request it, and answer with its number',
  },
  authorizationDenied: {
    code: 'claim.prior-authorization-denied',
    says: 'the payer denied the prior authorization: appeal, or another medicine?',
  },
  limit: {
    code: 'claim.limit-exceeded',
    says: 'quantity or days supply exceed what the plan allows: which smaller one?',
  },
  limitOfControlled: {
    code: 'claim.limit-exceeded-controlled',
    says: 'quantity or days supply of a controlled drug exceed what the plan allows: please write a new order within it',
  },
  expired: {
    code: 'claim.order-expired',
    says: 'the prescription may not be filled any more: please write a new order',
  },
} as const satisfies Readonly<Record<string, { code: string; says: string }>>;
export type ClinicQuestion = keyof typeof questions;

export const clinicQuestions: readonly { code: string; says: string }[] = Object.values(questions);

/**
 * What the thread says by itself. The patient reads what is about the parcel, not what the providers settle between them; of an end
 * that brought nothing the letter tells, when it is sure. What follows at once says as much as payment and completion would.
 */
const notes = {
  prescription_validated: { code: 'prescription.sent', audience: 'providers' },
  prescription_validation_failed: { code: 'prescription.validation-failed', audience: 'providers' },
  pharmacy_selected: { code: 'prescription.pharmacy-selected', audience: 'providers' },
  sent_to_pharmacy: { code: 'prescription.handed-over', audience: 'providers' },
  shipping_label_generated: { code: 'prescription.shipped', audience: 'all' },
  delivered: { code: 'prescription.delivered', audience: 'all' },
  cancelled: { code: 'prescription.cancelled', audience: 'providers' },
  failed: { code: 'prescription.failed', audience: 'providers' },
  returned: { code: 'prescription.returned', audience: 'providers' },
} as const satisfies Readonly<Record<string, SystemNote>>;

const clinicAskedEvent = 'clinic_asked';
const pharmacyStatusEvent = 'pharmacy_status_changed';

/** By the state the prescription came to. */
const notesOfPharmacyStatus: Readonly<Partial<Record<string, SystemNote>>> = {
  pharmacy_received: { code: 'prescription.received', audience: 'providers' },
  processing: { code: 'prescription.processing', audience: 'providers' },
  ready_for_pickup: { code: 'prescription.ready', audience: 'all' },
};

export const notedEvents = [...Object.keys(notes), clinicAskedEvent, pharmacyStatusEvent];

/** What an event came with. */
export interface NotedFacts {
  state?: string;
  /** Absent in events from before there was more than one question. */
  asks?: ClinicQuestion;
}

/** @returns undefined for what is worth no note */
export function noteOf(event: string, { state, asks = 'prescriber' }: NotedFacts): SystemNote | undefined {
  if (event === clinicAskedEvent) return { code: questions[asks].code, audience: 'providers', awaits: 'doctor' };
  if (event === pharmacyStatusEvent) return state === undefined ? undefined : notesOfPharmacyStatus[state];
  return (notes as Readonly<Partial<Record<string, SystemNote>>>)[event];
}
