import type { Machine } from '../../platform/state-machine/index.js';

/** The life of a prescription: every state, every named move, and the event each publishes. Pure data. */
export const states = [
  'received',
  'validated',
  'validation_issue',
  'awaiting_enrollment',
  'awaiting_routing',
  'routing_issue',
  'awaiting_pharmacy_selection',
  'pharmacy_selected',
  'adjudicated',
  'adjudication_issue',
  'awaiting_payment',
  'paid',
  'sent_to_pharmacy',
  'pharmacy_received',
  'processing',
  'ready_for_pickup',
  'shipped',
  'in_transit',
  'out_for_delivery',
  'delivered',
  'completed',
  'cancelled',
  'failed',
  'returned',
] as const;
export type PrescriptionState = (typeof states)[number];

export const finalStates = [
  'completed',
  'cancelled',
  'failed',
  'returned',
] as const satisfies readonly PrescriptionState[];

/**
 * The patient gets nothing: no further label, order or message to go on is made, and what was is undone. All three are one to
 * a customer's order: cancelled (product, vocabularies).
 */
export const undeliveredStates = ['cancelled', 'failed', 'returned'] as const satisfies readonly PrescriptionState[];
export type UndeliveredState = (typeof undeliveredStates)[number];

export function isUndelivered(state: PrescriptionState): state is UndeliveredState {
  return (undeliveredStates as readonly PrescriptionState[]).includes(state);
}

export type PrescriptionAction =
  | 'receive'
  | 'pass_validation'
  | 'fail_validation'
  | 'resubmit'
  | 'start_enrollment'
  | 'complete_enrollment'
  | 'recommend'
  | 'find_none'
  | 'select_pharmacy'
  | 'approve_claim'
  | 'reject_claim'
  | 'request_payment'
  | 'settle'
  | 'hand_to_pharmacy'
  | FulfilmentAction
  | 'complete';

/** Moves that others report to us, late, twice or out of order. */
export type FulfilmentAction =
  | 'acknowledge'
  | 'start'
  | 'make_ready'
  | 'ship'
  | 'scan'
  | 'scan_out_for_delivery'
  | 'deliver'
  | 'cancel'
  | 'fail'
  | 'return';

/** `states` is in the order a prescription lives through; these come before the patient has paid. */
export const beforePaid: readonly PrescriptionState[] = states.slice(0, states.indexOf('paid'));
/** The pharmacy fills it, or has; what was paid is a fill although nobody may have begun it. */
export const filledStates: readonly PrescriptionState[] = states.slice(
  states.indexOf('paid'),
  states.indexOf('completed') + 1,
);
/** From payment to the door, in the order a medicine travels. A path only leaves states out. */
const atPharmacy = ['sent_to_pharmacy', 'pharmacy_received', 'processing', 'ready_for_pickup'] as const;
const onTheWay = ['shipped', 'in_transit', 'out_for_delivery'] as const;
const fulfilment = ['paid', ...atPharmacy, ...onTheWay] as const;

const upTo = (state: PrescriptionState): readonly PrescriptionState[] =>
  fulfilment.slice(0, (fulfilment as readonly PrescriptionState[]).indexOf(state));

/**
 * `select_pharmacy`, `recommend` and `find_none` leave `validated` on the direct path only, `hand_to_pharmacy` leaves
 * `pharmacy_selected` there: the pharmacy bills by itself. `complete_enrollment` leaves `validated` when coverage and
 * consent are on file, and `routing_issue` when the card whose plan no pharmacy takes was corrected. `resubmit` leaves every issue: a payer may miss what validation only warned of, such as an NDC, and the
 * corrected order has to pass every rule again. Corrections by pharmacy or carrier (cancel, fail, return) may come after `delivered`.
 */
export const prescriptionMachine = {
  receive: { from: [], to: 'received' },
  pass_validation: { from: ['received'], to: 'validated' },
  fail_validation: { from: ['received'], to: 'validation_issue' },
  resubmit: { from: ['validation_issue', 'routing_issue', 'adjudication_issue'], to: 'received' },
  start_enrollment: { from: ['validated'], to: 'awaiting_enrollment' },
  complete_enrollment: { from: ['awaiting_enrollment', 'validated', 'routing_issue'], to: 'awaiting_routing' },
  recommend: { from: ['awaiting_routing', 'validated'], to: 'awaiting_pharmacy_selection' },
  find_none: { from: ['awaiting_routing', 'validated'], to: 'routing_issue' },
  select_pharmacy: {
    from: ['awaiting_pharmacy_selection', 'routing_issue', 'adjudication_issue', 'validated'],
    to: 'pharmacy_selected',
  },
  approve_claim: { from: ['pharmacy_selected'], to: 'adjudicated' },
  reject_claim: { from: ['pharmacy_selected'], to: 'adjudication_issue' },
  request_payment: { from: ['adjudicated'], to: 'awaiting_payment' },
  settle: { from: ['awaiting_payment', 'adjudicated'], to: 'paid' },
  hand_to_pharmacy: { from: ['paid', 'pharmacy_selected'], to: 'sent_to_pharmacy' },
  acknowledge: { from: upTo('pharmacy_received'), to: 'pharmacy_received' },
  start: { from: upTo('processing'), to: 'processing' },
  make_ready: { from: upTo('ready_for_pickup'), to: 'ready_for_pickup' },
  ship: { from: upTo('shipped'), to: 'shipped' },
  scan: { from: upTo('in_transit'), to: 'in_transit' },
  scan_out_for_delivery: { from: upTo('out_for_delivery'), to: 'out_for_delivery' },
  deliver: { from: [...fulfilment, 'cancelled', 'failed', 'returned'], to: 'delivered' },
  complete: { from: ['delivered'], to: 'completed' },
  cancel: {
    from: [...beforePaid, ...fulfilment, 'delivered', 'completed', 'failed', 'returned'],
    to: 'cancelled',
  },
  fail: { from: [...fulfilment, 'delivered', 'completed', 'cancelled', 'returned'], to: 'failed' },
  return: { from: [...fulfilment, 'delivered', 'completed', 'cancelled', 'failed'], to: 'returned' },
} as const satisfies Machine<PrescriptionState, PrescriptionAction>;

/** Whether an action leads on from a state; of reports, whether one would move it. */
export function mayTake(state: PrescriptionState, action: PrescriptionAction): boolean {
  const from: readonly PrescriptionState[] = prescriptionMachine[action].from;
  return from.includes(state);
}

/** The event each action publishes. */
export const eventOf: Readonly<Record<PrescriptionAction, string>> = {
  receive: 'intake_received',
  pass_validation: 'prescription_validated',
  fail_validation: 'prescription_validation_failed',
  resubmit: 'intake_received',
  start_enrollment: 'enrollment_started',
  complete_enrollment: 'enrollment_completed',
  recommend: 'pharmacies_recommended',
  find_none: 'routing_failed',
  select_pharmacy: 'pharmacy_selected',
  approve_claim: 'payment_link_required',
  reject_claim: 'claim_rejected',
  request_payment: 'payment_link_created',
  settle: 'payment_successful',
  hand_to_pharmacy: 'sent_to_pharmacy',
  acknowledge: 'pharmacy_status_changed',
  start: 'pharmacy_status_changed',
  make_ready: 'pharmacy_status_changed',
  ship: 'shipping_label_generated',
  scan: 'tracking_updated',
  scan_out_for_delivery: 'tracking_updated',
  deliver: 'delivered',
  complete: 'prescription_completed',
  cancel: 'cancelled',
  fail: 'failed',
  return: 'returned',
};

/**
 * A report may be the first that is heard of a step before it, and that is news as well: a parcel that was scanned was shipped.
 * The other jumps have news of their own that says as much.
 */
export const impliedBy: Readonly<Partial<Record<PrescriptionAction, PrescriptionAction>>> = { scan: 'ship' };

/** How the reason of a `deliver` begins that was no carrier's: the patient has it from the pharmacy's counter. */
export const pickedUp = 'picked-up';

/** How a prescription ended for the patient; decided by the latest report, whatever order they come in. */
export type Outcome = 'delivered' | 'cancelled' | 'failed' | 'returned';
export const outcomeOf: Readonly<Partial<Record<PrescriptionAction, Outcome>>> = {
  deliver: 'delivered',
  cancel: 'cancelled',
  fail: 'failed',
  return: 'returned',
};

/** Of two outcomes at the very same instant the later in this list stands. */
export const outcomeOrder: readonly Outcome[] = ['delivered', 'failed', 'returned', 'cancelled'];
