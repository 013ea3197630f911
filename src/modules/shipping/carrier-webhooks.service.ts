import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { WebhookInbox, WebhookSignatures, type IncomingWebhook, type ReceivedAnswer } from '../webhooks/index.js';
import { LabelGateway } from './gateways/label-gateway.port.js';
import { shippoArrival, shippoSource } from './shippo-updates.js';

export interface IncomingPush {
  raw: Buffer | undefined;
  headers: IncomingWebhook['headers'];
  /** Of the connection. */
  address: string;
}

/** Everything that happens while a carrier waits for our answer: the signature, and one row. */
@Injectable()
export class CarrierWebhooks {
  constructor(
    private readonly clock: Clock,
    private readonly gateway: LabelGateway,
    private readonly signatures: WebhookSignatures,
    private readonly inbox: WebhookInbox,
  ) {}

  /** @throws webhook.signature-invalid, service.unavailable */
  async shippo(
    { raw = Buffer.alloc(0), headers, address }: IncomingPush,
    by: { signature: string | undefined; token: string | undefined },
  ): Promise<ReceivedAnswer> {
    const verdict = this.gateway.verify({ raw, ...by, now: this.clock.now() });
    await this.signatures.demand(shippoSource, verdict, address);
    return this.inbox.receive({ source: shippoSource, ...shippoArrival(this.gateway, raw, headers) });
  }
}
