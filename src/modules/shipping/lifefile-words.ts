import type { FulfilmentAction } from '../prescriptions/index.js';
import type { TrackingStatus } from './tracking.policy.js';

export interface WordMeaning {
  action: FulfilmentAction;
  /** What it says of the parcel, when there is one. */
  parcel?: TrackingStatus;
}

/**
 * Lifefile's words, in lower case: those of the documented object, then those the array push is
 * seen to use. A word that is not here is parked and told to operations, never guessed.
 */
const meanings: Readonly<Record<string, WordMeaning>> = {
  order_received: { action: 'acknowledge' },
  order_processing: { action: 'start' },
  order_ready: { action: 'make_ready' },
  order_shipped: { action: 'ship', parcel: 'pre_transit' },
  order_out_for_delivery: { action: 'scan_out_for_delivery', parcel: 'out_for_delivery' },
  order_delivered: { action: 'deliver', parcel: 'delivered' },
  order_cancelled: { action: 'cancel' },
  order_failed: { action: 'fail' },

  // Received and queued, then approved by the pharmacy.
  'rx scheduled': { action: 'acknowledge' },
  'ready for fulfillment': { action: 'acknowledge' },
  // Being filled, then the pharmacist's last check: the medicine is not ready before that has ended.
  fulfillment: { action: 'start' },
  'final verification': { action: 'start' },
  shipping: { action: 'ship', parcel: 'pre_transit' },
  shipped: { action: 'ship', parcel: 'pre_transit' },
  // Handed to the carrier.
  'rx shipping pickup': { action: 'scan', parcel: 'in_transit' },
  'in transit': { action: 'scan', parcel: 'in_transit' },
  'out for delivery': { action: 'scan_out_for_delivery', parcel: 'out_for_delivery' },
  delivered: { action: 'deliver', parcel: 'delivered' },
  cancelled: { action: 'cancel' },
  canceled: { action: 'cancel' },
  returned: { action: 'return', parcel: 'returned' },
};

export const knownWords: readonly string[] = Object.keys(meanings);

export function meaningOf(word: string): WordMeaning | undefined {
  return Object.hasOwn(meanings, word) ? meanings[word] : undefined;
}
