import type { PrescriptionState } from './prescription.machine.js';

/** What trackers of an order read: the words of tracking notifications (product.md, vocabularies). */
export const trackingStatuses = [
  'SENT_TO_PHARMACY',
  'RECEIVED',
  'PROCESSING',
  'READY_FOR_PICKUP',
  'SHIPPED',
  'OUT_FOR_DELIVERY',
  'DELIVERED',
  'CANCELLED',
  'FAILED',
] as const;
export type TrackingStatus = (typeof trackingStatuses)[number];

/** Null: no pharmacy has it yet, so there is nothing to track. A state added later does not compile until it has its word. */
const statusOfState: Readonly<Record<PrescriptionState, TrackingStatus | null>> = {
  received: null,
  validated: null,
  validation_issue: null,
  awaiting_enrollment: null,
  awaiting_routing: null,
  routing_issue: null,
  awaiting_pharmacy_selection: null,
  pharmacy_selected: null,
  adjudicated: null,
  adjudication_issue: null,
  awaiting_payment: null,
  paid: null,
  sent_to_pharmacy: 'SENT_TO_PHARMACY',
  pharmacy_received: 'RECEIVED',
  processing: 'PROCESSING',
  ready_for_pickup: 'READY_FOR_PICKUP',
  shipped: 'SHIPPED',
  in_transit: 'SHIPPED',
  out_for_delivery: 'OUT_FOR_DELIVERY',
  delivered: 'DELIVERED',
  completed: 'DELIVERED',
  cancelled: 'CANCELLED',
  failed: 'FAILED',
  returned: 'FAILED',
};

/** @param state of a prescription; anything else has no word */
export function trackingStatusOf(state: string): TrackingStatus | null {
  return Object.hasOwn(statusOfState, state) ? statusOfState[state as PrescriptionState] : null;
}
