import type { z } from 'zod';
import { alphanumeric } from '../core/ids.js';
import type { World } from '../core/world.js';
import { invalid, noSuch, StripeRefusal } from './stripe.errors.js';
import { StripeDisputes } from './stripe.disputes.js';
import { StripeEvents, type Caller } from './stripe.events.js';
import {
  findCard,
  newCharge,
  newIntent,
  nowSeconds,
  type CardError,
  type Charge,
  type CheckoutSession,
  type Dispute,
  type LineItem,
  type PaymentIntent,
  type Refund,
} from './stripe.objects.js';
import * as params from './stripe.params.js';
import { StripePrices } from './stripe.prices.js';

/** Stripe's bounds for the life of a session. */
const DEFAULT_LIFE_S = 24 * 3600;
const SHORTEST_LIFE_S = 30 * 60;
const nobody: Caller = { requestId: null, idempotencyKey: null };

/** The account: sessions, intents, charges, refunds. Each command is one effect, its ledger line and its events. */
export class StripeStore {
  readonly sessions = new Map<string, CheckoutSession>();
  readonly lineItems = new Map<string, LineItem[]>();
  readonly intents = new Map<string, PaymentIntent>();
  readonly charges = new Map<string, Charge>();
  readonly refunds = new Map<string, Refund>();
  readonly events: StripeEvents;
  readonly disputes: StripeDisputes;
  readonly prices: StripePrices;
  private readonly intentData = new Map<string, z.infer<typeof params.createSession>['payment_intent_data']>();

  constructor(private readonly world: World) {
    this.events = new StripeEvents(world);
    this.disputes = new StripeDisputes(world, this.events);
    this.prices = new StripePrices(world);
  }

  reset(): void {
    const maps = [this.sessions, this.lineItems, this.intents, this.charges, this.refunds, this.intentData];
    for (const map of maps) map.clear();
    this.disputes.reset();
    this.events.reset();
    this.prices.reset();
  }

  createSession(input: z.infer<typeof params.createSession>, caller: Caller, paymentLink?: string): CheckoutSession {
    const items = this.prices.lineItems(input.line_items);
    const created = nowSeconds();
    const expiresAt = input.expires_at ?? created + DEFAULT_LIFE_S;
    // A minute of slack: callers compute the bound before the request travels.
    if (expiresAt < created + SHORTEST_LIFE_S - 60 || expiresAt > created + DEFAULT_LIFE_S + 60) {
      throw invalid(
        'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.',
        {
          param: 'expires_at',
        },
      );
    }
    const total = items.reduce((sum, item) => sum + item.amount_total, 0);
    if (total > 0) params.demandPayable(total, "The Checkout Session's total amount due must add up to at least");
    const id = `cs_test_${alphanumeric(48)}`;
    const session: CheckoutSession = {
      id,
      object: 'checkout.session',
      amount_subtotal: total,
      amount_total: total,
      cancel_url: input.cancel_url ?? null,
      client_reference_id: input.client_reference_id ?? null,
      created,
      currency: items[0]?.currency ?? 'usd',
      customer: input.customer ?? null,
      customer_details: input.customer_email ? { email: input.customer_email, name: null, phone: null } : null,
      customer_email: input.customer_email ?? null,
      expires_at: expiresAt,
      livemode: false,
      locale: input.locale ?? null,
      metadata: input.metadata,
      mode: 'payment',
      payment_intent: null,
      payment_link: paymentLink ?? null,
      allowed_payment_method_types: input.allowed_payment_method_types ?? null,
      payment_method_types: params.methodsOffered(input.allowed_payment_method_types),
      payment_status: total === 0 ? 'no_payment_required' : 'unpaid',
      status: 'open',
      submit_type: input.submit_type ?? null,
      success_url: input.success_url ?? null,
      total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
      ui_mode: 'hosted_page',
      url: `${this.world.settings.url}/checkout/${id}`,
    };
    this.sessions.set(id, session);
    this.lineItems.set(id, items);
    if (input.payment_intent_data) this.intentData.set(id, input.payment_intent_data);
    this.record('checkout_session', caller.idempotencyKey ?? id, id, total, session.client_reference_id);
    this.world.scheduler.afterReal((expiresAt - created) * 1000, () => this.expireDue(id));
    return session;
  }

  session(id: string): CheckoutSession {
    const session = this.sessions.get(id);
    if (!session) throw noSuch('checkout.session', id);
    return session;
  }

  expireSession(id: string, caller: Caller = nobody): CheckoutSession {
    const session = this.session(id);
    if (session.status !== 'open') {
      throw invalid(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
      );
    }
    Object.assign(session, { status: 'expired', url: null });
    this.events.emit('checkout.session.expired', session, caller);
    return session;
  }

  /** A person pays on the page. Answers the card's error, or null when the money moved. */
  pay(id: string, cardNumber: string, email?: string): CardError | null {
    const session = this.session(id);
    if (session.status !== 'open') throw invalid(`This Checkout Session is ${session.status}.`);
    if (email) session.customer_details = { email, name: null, phone: null };
    if (session.amount_total > 0) {
      const intent = this.intentOf(session);
      const error = this.charge(intent, cardNumber, nobody, session.client_reference_id);
      if (error) return error;
    }
    Object.assign(session, { status: 'complete', url: null });
    if (session.amount_total > 0) session.payment_status = 'paid';
    this.events.emit('checkout.session.completed', session, nobody);
    return null;
  }

  createIntent(input: z.infer<typeof params.createIntent>, caller: Caller): PaymentIntent {
    params.demandPayable(input.amount, 'Amount must be at least', 'amount');
    const intent = this.addIntent({ ...input, customer: input.customer ?? null });
    intent.payment_method = input.payment_method ?? null;
    if (input.payment_method) intent.status = 'requires_confirmation';
    this.record('payment_intent', caller.idempotencyKey ?? intent.id, intent.id, intent.amount, null);
    this.events.emit('payment_intent.created', intent, caller);
    return input.confirm ? this.confirmIntent(intent.id, input.payment_method, caller) : intent;
  }

  confirmIntent(id: string, method: string | undefined, caller: Caller): PaymentIntent {
    const intent = this.intent(id);
    const paymentMethod = method ?? intent.payment_method;
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw invalid(`You cannot confirm this PaymentIntent because it has a status of ${intent.status}.`, {
        code: 'payment_intent_unexpected_state',
      });
    }
    if (!paymentMethod)
      throw invalid('You must provide a payment method.', { code: 'parameter_missing', param: 'payment_method' });
    const error = this.charge(intent, paymentMethod, caller, null);
    if (!error) return intent;
    throw new StripeRefusal(402, error.type, error.message, {
      code: error.code,
      decline_code: error.decline_code,
      payment_intent: { ...intent },
    });
  }

  cancelIntent(id: string, reason: string | undefined, caller: Caller): PaymentIntent {
    const intent = this.intent(id);
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw invalid(`You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`, {
        code: 'payment_intent_unexpected_state',
      });
    }
    Object.assign(intent, { status: 'canceled', canceled_at: nowSeconds(), cancellation_reason: reason ?? null });
    this.events.emit('payment_intent.canceled', intent, caller);
    return intent;
  }

  intent(id: string): PaymentIntent {
    const intent = this.intents.get(id);
    if (!intent) throw noSuch('payment_intent', id);
    return intent;
  }

  createRefund(input: z.infer<typeof params.createRefund>, caller: Caller): Refund {
    const charge = this.chargeToRefund(input);
    this.disputes.refuseRefund(charge.id);
    const left = charge.amount_captured - charge.amount_refunded;
    const amount = input.amount ?? left;
    if (left === 0)
      throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
    if (amount > left) {
      throw invalid(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, {
        param: 'amount',
      });
    }
    const refund: Refund = {
      id: `re_${alphanumeric(24)}`,
      object: 'refund',
      amount,
      charge: charge.id,
      created: nowSeconds(),
      currency: charge.currency,
      metadata: input.metadata,
      payment_intent: charge.payment_intent,
      reason: input.reason ?? null,
      status: 'succeeded',
    };
    const before = { amount_refunded: charge.amount_refunded, refunded: charge.refunded };
    this.refunds.set(refund.id, refund);
    charge.amount_refunded += amount;
    charge.refunded = charge.amount_refunded === charge.amount_captured;
    this.record('refund', caller.idempotencyKey ?? charge.payment_intent, refund.id, amount, charge.payment_intent);
    this.events.emit('refund.created', refund, caller);
    this.events.emit('charge.refunded', charge, caller, before);
    this.events.emit('refund.updated', refund, caller);
    return refund;
  }

  /** The bank of whoever paid takes the payment back, or asks about it. */
  dispute(sessionId: string, input: z.infer<typeof params.openDispute>): Dispute {
    const { payment_intent: intentId } = this.session(sessionId);
    const chargeId = intentId === null ? null : this.intent(intentId).latest_charge;
    const charge = chargeId === null ? undefined : this.charges.get(chargeId);
    if (!charge?.paid) throw invalid('Nothing was paid on this Checkout Session.');
    return this.disputes.open(charge, input);
  }

  private expireDue(id: string): void {
    if (this.sessions.get(id)?.status === 'open') this.expireSession(id);
  }

  private chargeToRefund(input: z.infer<typeof params.createRefund>): Charge {
    const wanted = input.charge ?? (input.payment_intent ? this.intent(input.payment_intent).latest_charge : undefined);
    if (wanted === undefined)
      throw invalid('One of the following params should be provided: payment_intent or charge.');
    const charge = wanted === null ? undefined : this.charges.get(wanted);
    if (!charge?.paid) throw invalid('This PaymentIntent does not have a successful charge to refund.');
    return charge;
  }

  /** Stripe makes the intent of a session when the first card is tried. */
  private intentOf(session: CheckoutSession): PaymentIntent {
    if (session.payment_intent) return this.intent(session.payment_intent);
    const data = this.intentData.get(session.id);
    const intent = this.addIntent({
      amount: session.amount_total,
      currency: session.currency,
      customer: session.customer,
      description: data?.description,
      receipt_email: data?.receipt_email,
      metadata: data?.metadata ?? {},
      payment_method_types: session.payment_method_types,
    });
    session.payment_intent = intent.id;
    this.events.emit('payment_intent.created', intent, nobody);
    return intent;
  }

  private addIntent(input: Parameters<typeof newIntent>[0]): PaymentIntent {
    const intent = newIntent(input);
    this.intents.set(intent.id, intent);
    return intent;
  }

  private charge(intent: PaymentIntent, method: string, caller: Caller, reference: string | null): CardError | null {
    const card = findCard(method);
    const charge = newCharge(intent, card);
    this.charges.set(charge.id, charge);
    intent.latest_charge = charge.id;
    if (card.error) {
      Object.assign(intent, { status: 'requires_payment_method', last_payment_error: card.error });
      this.events.emit('charge.failed', charge, caller);
      this.events.emit('payment_intent.payment_failed', intent, caller);
      return card.error;
    }
    intent.payment_method = charge.payment_method;
    Object.assign(intent, { status: 'succeeded', amount_received: intent.amount, last_payment_error: null });
    this.record('charge', intent.id, charge.id, charge.amount, reference);
    this.events.emit('charge.succeeded', charge, caller);
    this.events.emit('payment_intent.succeeded', intent, caller);
    return null;
  }

  private record(kind: string, key: string, id: string, amountCents: number, reference: string | null): void {
    this.world.ledger.record({ vendor: 'stripe', kind, key, id, digest: { amountCents, reference } });
  }
}
