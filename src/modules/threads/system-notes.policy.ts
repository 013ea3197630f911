import type { Party } from '../tickets/index.js';
import type { Audience } from './message.entity.js';

export interface SystemNote {
  code: string;
  audience: Audience;
  /** A question of the platform: the work stops until this party has answered it. */
  awaits?: Party;
}

/** What the thread says by itself. The patient reads what is about the parcel, not what the providers settle between them. */
const notes = {
  prescription_validated: { code: 'prescription.sent', audience: 'providers' },
  prescription_validation_failed: { code: 'prescription.validation-failed', audience: 'providers' },
  pharmacy_selected: { code: 'prescription.pharmacy-selected', audience: 'providers' },
  shipping_label_generated: { code: 'prescription.shipped', audience: 'all' },
  delivered: { code: 'prescription.delivered', audience: 'all' },
  // The payer does not know the prescriber, or not well enough: only the clinic can say (standards 2.2, rejects 25, 56, 71).
  clinic_asked: { code: 'claim.prescriber-rejected', audience: 'providers', awaits: 'doctor' },
} as const satisfies Readonly<Record<string, SystemNote>>;

const pharmacyStatusEvent = 'pharmacy_status_changed';

/** By the state the prescription came to. */
const notesOfPharmacyStatus: Readonly<Partial<Record<string, SystemNote>>> = {
  pharmacy_received: { code: 'prescription.received', audience: 'providers' },
  processing: { code: 'prescription.processing', audience: 'providers' },
  ready_for_pickup: { code: 'prescription.ready', audience: 'all' },
};

export const notedEvents = [...Object.keys(notes), pharmacyStatusEvent];

/** @param state the event came with. @returns undefined for what is worth no note */
export function noteOf(event: string, state: string | undefined): SystemNote | undefined {
  if (event === pharmacyStatusEvent) return state === undefined ? undefined : notesOfPharmacyStatus[state];
  return (notes as Readonly<Partial<Record<string, SystemNote>>>)[event];
}
