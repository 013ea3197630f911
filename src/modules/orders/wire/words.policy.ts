import type { FulfilmentAction, PrescriptionState } from '../../prescriptions/index.js';

/** CarePortals' order statuses, in the order an order lives through; the last three end it. */
export const orderWords = [
  'pending',
  'processing',
  'approved',
  'pharmacy',
  'shipped',
  'delivered',
  'cancelled',
  'refunded',
] as const;
export type OrderWord = (typeof orderWords)[number];

export const endingWords: ReadonlySet<OrderWord> = new Set(['delivered', 'cancelled', 'refunded']);

const spellings: Readonly<Record<string, OrderWord>> = {
  canceled: 'cancelled',
  medical_review: 'processing',
  ...Object.fromEntries(orderWords.map((word) => [word, word])),
};

/** Compares trimmed, whatever the case. @returns undefined for a word CarePortals does not document */
export function orderWordOf(word: string): OrderWord | undefined {
  const key = word
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return Object.hasOwn(spellings, key) ? spellings[key] : undefined;
}

/** CarePortals ↔ ours. A state added later does not compile until it has its word. */
export const wordOfState: Readonly<Record<PrescriptionState, OrderWord>> = {
  received: 'processing',
  validation_issue: 'processing',
  validated: 'approved',
  awaiting_enrollment: 'approved',
  awaiting_routing: 'approved',
  routing_issue: 'approved',
  awaiting_pharmacy_selection: 'approved',
  pharmacy_selected: 'approved',
  adjudicated: 'approved',
  adjudication_issue: 'approved',
  awaiting_payment: 'approved',
  paid: 'approved',
  sent_to_pharmacy: 'pharmacy',
  pharmacy_received: 'pharmacy',
  processing: 'pharmacy',
  ready_for_pickup: 'pharmacy',
  shipped: 'shipped',
  in_transit: 'shipped',
  out_for_delivery: 'shipped',
  delivered: 'delivered',
  completed: 'delivered',
  cancelled: 'cancelled',
  failed: 'cancelled',
  returned: 'cancelled',
};

/**
 * What CarePortals' word does to our prescription: only what happened to the parcel or ended the order. Medical review,
 * approval and "at the pharmacy" are their view of steps that have gates of ours (validation, payment); money back there is
 * no refund here.
 */
export const actionOfWord: Readonly<Partial<Record<OrderWord, FulfilmentAction>>> = {
  shipped: 'ship',
  delivered: 'deliver',
  cancelled: 'cancel',
};
