import { Inject, Injectable } from '@nestjs/common';
import { rotatingSecrets, type Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import {
  verifyCredentials,
  WebhookInbox,
  WebhookSignatures,
  type IncomingWebhook,
  type ReceivedAnswer,
  type SourceCredentials,
} from '../webhooks/index.js';
import { lifefileArrivals } from './lifefile-body.js';
import { lifefileSource } from './lifefile.policy.js';

export interface LifefilePush {
  raw: Buffer | undefined;
  /** What the body says, where it came as JSON and was read on the way. */
  json: unknown;
  headers: IncomingWebhook['headers'];
  signature: string | undefined;
  authorization: string | undefined;
  token: string | undefined;
  /** Of the connection, or what a declared proxy says of it. */
  address: string;
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
    const { raw = Buffer.alloc(0), headers, json } = push;
    const verdict = verifyCredentials(this.credentials, { ...push, body: raw });
    await this.signatures.demand(lifefileSource, verdict, push.address);
    const arrivals = this.signatures.read(lifefileSource, () => lifefileArrivals(raw, headers, json));
    const told = await Promise.all(
      arrivals.map((arrival) => this.inbox.receive({ source: lifefileSource, ...arrival })),
    );
    const [first] = told;
    if (first === undefined) throw new Error('a body has at least one part');
    return { eventId: first.eventId, duplicate: told.every(({ duplicate }) => duplicate) };
  }
}
