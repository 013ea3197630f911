import { trackingStatusOf } from '../prescriptions/index.js';

/**
 * What integrators can subscribe to: the events of the pipeline under the product's names, and what else of tickets,
 * payments and messages a program may want to act on. Data is ids, states and codes; whoever needs more reads it by the API.
 */
export const webhookEvents = {
  intake_received: 'A prescription was taken in, or was corrected and is validated again.',
  prescription_validated: 'Validation passed.',
  prescription_validation_failed: 'Validation found what blocks; it waits for a correction.',
  enrollment_started: 'The patient was asked for coverage and consent.',
  enrollment_completed: 'Coverage and consent are on file.',
  pharmacies_recommended: 'Pharmacies were ranked; one is to be chosen.',
  routing_failed: 'No pharmacy can fill it as it stands.',
  pharmacy_selected: 'A pharmacy was chosen.',
  payment_link_required: 'The claim was approved or priced; payment comes next.',
  claim_rejected: 'The payer rejected the claim.',
  payment_link_created: 'The patient was asked to pay.',
  payment_successful: 'It is paid, or nothing was owed.',
  payment_refunded: 'Money went back to the patient.',
  payment_refund_failed: 'A refund did not go through.',
  payment_disputed: "The cardholder's bank asks about a payment or took it back; `status` says which.",
  payment_dispute_closed: 'A dispute ended; `status` says how.',
  sent_to_pharmacy: 'The order was handed to the pharmacy.',
  pharmacy_status_changed: 'The pharmacy received it, works on it or has it ready; `state` says which.',
  shipping_label_generated: 'It was shipped, or its label was bought.',
  tracking_updated: 'The carrier has it; `state` says where it is.',
  delivered: 'It was delivered or picked up.',
  prescription_completed: 'Everything about it is done.',
  cancelled: 'It was cancelled; what was done for it is being undone.',
  failed: 'It could not be delivered.',
  returned: 'It came back.',
  ticket_created: 'Somebody opened a ticket.',
  ticket_status_changed: 'Somebody set the status of a ticket; moves of a prescription come as events of their own.',
  message_posted: 'Somebody wrote, on a ticket, to all of it or to operations.',
  ticket_escalated: 'A ticket stands in its status for longer than the rules allow.',
  text_received: 'A patient answered a text message in words of their own; `GET /api/inbound-texts` has them.',
  notification_failed: 'A message to the patient did not arrive.',
  webhook_endpoint_disabled: 'Another endpoint of the organization gets nothing any more; `reason` says why.',
} as const satisfies Readonly<Record<string, string>>;

export type WebhookEventName = keyof typeof webhookEvents;
export const webhookEventNames = Object.keys(webhookEvents) as WebhookEventName[];

/** Sent by `POST /api/webhook-endpoints/:id/test` only; nobody subscribes to it. */
export const pingEvent = 'ping';

/** Of the form below. A change that breaks readers is a new number. */
export const bodyVersion = 1;

/** All that `data` may hold, in this order. What else an event carries is for our own jobs. */
const dataKeys = [
  'prescriptionId',
  'ticketId',
  'state',
  'trackingStatus',
  'status',
  'reason',
  'invoiceId',
  'paymentId',
  'refundId',
  'disputeId',
  'shipmentId',
  'threadId',
  'messageId',
  'notificationId',
  'textId',
  'endpointId',
] as const;

export interface Happened {
  event: string;
  occurredAt: Date;
  payload: Readonly<Record<string, unknown>>;
}

/** The body of a message: `{type, version, timestamp, data}`, after the Standard Webhooks specification. */
export function bodyOf({ event, occurredAt, payload }: Happened): string {
  const told: Happened['payload'] = { ...payload, trackingStatus: trackingOf(payload) };
  const known = dataKeys.flatMap((key) => (told[key] === undefined ? [] : [[key, told[key]] as const]));
  return JSON.stringify({
    type: event,
    version: bodyVersion,
    timestamp: occurredAt.toISOString(),
    data: Object.fromEntries(known),
  });
}

/** Where the prescription's state has a word of trackers. */
function trackingOf({ prescriptionId, state }: Happened['payload']): string | undefined {
  if (prescriptionId === undefined || typeof state !== 'string') return undefined;
  return trackingStatusOf(state) ?? undefined;
}
