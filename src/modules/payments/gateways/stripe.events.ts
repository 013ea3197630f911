import { z } from 'zod';
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
  status: z.string().nullable(),
  payment_intent: reference,
  metadata,
});

const charge = z.object({ amount_refunded: z.number().int(), payment_intent: reference });
const intent = z.object({
  id: z.string(),
  metadata,
  last_payment_error: z.object({ code: z.string().nullish() }).nullish(),
});

const envelope = z.object({ id: z.string().min(1).max(255), type: z.string().min(1).max(255) });
const body = z.object({ type: z.string(), data: z.object({ object: z.unknown() }) });

export function checkoutOf(object: unknown): Checkout {
  const parsed = session.parse(object);
  return {
    sessionId: parsed.id,
    url: parsed.url ?? null,
    status: parsed.status ?? 'complete',
    paid: parsed.payment_status === 'paid',
    amountCents: parsed.amount_total ?? 0,
    currency: (parsed.currency ?? '').toUpperCase(),
    paymentId: parsed.client_reference_id ?? null,
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

export function refundOf(object: unknown): ProviderRefund {
  const parsed = refund.parse(object);
  return {
    providerId: parsed.id,
    status: refundStatuses[parsed.status ?? 'pending'] ?? 'pending',
    amountCents: parsed.amount,
    paymentIntentId: parsed.payment_intent,
    refundId: parsed.metadata['refund_id'] ?? null,
  };
}

const readers: Readonly<Record<string, (object: unknown) => PaymentNews>> = {
  'checkout.session.completed': (object) => ({ kind: 'checkout_completed', checkout: checkoutOf(object) }),
  'checkout.session.async_payment_succeeded': (object) => ({
    kind: 'checkout_completed',
    checkout: checkoutOf(object),
  }),
  'checkout.session.async_payment_failed': (object) => ({ kind: 'checkout_failed', checkout: checkoutOf(object) }),
  'checkout.session.expired': (object) => ({ kind: 'checkout_expired', checkout: checkoutOf(object) }),
  'refund.created': (object) => ({ kind: 'refund_changed', refund: refundOf(object) }),
  'refund.updated': (object) => ({ kind: 'refund_changed', refund: refundOf(object) }),
  'refund.failed': (object) => ({ kind: 'refund_changed', refund: refundOf(object) }),
  'charge.refund.updated': (object) => ({ kind: 'refund_changed', refund: refundOf(object) }),
  'charge.refunded': (object) => {
    const { amount_refunded: refundedCents, payment_intent: paymentIntentId } = charge.parse(object);
    return { kind: 'charge_refunded', paymentIntentId, refundedCents };
  },
  'payment_intent.payment_failed': (object) => {
    const parsed = intent.parse(object);
    return {
      kind: 'payment_declined',
      paymentIntentId: parsed.id,
      paymentId: parsed.metadata['payment_id'] ?? null,
      code: parsed.last_payment_error?.code ?? 'unknown',
    };
  },
};

/** @throws when the bytes are no event of Stripe's */
export function envelopeOf(raw: Buffer): { id: string; type: string } {
  return envelope.parse(JSON.parse(raw.toString('utf8')));
}

export function newsOf(raw: Buffer): PaymentNews {
  const { type, data } = body.parse(JSON.parse(raw.toString('utf8')));
  return (Object.hasOwn(readers, type) ? readers[type]?.(data.object) : undefined) ?? { kind: 'other' };
}
