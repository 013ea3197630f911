import type { Role } from '../../../src/modules/auth/index.js';
import { callers, finds, type CallerName, type OwnerName, type Thing } from './reach.js';

/**
 * Who may call what: one row for every operation of /docs-json, read as "these roles may call this; the id in its path names
 * such a thing".
 *
 * For a new route
 * 1. add its row below. An operation without a row fails the build, and so does a row without an operation;
 * 2. if its id names something new, add the thing to `reachOf` (reach.ts: who finds it) and a row of it to each holding
 *    (holding.ts: one party's belongings, made three times);
 * 3. bodies are the examples of /docs-json. Where the example cannot work, give the row a `body` of its own.
 * What must come of each row for each caller and each owner follows from these three (`expected` below).
 */
export interface Row {
  operation: string;
  may: readonly CallerName[];
  /** What the id in the path names; none: the path has no id. */
  thing?: Thing;
  /** Not who calls counts but a signature, a password or a code in the request, and the matrix sends none that is right. */
  needsProof?: true;
  body?: unknown;
  /** The code of a refusal that comes behind the door: the caller has found the thing and may not do just this with it. */
  unless?: string;
  /** The code by which the service itself refuses whoever may not, without a look at the thing. */
  refusedAs?: string;
  /** The answer does not end by itself. */
  streams?: true;
  /** Among its items is what people of the organization asked for in vain, by ids they named themselves. */
  listsDenied?: true;
  /** It may end the caller's sign-in, so everybody signs in anew for it. */
  endsSignIn?: true;
}

const staff: readonly Role[] = ['ops', 'admin', 'integrator'];
const doctors: readonly Role[] = ['doctor', ...staff];
const payers: readonly Role[] = ['patient', ...staff];
const packers: readonly Role[] = ['pharmacy', ...staff];
const people: readonly Role[] = ['patient', 'doctor', 'pharmacy', ...staff];
const persons: readonly Role[] = ['patient', 'doctor', 'pharmacy', 'ops', 'admin'];
const menders: readonly Role[] = ['ops', 'admin'];
const admins: readonly Role[] = ['admin'];
const auditors: readonly Role[] = ['admin', 'auditor'];
const signedIn: readonly Role[] = [...people, 'auditor'];
const anyone = callers;

type Extra = Omit<Row, 'operation' | 'may' | 'thing'>;

function row(operation: string, may: readonly CallerName[], thing?: Thing, extra: Extra = {}): Row {
  return { operation, may, ...(thing !== undefined && { thing }), ...extra };
}

const proof: Extra = { needsProof: true };

/** In this order: what ends something comes after what looks at it. */
export const accessTable: readonly Row[] = [
  row('POST /api/auth/login', anyone, undefined, proof),
  row('POST /api/auth/refresh', anyone, undefined, proof),
  row('POST /api/auth/logout', signedIn, undefined, { endsSignIn: true }),
  row('GET /api/auth/me', signedIn),
  row('GET /api/users', admins),
  row('POST /api/users', admins),
  row('PATCH /api/users/{id}', admins, 'user', { body: { disabled: false } }),
  row('GET /api/api-keys', admins),
  row('POST /api/api-keys', admins),
  row('DELETE /api/api-keys/{id}', admins, 'apiKey'),
  row('GET /api/audit', auditors, undefined, { listsDenied: true }),
  row('GET /api/me/access-log', ['patient']),

  row('GET /api/organizations', admins),
  row('POST /api/organizations', admins),
  row('GET /api/organizations/{id}', admins, 'organization'),
  row('PATCH /api/organizations/{id}', admins, 'ownOrganization', { body: { supportPhone: '1-800-SUPPORT' } }),
  row('GET /api/drugs/{ndc}', doctors, 'drug'),
  row('POST /api/drugs', admins),
  row('GET /api/pharmacies', doctors),
  row('POST /api/pharmacies', staff),
  row('GET /api/pharmacies/{id}', doctors, 'pharmacy'),
  row('PATCH /api/pharmacies/{id}', staff, 'pharmacy', { body: { dailyCapacity: 200 } }),
  row('GET /api/providers', doctors),
  row('POST /api/providers', staff),
  row('GET /api/providers/{id}', doctors, 'provider'),
  row('GET /api/patients', doctors),
  row('POST /api/patients', staff),
  row('GET /api/patients/{id}', doctors, 'patient'),
  row('PATCH /api/patients/{id}', staff, 'patient', { body: { phone: '+15125550143' } }),
  row('GET /api/patients/{id}/coverages', staff, 'patient'),
  row('GET /api/patients/reviews', doctors),
  row('POST /api/patients/reviews/{id}/resolve', staff, 'review'),
  row('GET /api/coverages/{id}/cards/{side}', staff, 'coverage'),

  row('GET /api/enrollment/{token}', anyone, 'enrollmentLink'),
  row('GET /api/enrollment/{token}/coverage', anyone, 'enrollmentLink'),
  row('POST /api/enrollment/{token}/insurance-cards', anyone, 'enrollmentLink'),
  row('POST /api/enrollment/{token}/verify', anyone, 'enrollmentLink'),
  row('POST /api/enrollment/{token}/code', anyone, 'enrollmentLink'),
  row('POST /api/enrollment/{token}/code/verify', anyone, 'enrollmentLink', proof),
  row('POST /api/enrollment/{token}', anyone, 'enrollmentLink'),

  row('POST /api/intake', doctors),
  row('GET /api/intake/cancel-suggestions', doctors),
  row('GET /api/prescriptions', people),
  row('GET /api/prescriptions/{id}', people, 'prescription'),
  row('GET /api/prescriptions/{id}/timeline', people, 'prescription'),
  row('GET /api/prescriptions/{id}/why', people, 'prescription'),
  row('GET /api/prescriptions/{id}/versions', people, 'prescription'),
  row('GET /api/prescriptions/{id}/findings', people, 'prescription'),
  row('GET /api/prescriptions/{id}/stream', people, 'prescription', { streams: true }),
  row('GET /api/prescriptions/{id}/original', menders, 'prescription'),
  row('POST /api/prescriptions/{id}/resubmit', doctors, 'prescription'),
  row('POST /api/prescriptions/{id}/enrollment', staff, 'prescription'),
  row('GET /api/prescriptions/{id}/pharmacies', doctors, 'prescription'),
  row('POST /api/prescriptions/{id}/pharmacies', staff, 'prescription'),
  row('POST /api/prescriptions/{id}/pharmacy', staff, 'prescription'),
  row('GET /api/prescriptions/{id}/claims', doctors, 'prescription'),
  row('POST /api/prescriptions/{id}/claims/retry', staff, 'prescription'),
  row('POST /api/claims/{id}/reverse', staff, 'claim'),
  row('GET /api/coupons', doctors),
  row('POST /api/coupons', staff),
  row('GET /api/prescriptions/{id}/payment', payers, 'prescription'),
  row('POST /api/prescriptions/{id}/payment-link', staff, 'prescription'),
  row('GET /api/invoices', payers),
  row('GET /api/invoices/{id}', payers, 'invoice'),
  row('POST /api/invoices/{id}/refunds', staff, 'invoice'),
  row('POST /api/invoices/{id}/void', staff, 'invoice'),
  row('GET /api/prescriptions/{id}/shipment', people, 'prescription'),
  row('GET /api/shipments/{id}/label', packers, 'shipment'),
  row('POST /api/shipments/{id}/void', staff, 'shipment'),
  row('POST /api/prescriptions/{id}/cancel', doctors, 'prescription'),

  row('GET /api/tickets', people),
  row('POST /api/tickets', doctors, undefined, { unless: 'ticket.doctor-not-you' }),
  row('GET /api/tickets/{id}', people, 'ticket'),
  row('GET /api/tickets/{id}/thread', people, 'ticket'),
  row('GET /api/tickets/{id}/timeline', people, 'ticket'),
  row('PATCH /api/tickets/{id}', staff, 'ticket', { body: { priority: 'high' } }),
  row('POST /api/tickets/{id}/pharmacy', doctors, 'ticket'),
  row('POST /api/tickets/{id}/prescription', doctors, 'ticket'),
  row('POST /api/tickets/{id}/status', people, 'ticket', { unless: 'ticket.not-yours-to-move' }),

  row('GET /api/threads', people),
  row('GET /api/threads/{id}/messages', people, 'thread'),
  row('POST /api/threads/{id}/messages', people, 'thread'),
  row('GET /api/threads/{id}/messages/{messageId}/history', people, 'message', {
    unless: 'thread.history-not-yours',
  }),
  row('PATCH /api/threads/{id}/messages/{messageId}', people, 'message', { unless: 'thread.message-not-yours' }),
  row('DELETE /api/threads/{id}/messages/{messageId}', people, 'message', { unless: 'thread.message-not-yours' }),
  row('POST /api/threads/{id}/read', persons, 'thread', { refusedAs: 'thread.person-required' }),
  row('GET /api/threads/{id}/reads', people, 'thread'),
  row('POST /api/threads/{id}/attachments', persons, 'thread', { refusedAs: 'thread.person-required' }),
  row('GET /api/threads/{id}/attachments/{attachmentId}', people, 'attachment'),
  row('GET /api/threads/{id}/stream', people, 'thread', { streams: true }),

  row('GET /api/orders', staff),
  row('GET /api/orders/{id}', staff, 'order'),
  row('GET /api/subscriptions', staff),
  row('POST /api/subscriptions/{id}/resume', staff, 'subscription'),
  row('GET /api/customers/reviews', staff),
  row('POST /api/customers/reviews/{id}/resolve', staff, 'customerReview'),

  row('GET /api/notifications', staff),
  row('POST /api/notifications/{id}/retry', staff, 'notification'),
  row('GET /api/inbound-texts', staff),
  row('POST /api/inbound-texts/{id}/handle', staff, 'inboundText'),
  row('GET /api/webhook-events', staff),
  row('GET /api/webhook-events/{id}', staff, 'webhookEvent'),
  row('POST /api/webhook-events/{id}/replay', staff, 'webhookEvent', { body: { dryRun: true } }),
  row('GET /api/webhook-endpoints', staff),
  row('POST /api/webhook-endpoints', staff),
  row('GET /api/webhook-endpoints/{id}', staff, 'webhookEndpoint'),
  row('PATCH /api/webhook-endpoints/{id}', staff, 'webhookEndpoint'),
  row('POST /api/webhook-endpoints/{id}/rotate-secret', staff, 'webhookEndpoint'),
  row('POST /api/webhook-endpoints/{id}/test', staff, 'webhookEndpoint'),
  row('POST /api/webhook-endpoints/{id}/enable', staff, 'webhookEndpoint'),
  row('POST /api/webhook-endpoints/{id}/recover', staff, 'webhookEndpoint'),
  row('GET /api/webhook-endpoints/{id}/deliveries', staff, 'webhookEndpoint'),
  row('POST /api/webhook-deliveries/{id}/resend', staff, 'webhookDelivery'),
  row('DELETE /api/webhook-endpoints/{id}', staff, 'webhookEndpoint'),
  row('GET /api/webhook-events/errors', staff),
  row('GET /api/webhook-events/errors.csv', staff),
  row('POST /api/webhook-events/import', menders),
  row('POST /api/webhook-events/replay', staff),
  row('GET /api/webhook-events/replays/{id}', staff, 'webhookReplay'),
  row('GET /api/dead-letters', staff),
  row('POST /api/dead-letters/{id}/redrive', staff, 'deadLetter'),
  row('GET /api/settings', staff),

  row('GET /t/{token}', anyone, 'trackingLink'),
  row('GET /t/payment/done', anyone),
  row('GET /t/payment/cancelled', anyone),

  row('POST /api/webhooks/stripe', anyone, undefined, proof),
  row('POST /webhook/stripe', anyone, undefined, proof),
  row('POST /api/webhooks/shippo', anyone, undefined, proof),
  row('GET /api/webhooks/lifefile/prescription-status', anyone),
  row('POST /api/webhooks/lifefile/prescription-status', anyone, undefined, proof),
  row('POST /api/webhooks/careportals', anyone, undefined, proof),
  row('POST /api/webhooks/careportals/{event}', anyone, undefined, proof),
  row('POST /api/webhooks/twilio/status', anyone, undefined, proof),
  row('POST /api/webhooks/twilio/inbound', anyone, undefined, proof),
  row('GET /api/health/live', anyone),
  row('GET /api/health/ready', anyone),
];

/** `reached`: neither refused nor missing; a body that is not to the service's liking is refused behind that door. */
export type Expected = 'sign-in required' | 'forbidden' | 'not found' | 'unproven' | 'reached';

export function expected({ may, thing, needsProof }: Row, caller: CallerName, owner: OwnerName): Expected {
  if (!may.includes(caller)) return caller === 'nobody' ? 'sign-in required' : 'forbidden';
  if (thing !== undefined && !finds(caller, thing, owner)) return 'not found';
  return needsProof === true ? 'unproven' : 'reached';
}
