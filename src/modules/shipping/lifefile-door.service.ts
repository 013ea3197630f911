import { Inject, Injectable } from '@nestjs/common';
import { rotatingSecrets, type Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { requestContext } from '../../platform/http/index.js';
import {
  verifyCredentials,
  WebhookInbox,
  WebhookSignatures,
  type IncomingWebhook,
  type ReceivedAnswer,
  type SourceCredentials,
} from '../webhooks/index.js';
import { readLifefileBody, type LifefilePart } from './lifefile-body.js';
import { lifefileSource } from './lifefile-updates.js';
import { lifefileDedupeKey } from './lifefile.policy.js';

export interface LifefilePush {
  raw: Buffer | undefined;
  headers: IncomingWebhook['headers'];
  signature: string | undefined;
  authorization: string | undefined;
  token: string | undefined;
}

type Settings = Pick<
  Config,
  | 'LIFEFILE_WEBHOOK_SECRET'
  | 'LIFEFILE_WEBHOOK_BASIC'
  | 'LIFEFILE_WEBHOOK_BEARER'
  | 'LIFEFILE_WEBHOOK_TOKEN'
  | 'LIFEFILE_WEBHOOK_ADDRESSES'
>;

/** Everything that happens while a partner pharmacy waits for our answer: who it is, and one row per prescription. */
@Injectable()
export class LifefileDoor {
  private readonly credentials: SourceCredentials;

  constructor(
    private readonly signatures: WebhookSignatures,
    private readonly inbox: WebhookInbox,
    @Inject(CONFIG) config: Settings,
  ) {
    this.credentials = {
      hmac: rotatingSecrets(config.LIFEFILE_WEBHOOK_SECRET),
      basic: rotatingSecrets(config.LIFEFILE_WEBHOOK_BASIC),
      bearer: rotatingSecrets(config.LIFEFILE_WEBHOOK_BEARER),
      token: rotatingSecrets(config.LIFEFILE_WEBHOOK_TOKEN),
      addresses: rotatingSecrets(config.LIFEFILE_WEBHOOK_ADDRESSES),
    };
  }

  /**
   * @returns the event of the first prescription; a duplicate when all were known
   * @throws webhook.signature-invalid, lifefile.body-unreadable, lifefile.too-many-parts, service.unavailable: then the sender
   * repeats the body, and what of it was stored before is a repeat
   */
  async receive(push: LifefilePush): Promise<ReceivedAnswer> {
    const { raw = Buffer.alloc(0), headers } = push;
    const given = { ...push, body: raw, address: requestContext()?.ip };
    await this.signatures.demand(lifefileSource, verifyCredentials(this.credentials, given));
    const parts = readLifefileBody(raw);
    const told = await Promise.all(
      parts.map((part, index) => this.inbox.receive(eventOf(part, headersOf(headers, index, parts.length)))),
    );
    const [first] = told;
    if (first === undefined) throw new Error('a body has at least one part');
    return { eventId: first.eventId, duplicate: told.every(({ duplicate }) => duplicate) };
  }
}

function eventOf({ raw, update }: LifefilePart, headers: IncomingWebhook['headers']): IncomingWebhook {
  return {
    source: lifefileSource,
    dedupeKey: lifefileDedupeKey(update) ?? sha256(raw),
    eventType: update === undefined ? 'undocumented' : `${update.eventType} ${update.word}`,
    raw,
    headers,
  };
}

/** The signature is of the whole body, and a stored part must say that it is one. */
function headersOf(headers: IncomingWebhook['headers'], index: number, count: number): IncomingWebhook['headers'] {
  return count === 1 ? headers : { ...headers, 'x-part-of-body': `${index + 1}/${count}` };
}
