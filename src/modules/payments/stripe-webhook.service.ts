import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { WebhookInbox, WebhookSignatures, type IncomingWebhook, type ReceivedAnswer } from '../webhooks/index.js';
import { PaymentGateway } from './gateways/payment-gateway.port.js';
import { stripeSource } from './stripe-inbox.js';
import { stripeArrival } from './stripe-source.js';

export interface StripePush {
  raw: Buffer | undefined;
  signature: string | undefined;
  headers: IncomingWebhook['headers'];
  /** Of the connection. */
  address: string;
}

/** Everything that happens while Stripe waits for our answer: the signature, and one row. */
@Injectable()
export class StripeWebhook {
  constructor(
    private readonly clock: Clock,
    private readonly gateway: PaymentGateway,
    private readonly signatures: WebhookSignatures,
    private readonly inbox: WebhookInbox,
  ) {}

  /** @throws webhook.stripe-signature-invalid, request.malformed, service.unavailable */
  async receive({ raw = Buffer.alloc(0), signature, headers, address }: StripePush): Promise<ReceivedAnswer> {
    const verdict = this.gateway.verify(raw, signature, this.clock.now());
    await this.signatures.demand(stripeSource, verdict, address);
    const arrival = this.signatures.read(stripeSource, () => stripeArrival(this.gateway, raw, headers));
    return this.inbox.receive({ source: stripeSource, ...arrival });
  }
}
