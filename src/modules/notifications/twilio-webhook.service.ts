import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { rotatingSecrets, type Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { fail } from '../../platform/errors/index.js';
import {
  verifyTwilioSignature,
  WebhookInbox,
  WebhookSignatures,
  type IncomingWebhook,
  type ReceivedAnswer,
} from '../webhooks/index.js';
import { inboundSource, statusSource } from './twilio-words.js';

export interface TwilioRequest {
  raw: Buffer | undefined;
  /** Path and query as Twilio called them. */
  url: string;
  /** The form as the platform parsed it. */
  fields: unknown;
  signature: string | undefined;
  headers: IncomingWebhook['headers'];
}

const form = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const envelope = z.looseObject({
  MessageSid: z.string().regex(/^\w{1,64}$/),
  MessageStatus: z
    .string()
    .regex(/^\w{1,20}$/)
    .optional(),
});

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
  async receiveStatus(request: TwilioRequest): Promise<ReceivedAnswer> {
    const { MessageSid: sid, MessageStatus: status = 'none' } = await this.checked(statusSource, request);
    return this.keep(statusSource, `${sid}${status}`, status, request);
  }

  /** @throws webhook.signature-invalid, request.malformed, service.unavailable */
  async receiveInbound(request: TwilioRequest): Promise<ReceivedAnswer> {
    const { MessageSid: sid } = await this.checked(inboundSource, request);
    return this.keep(inboundSource, sid, 'inbound', request);
  }

  private async checked(
    source: string,
    { url, fields, signature, raw }: TwilioRequest,
  ): Promise<z.infer<typeof envelope>> {
    const params = form.safeParse(fields);
    const base = (this.config.PUBLIC_URL ?? `http://localhost:${this.config.PORT}`).replace(/\/+$/, '');
    const verdict = verifyTwilioSignature({
      header: signature,
      url: `${base}${url}`,
      params: params.data,
      body: raw,
      authTokens: this.authTokens,
    });
    await this.signatures.demand(source, verdict);
    const parsed = envelope.safeParse(params.data);
    if (!parsed.success) throw fail('request.malformed');
    return parsed.data;
  }

  private keep(
    source: string,
    dedupeKey: string,
    eventType: string,
    { raw = Buffer.alloc(0), headers }: TwilioRequest,
  ): Promise<ReceivedAnswer> {
    return this.inbox.receive({ source, dedupeKey, eventType, raw, headers });
  }
}
