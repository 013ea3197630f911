import type { PrescriptionState } from '../prescriptions/index.js';

/**
 * - `cancel`: nothing has left the house.
 * - `void-label-first`: a label is bought; when the carrier has the parcel already, voiding fails and so does the cancel.
 * - `handed-over`: the medicine is with the carrier or the patient.
 */
export type CancelRule = 'cancel' | 'void-label-first' | 'handed-over' | 'already-cancelled' | 'over';

/** The decision table of NCPDP CancelRx, for every asker. */
export const cancelRules: Readonly<Record<PrescriptionState, CancelRule>> = {
  received: 'cancel',
  validated: 'cancel',
  validation_issue: 'cancel',
  awaiting_enrollment: 'cancel',
  awaiting_routing: 'cancel',
  routing_issue: 'cancel',
  awaiting_pharmacy_selection: 'cancel',
  pharmacy_selected: 'cancel',
  adjudicated: 'cancel',
  adjudication_issue: 'cancel',
  awaiting_payment: 'cancel',
  paid: 'cancel',
  sent_to_pharmacy: 'cancel',
  pharmacy_received: 'cancel',
  processing: 'cancel',
  ready_for_pickup: 'cancel',
  shipped: 'void-label-first',
  in_transit: 'handed-over',
  out_for_delivery: 'handed-over',
  delivered: 'handed-over',
  completed: 'handed-over',
  cancelled: 'already-cancelled',
  failed: 'over',
  returned: 'over',
};
