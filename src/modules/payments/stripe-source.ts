import { Injectable, type OnModuleInit } from '@nestjs/common';
import { fail } from '../../platform/errors/index.js';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import {
  admitted,
  parkedFor,
  WebhookSources,
  type Arrival,
  type Bound,
  type ReceivedWebhook,
  type WebhookVerdict,
} from '../webhooks/index.js';
import { Disputes } from './disputes.service.js';
import {
  PaymentGateway,
  type ChargeRefunds,
  type Checkout,
  type PaymentNews,
  type PaymentReference,
  type ProviderDispute,
  type ProviderRefund,
  type TakenPayment,
} from './gateways/payment-gateway.port.js';
import type { Payment } from './payment.entity.js';
import { PaymentsStore } from './payments.store.js';
import { Refunds } from './refunds.service.js';
import { chargeFindingsOf } from './settlement.policy.js';
import { Settlement, type Applied } from './settlement.service.js';
import { stripeSource } from './stripe-inbox.js';

/** @throws request.malformed */
export function stripeArrival(gateway: PaymentGateway, raw: Buffer, headers: Arrival['headers']): Arrival {
  try {
    const { id, type } = gateway.envelope(raw);
    return { dedupeKey: id, eventType: type, raw, headers };
  } catch (error) {
    throw fail('request.malformed', { cause: error });
  }
}

/** What becomes of each of Stripe's events, after it was stored. */
@Injectable()
export class StripeSource implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly sources: WebhookSources,
    private readonly gateway: PaymentGateway,
    private readonly payments: PaymentsStore,
    private readonly settlement: Settlement,
    private readonly refunds: Refunds,
    private readonly disputes: Disputes,
  ) {}

  onModuleInit(): void {
    this.sources.register({
      source: stripeSource,
      handle: (event) => this.handle(event),
      read: (raw, headers) => [stripeArrival(this.gateway, raw, headers)],
    });
  }

  async handle(event: ReceivedWebhook): Promise<WebhookVerdict> {
    const news = this.gateway.read(event.raw);
    switch (news.kind) {
      case 'checkout_completed':
      case 'checkout_expired':
      case 'checkout_failed':
        return this.onCheckout(news.checkout, event, news.kind === 'checkout_failed' ? 'failed' : 'state');
      case 'payment_taken':
        return this.onTaken(news.taken, event);
      case 'refund_changed':
        return this.onRefund(news.refund, event);
      case 'charge_refunded':
        return this.onChargeRefunded(news.charge, event);
      case 'dispute_changed':
        return this.onDispute(news.dispute, event);
      case 'payment_declined':
        return this.onDeclined(news, event);
      case 'unknown_word':
        return this.onUnknownWord(news, event);
      case 'other':
        return { outcome: 'ignored' };
    }
  }

  private async onCheckout(
    checkout: Checkout,
    event: ReceivedWebhook,
    news: 'state' | 'failed',
  ): Promise<WebhookVerdict> {
    const { id: webhookEventId, jobId, within } = event;
    const source = { trigger: 'webhook', webhookEventId, jobId, within } as const;
    return verdictOf(await this.settlement.apply(checkout, source, news), checkout);
  }

  /** The page's own event says the same; whichever comes first settles, once. */
  private async onTaken(taken: TakenPayment, event: ReceivedWebhook): Promise<WebhookVerdict> {
    const payment = await this.referred(taken, event);
    if (payment === undefined) return this.unknown(taken, event);
    // The page is not known here yet, so its event, or the question to the provider, settles.
    if (payment.sessionId === null) return { ...processed(payment), outcome: 'ignored', code: 'payment.page-awaited' };
    const { prescriptionId, paymentIntentId, amountCents, currency } = taken;
    const checkout: Checkout = {
      sessionId: payment.sessionId,
      url: null,
      status: 'complete',
      paid: true,
      amountCents,
      currency,
      paymentId: taken.paymentId ?? payment.id,
      prescriptionId: prescriptionId ?? payment.prescriptionId,
      paymentIntentId,
    };
    return this.onCheckout(checkout, event, 'state');
  }

  private async onRefund(told: ProviderRefund, event: ReceivedWebhook): Promise<WebhookVerdict> {
    const applied = await this.refunds.confirm(told, event);
    const { providerId } = told;
    if (applied === undefined) return this.parked('refund.unknown', { providerId, ...idsOf(told) }, event);
    if (applied.kind === 'mismatch') return mismatch(applied.payment, applied.findings, { providerId });
    return withRelated(processed(applied.payment), { refundId: applied.refund.id });
  }

  /** The sum only: each refund has an event of its own, which says which one it was. A sum that needs more waits for it. */
  private async onChargeRefunded(told: ChargeRefunds, event: ReceivedWebhook): Promise<WebhookVerdict> {
    const payment = await this.referred(told, event);
    if (payment === undefined) return this.unknown(told, event);
    const findings = chargeFindingsOf(payment, told);
    if (findings.length > 0) return mismatch(payment, findings);
    if (await this.refunds.confirmAll(payment, told.refundedCents)) return processed(payment);
    const known = processed(payment);
    return { ...known, ...this.parked('refund.unknown', { ...idsOf(told), ...known.related }, event) };
  }

  private async onDispute(told: ProviderDispute, event: ReceivedWebhook): Promise<WebhookVerdict> {
    const applied = await this.disputes.apply(told, event);
    const { providerId } = told;
    if (applied === undefined) return this.parked('dispute.unknown', { providerId, ...idsOf(told) }, event);
    if (applied.kind === 'mismatch') return mismatch(applied.payment, applied.findings, { providerId });
    return withRelated(processed(applied.payment), { disputeId: applied.disputeId });
  }

  /** The page stays open: the payer may try another card. */
  private async onDeclined(
    { reference, code }: Extract<PaymentNews, { kind: 'payment_declined' }>,
    event: ReceivedWebhook,
  ): Promise<WebhookVerdict> {
    const payment = await this.referred(reference, event);
    return payment === undefined
      ? this.unknown(reference, event)
      : { ...processed(payment), code: `payment.declined.${code}` };
  }

  /** Whose it is can be told all the same, so that nobody else sees it. */
  private async onUnknownWord(
    { code, reference }: Extract<PaymentNews, { kind: 'unknown_word' }>,
    event: ReceivedWebhook,
  ): Promise<WebhookVerdict> {
    const payment = await this.referred(reference, event);
    const about = payment === undefined ? {} : processed(payment);
    return { ...withRelated({ outcome: 'parked', ...about }, idsOf(reference)), outcome: 'parked', code };
  }

  private async referred(reference: PaymentReference, bound: Bound): Promise<Payment | undefined> {
    return admitted(await this.db.tx(systemContext, (tx) => this.payments.findReferred(tx, reference)), bound);
  }

  private unknown(reference: PaymentReference, event: ReceivedWebhook): WebhookVerdict {
    return this.parked('payment.unknown', idsOf(reference), event);
  }

  private parked(code: string, related: Readonly<Record<string, unknown>>, event: ReceivedWebhook): WebhookVerdict {
    return parkedFor(code, related, event, this.clock.now());
  }
}

function processed({ organizationId, prescriptionId, id }: Payment): WebhookVerdict {
  return { outcome: 'processed', organizationId, related: { prescriptionId, paymentId: id } };
}

function withRelated(verdict: WebhookVerdict, more: Readonly<Record<string, unknown>>): WebhookVerdict {
  return { ...verdict, related: { ...verdict.related, ...more } };
}

/** Money that fits nothing of ours, or not exactly, waits for a person; it never settles anything. */
function mismatch(
  payment: Payment,
  findings: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): WebhookVerdict {
  return {
    ...withRelated(processed(payment), { ...more, findings }),
    outcome: 'parked',
    ...(findings[0] !== undefined && { code: findings[0] }),
  };
}

function idsOf({ paymentId, paymentIntentId }: PaymentReference): Readonly<Record<string, unknown>> {
  return { ...(paymentId !== null && { paymentId }), ...(paymentIntentId !== null && { paymentIntentId }) };
}

function verdictOf(applied: Applied, { sessionId }: Checkout): WebhookVerdict {
  if (applied.kind === 'unknown') return { outcome: 'parked', code: 'payment.unknown', related: { sessionId } };
  if (applied.kind === 'mismatch') return mismatch(applied.payment, applied.findings, { sessionId });
  return processed(applied.payment);
}
