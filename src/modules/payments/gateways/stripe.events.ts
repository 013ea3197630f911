import { z } from 'zod';
import { isDisputeStatus } from '../dispute.policy.js';
import type { Checkout, PaymentNews, ProviderRefund } from './payment-gateway.port.js';

/** A reference to another object arrives as its id, or as the object itself when it was expanded. */
const reference = z
  .union([z.string(), z.object({ id: z.string() }), z.null()])
  .optional()
  .transform((value) => (typeof value === 'string' ? value : (value?.id ?? null)));
const metadata = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const session = z.object({
  id: z.string(),
  url: z.string().nullish(),
  status: z.enum(['open', 'complete', 'expired']).nullish(),
  payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
  amount_total: z.number().int().nullable(),
  currency: z.string().nullable(),
  client_reference_id: z.string().nullish(),
  metadata,
  payment_intent: reference,
});

const refund = z.object({
  id: z.string(),
  amount: z.number().int(),
  currency: z.string(),
  status: z.string().nullable(),
  payment_intent: reference,
  metadata,
});

const charge = z.object({
  amount_refunded: z.number().int(),
  currency: z.string(),
  payment_intent: reference,
  metadata,
});
const intent = z.object({
  id: z.string(),
  amount_received: z.number().int().default(0),
  currency: z.string(),
  metadata,
  last_payment_error: z.object({ code: z.string().nullish() }).nullish(),
});
const seconds = z
  .number()
  .int()
  .transform((value) => new Date(value * 1000));
const dispute = z.object({
  id: z.string(),
  amount: z.number().int(),
  currency: z.string(),
  status: z.string(),
  reason: z.string().max(100),
  created: seconds,
  payment_intent: reference,
  metadata,
  evidence_details: z.object({ due_by: seconds.nullish() }).nullish(),
});

const envelope = z.object({ id: z.string().min(1).max(255), type: z.string().min(1).max(255) });
const body = z.object({ type: z.string(), created: seconds.optional(), data: z.object({ object: z.unknown() }) });

export function checkoutOf(object: unknown): Checkout {
  const parsed = session.parse(object);
  return {
    sessionId: parsed.id,
    url: parsed.url ?? null,
    status: parsed.status ?? 'complete',
    paid: parsed.payment_status === 'paid',
    amountCents: parsed.amount_total ?? 0,
    currency: (parsed.currency ?? '').toUpperCase(),
    paymentId: parsed.client_reference_id ?? parsed.metadata['payment_id'] ?? null,
    prescriptionId: parsed.metadata['prescription_id'] ?? null,
    paymentIntentId: parsed.payment_intent,
  };
}

/** `requires_action` waits for the payer's bank details: nothing has moved yet. */
const refundStatuses: Readonly<Record<string, ProviderRefund['status']>> = {
  pending: 'pending',
  requires_action: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

const refundStatusOf = (status: string | null) => {
  const word = status ?? 'pending';
  return Object.hasOwn(refundStatuses, word) ? refundStatuses[word] : undefined;
};

/** In a word we do not know it is open: it was made, and how it ended is told, or asked for, later. */
export function refundOf(object: unknown): ProviderRefund {
  const parsed = refund.parse(object);
  return {
    providerId: parsed.id,
    status: refundStatusOf(parsed.status) ?? 'pending',
    amountCents: parsed.amount,
    currency: parsed.currency.toUpperCase(),
    ...referenceOf(parsed),
    refundId: parsed.metadata['refund_id'] ?? null,
  };
}

/** Stripe copies the metadata of a payment intent to its charge, not to refunds and disputes of it. */
function referenceOf(object: { metadata: Readonly<Record<string, string>>; payment_intent: string | null }) {
  return { paymentId: object.metadata['payment_id'] ?? null, paymentIntentId: object.payment_intent };
}

function refundNews(object: unknown): PaymentNews {
  const parsed = refund.parse(object);
  if (refundStatusOf(parsed.status) !== undefined) return { kind: 'refund_changed', refund: refundOf(object) };
  return { kind: 'unknown_word', code: 'refund.unknown-word', reference: referenceOf(parsed) };
}

function intentOf(object: unknown) {
  const parsed = intent.parse(object);
  return { ...parsed, reference: referenceOf({ ...parsed, payment_intent: parsed.id }) };
}

function disputeNews(object: unknown, at: Date | undefined): PaymentNews {
  const parsed = dispute.parse(object);
  const reference = referenceOf(parsed);
  const { status } = parsed;
  if (!isDisputeStatus(status)) return { kind: 'unknown_word', code: 'dispute.unknown-word', reference };
  return {
    kind: 'dispute_changed',
    dispute: {
      providerId: parsed.id,
      status,
      reason: parsed.reason,
      amountCents: parsed.amount,
      currency: parsed.currency.toUpperCase(),
      evidenceDueAt: parsed.evidence_details?.due_by ?? null,
      openedAt: parsed.created,
      reportedAt: at ?? parsed.created,
      ...reference,
    },
  };
}

/** @param at when the event happened */
type Reader = (object: unknown, at: Date | undefined) => PaymentNews;

const readers: Readonly<Record<string, Reader>> = {
  'checkout.session.completed': (object) => ({ kind: 'checkout_completed', checkout: checkoutOf(object) }),
  'checkout.session.async_payment_succeeded': (object) => ({
    kind: 'checkout_completed',
    checkout: checkoutOf(object),
  }),
  'checkout.session.async_payment_failed': (object) => ({ kind: 'checkout_failed', checkout: checkoutOf(object) }),
  'checkout.session.expired': (object) => ({ kind: 'checkout_expired', checkout: checkoutOf(object) }),
  'refund.created': refundNews,
  'refund.updated': refundNews,
  'refund.failed': refundNews,
  'charge.refund.updated': refundNews,
  'charge.refunded': (object) => {
    const parsed = charge.parse(object);
    const { amount_refunded: refundedCents, currency } = parsed;
    return {
      kind: 'charge_refunded',
      charge: { ...referenceOf(parsed), refundedCents, currency: currency.toUpperCase() },
    };
  },
  'payment_intent.succeeded': (object) => {
    const { id, reference, metadata: ours, amount_received: amountCents, currency } = intentOf(object);
    return {
      kind: 'payment_taken',
      taken: {
        ...reference,
        paymentIntentId: id,
        prescriptionId: ours['prescription_id'] ?? null,
        amountCents,
        currency: currency.toUpperCase(),
      },
    };
  },
  'payment_intent.payment_failed': (object) => {
    const { reference, last_payment_error: error } = intentOf(object);
    return { kind: 'payment_declined', reference, code: error?.code ?? 'unknown' };
  },
  'charge.dispute.created': disputeNews,
  'charge.dispute.updated': disputeNews,
  'charge.dispute.funds_withdrawn': disputeNews,
  'charge.dispute.funds_reinstated': disputeNews,
  'charge.dispute.closed': disputeNews,
};

/** @throws when the bytes are no event of Stripe's */
export function envelopeOf(raw: Buffer): { id: string; type: string } {
  return envelope.parse(JSON.parse(raw.toString('utf8')));
}

/** What an event says. One whose object is of another form than its type has is kept for people: no repetition mends it. */
export function newsOf(raw: Buffer): PaymentNews {
  try {
    const { type, created, data } = body.parse(JSON.parse(raw.toString('utf8')));
    return (Object.hasOwn(readers, type) ? readers[type]?.(data.object, created) : undefined) ?? { kind: 'other' };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return {
      kind: 'unknown_word',
      code: 'stripe.undocumented-body',
      reference: { paymentId: null, paymentIntentId: null },
    };
  }
}
