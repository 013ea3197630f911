import { Injectable, type OnModuleInit } from '@nestjs/common';
import { fail } from '../../platform/errors/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { WebhookSources, type Arrival, type ReceivedWebhook, type WebhookVerdict } from '../webhooks/index.js';
import {
  PaymentGateway,
  type Checkout,
  type PaymentNews,
  type ProviderRefund,
} from './gateways/payment-gateway.port.js';
import type { Payment } from './payment.entity.js';
import { PaymentsStore } from './payments.store.js';
import { Refunds } from './refunds.service.js';
import { Settlement, stripeSource, type Applied } from './settlement.service.js';

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
    private readonly sources: WebhookSources,
    private readonly gateway: PaymentGateway,
    private readonly payments: PaymentsStore,
    private readonly settlement: Settlement,
    private readonly refunds: Refunds,
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
        return this.onCheckout(news.checkout, event.id, news.kind === 'checkout_failed' ? 'failed' : 'state');
      case 'refund_changed':
        return this.onRefund(news.refund);
      case 'charge_refunded':
        return this.onChargeRefunded(news);
      case 'payment_declined':
        return this.onDeclined(news);
      case 'other':
        return { outcome: 'ignored' };
    }
  }

  private async onCheckout(
    checkout: Checkout,
    webhookEventId: string,
    news: 'state' | 'failed',
  ): Promise<WebhookVerdict> {
    return verdictOf(await this.settlement.apply(checkout, { trigger: 'webhook', webhookEventId }, news), checkout);
  }

  private async onRefund(told: ProviderRefund): Promise<WebhookVerdict> {
    const refund = await this.refunds.confirm(told);
    if (refund === undefined)
      return {
        outcome: 'parked',
        code: 'refund.unknown',
        related: { providerId: told.providerId, paymentIntentId: told.paymentIntentId },
      };
    const { organizationId, prescriptionId, paymentId, id } = refund;
    return { outcome: 'processed', organizationId, related: { prescriptionId, paymentId, refundId: id } };
  }

  /** The sum only: each refund has an event of its own, which says which one it was. */
  private async onChargeRefunded(news: Extract<PaymentNews, { kind: 'charge_refunded' }>): Promise<WebhookVerdict> {
    const { paymentIntentId } = news;
    const payment =
      paymentIntentId === null
        ? undefined
        : await this.db.tx(systemContext, (tx) => this.payments.findByIntent(tx, paymentIntentId));
    if (payment === undefined) return { outcome: 'parked', code: 'payment.unknown', related: { paymentIntentId } };
    await this.refunds.confirmAll(payment, news.refundedCents);
    return processed(payment);
  }

  private async onDeclined(news: Extract<PaymentNews, { kind: 'payment_declined' }>): Promise<WebhookVerdict> {
    const { paymentId } = news;
    const payment =
      paymentId === null ? undefined : await this.db.tx(systemContext, (tx) => this.payments.findById(tx, paymentId));
    if (payment === undefined) return { outcome: 'ignored', code: 'payment.unknown' };
    return { ...processed(payment), code: `payment.declined.${news.code}` };
  }
}

function processed(payment: Payment): WebhookVerdict {
  const { organizationId, prescriptionId, id } = payment;
  return { outcome: 'processed', organizationId, related: { prescriptionId, paymentId: id } };
}

/** Money that fits nothing of ours, or not exactly, waits for a person; it never settles anything. */
function verdictOf(applied: Applied, { sessionId }: Checkout): WebhookVerdict {
  if (applied.kind === 'unknown') return { outcome: 'parked', code: 'payment.unknown', related: { sessionId } };
  const about = processed(applied.payment);
  if (applied.kind !== 'mismatch') return about;
  const { findings } = applied;
  return {
    ...about,
    outcome: 'parked',
    ...(findings[0] !== undefined && { code: findings[0] }),
    related: { ...about.related, sessionId, findings },
  };
}
