import { Inject, Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { rotatingSecrets, type Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { Refused } from '../../../platform/effects/index.js';
import { toleranceSeconds, type SignatureVerdict } from '../../webhooks/index.js';
import {
  PaymentGateway,
  type Checkout,
  type CheckoutRequest,
  type PaymentNews,
  type ProviderRefund,
  type RefundRequest,
} from './payment-gateway.port.js';
import { stripeAddressOf } from './stripe.address.js';
import { vendorErrorOf } from './stripe.errors.js';
import { checkoutOf, envelopeOf, newsOf, refundOf } from './stripe.events.js';

/** Twice this, for the SDK's own repeat with the same key, stays below the hold of an effect (45 s). */
const timeoutMs = 15_000;
const pageSize = 100;
/** Of sessions made since a lost answer; more than this many in that time are not searched. */
const mostSearched = 5_000;

/** Stripe Checkout through Stripe's own SDK. */
@Injectable()
export class StripeGateway extends PaymentGateway {
  private readonly stripe: Stripe | undefined;
  private readonly webhookSecrets: readonly string[];

  constructor(@Inject(CONFIG) config: Pick<Config, 'STRIPE_SECRET_KEY' | 'STRIPE_API_BASE' | 'STRIPE_WEBHOOK_SECRET'>) {
    super();
    const { STRIPE_SECRET_KEY: key, STRIPE_API_BASE: base } = config;
    this.stripe =
      key === undefined
        ? undefined
        : new Stripe(key, { ...stripeAddressOf(base), timeout: timeoutMs, maxNetworkRetries: 1, telemetry: false });
    this.webhookSecrets = rotatingSecrets(config.STRIPE_WEBHOOK_SECRET);
  }

  openCheckout(request: CheckoutRequest, key: string): Promise<Checkout> {
    const ours = { prescription_id: request.prescriptionId, payment_id: request.paymentId };
    return this.ask(async (stripe) =>
      checkoutOf(
        await stripe.checkout.sessions.create(
          {
            mode: 'payment',
            // Cards, HSA and FSA cards among them, and the wallets that hold them. What else the account has on (a bank debit) may
            // be unpaid for days on a page that is complete: nothing to remind of, and nothing to close before the next page.
            allowed_payment_method_types: ['card'],
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: request.currency.toLowerCase(),
                  unit_amount: request.amountCents,
                  product_data: { name: request.description },
                },
              },
            ],
            client_reference_id: request.paymentId,
            metadata: ours,
            payment_intent_data: { metadata: ours },
            success_url: request.successUrl,
            cancel_url: request.cancelUrl,
            expires_at: Math.floor(request.expiresAt.getTime() / 1000),
          },
          { idempotencyKey: key },
        ),
      ),
    );
  }

  findCheckout(paymentId: string, since: Date): Promise<Checkout | undefined> {
    return this.ask(async (stripe) => {
      let searched = 0;
      const created = { gte: Math.floor(since.getTime() / 1000) };
      for await (const session of stripe.checkout.sessions.list({ created, limit: pageSize })) {
        if (session.client_reference_id === paymentId) return checkoutOf(session);
        searched += 1;
        if (searched >= mostSearched) break;
      }
      return undefined;
    });
  }

  checkout(sessionId: string): Promise<Checkout> {
    return this.ask(async (stripe) => checkoutOf(await stripe.checkout.sessions.retrieve(sessionId)));
  }

  expireCheckout(sessionId: string): Promise<Checkout> {
    return this.ask(async (stripe) => {
      try {
        return checkoutOf(await stripe.checkout.sessions.expire(sessionId));
      } catch (error) {
        // Only open sessions can be expired; what became of this one is what the caller needs to know.
        if (!(error instanceof Stripe.errors.StripeInvalidRequestError) || error.statusCode !== 400) throw error;
        return checkoutOf(await stripe.checkout.sessions.retrieve(sessionId));
      }
    });
  }

  refund(request: RefundRequest, key: string): Promise<ProviderRefund> {
    return this.ask(async (stripe) =>
      refundOf(
        await stripe.refunds.create(
          {
            payment_intent: request.paymentIntentId,
            amount: request.amountCents,
            reason: 'requested_by_customer',
            metadata: { refund_id: request.refundId },
          },
          { idempotencyKey: key },
        ),
      ),
    );
  }

  findRefund(request: RefundRequest): Promise<ProviderRefund | undefined> {
    return this.ask(async (stripe) => {
      for await (const refund of stripe.refunds.list({ payment_intent: request.paymentIntentId, limit: pageSize })) {
        if (refund.metadata?.['refund_id'] === request.refundId) return refundOf(refund);
      }
      return undefined;
    });
  }

  refundState(providerId: string): Promise<ProviderRefund> {
    return this.ask(async (stripe) => refundOf(await stripe.refunds.retrieve(providerId)));
  }

  verify(raw: Buffer, signature: string | undefined, now: Date): SignatureVerdict {
    if (this.webhookSecrets.length === 0) return 'unconfigured';
    if (signature === undefined || signature === '') return 'missing';
    const matches = this.webhookSecrets.map((secret) => isSigned(raw, signature, secret, now));
    return matches.includes(true) ? 'valid' : 'mismatch';
  }

  envelope(raw: Buffer): { id: string; type: string } {
    return envelopeOf(raw);
  }

  read(raw: Buffer): PaymentNews {
    return newsOf(raw);
  }

  private async ask<T>(question: (stripe: Stripe) => Promise<T>): Promise<T> {
    if (this.stripe === undefined) throw new Refused('vendor.off', 'STRIPE_SECRET_KEY is not set');
    try {
      return await question(this.stripe);
    } catch (error) {
      throw vendorErrorOf(error);
    }
  }
}

function isSigned(raw: Buffer, signature: string, secret: string, now: Date): boolean {
  try {
    Stripe.webhooks.constructEvent(raw, signature, secret, toleranceSeconds, undefined, now.getTime());
    return true;
  } catch {
    return false;
  }
}
