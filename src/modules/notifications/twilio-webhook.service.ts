import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { rotatingSecrets, type Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import {
  verifyTwilioSignature,
  WebhookInbox,
  WebhookSignatures,
  type IncomingWebhook,
  type ReceivedAnswer,
} from '../webhooks/index.js';
import { twilioArrival } from './twilio-arrival.js';
import { inboundSource, statusSource, type TwilioSourceName } from './twilio-words.js';

export interface TwilioRequest {
  raw: Buffer | undefined;
  /** Path and query as Twilio called them. */
  url: string;
  /** The form as the platform parsed it. */
  fields: unknown;
  signature: string | undefined;
  headers: IncomingWebhook['headers'];
  /** Of the connection. */
  address: string;
}

const form = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** Everything that happens while Twilio waits for our answer: the signature, and one row. */
@Injectable()
export class TwilioWebhook {
  private readonly authTokens: readonly string[];

  constructor(
    private readonly signatures: WebhookSignatures,
    private readonly inbox: WebhookInbox,
    @Inject(CONFIG) private readonly config: Pick<Config, 'PUBLIC_URL' | 'PORT' | 'TWILIO_AUTH_TOKEN'>,
  ) {
    this.authTokens = rotatingSecrets(config.TWILIO_AUTH_TOKEN);
  }

  /** One row per message and status. @throws webhook.signature-invalid, request.malformed, service.unavailable */
  receiveStatus(request: TwilioRequest): Promise<ReceivedAnswer> {
    return this.receive(statusSource, request);
  }

  /** @throws webhook.signature-invalid, request.malformed, service.unavailable */
  receiveInbound(request: TwilioRequest): Promise<ReceivedAnswer> {
    return this.receive(inboundSource, request);
  }

  private async receive(source: TwilioSourceName, request: TwilioRequest): Promise<ReceivedAnswer> {
    const { url, fields, signature, raw = Buffer.alloc(0), headers, address } = request;
    const params = form.safeParse(fields);
    const base = (this.config.PUBLIC_URL ?? `http://localhost:${this.config.PORT}`).replace(/\/+$/, '');
    const verdict = verifyTwilioSignature({
      header: signature,
      url: `${base}${url}`,
      params: params.data,
      body: raw,
      authTokens: this.authTokens,
    });
    await this.signatures.demand(source, verdict, address);
    const arrival = this.signatures.read(source, () => twilioArrival(source, params.data, raw, headers));
    return this.inbox.receive({ source, ...arrival });
  }
}
