import { Inject, Injectable } from '@nestjs/common';
import { rotatingSecrets, type Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import {
  verifyHexHmac,
  WebhookInbox,
  WebhookSignatures,
  type IncomingWebhook,
  type ReceivedAnswer,
} from '../webhooks/index.js';
import { LabelGateway } from './gateways/label-gateway.port.js';
import { lifefileSource } from './lifefile-updates.js';
import { lifefileDedupeKey, readPharmacyUpdate } from './lifefile.policy.js';
import { shippoSource } from './shippo-updates.js';

export interface IncomingPush {
  raw: Buffer | undefined;
  headers: IncomingWebhook['headers'];
}

/** Everything that happens while a carrier or pharmacy waits for our answer: the signature, and one row. */
@Injectable()
export class CarrierWebhooks {
  private readonly lifefileSecrets: readonly string[];

  constructor(
    private readonly clock: Clock,
    private readonly gateway: LabelGateway,
    private readonly signatures: WebhookSignatures,
    private readonly inbox: WebhookInbox,
    @Inject(CONFIG) config: Pick<Config, 'LIFEFILE_WEBHOOK_SECRET'>,
  ) {
    this.lifefileSecrets = rotatingSecrets(config.LIFEFILE_WEBHOOK_SECRET);
  }

  /** @throws webhook.signature-invalid, service.unavailable */
  async shippo(
    { raw = Buffer.alloc(0), headers }: IncomingPush,
    by: { signature: string | undefined; token: string | undefined },
  ): Promise<ReceivedAnswer> {
    await this.signatures.demand(shippoSource, this.gateway.verify({ raw, ...by, now: this.clock.now() }));
    const news = this.gateway.read(raw);
    return this.inbox.receive({
      source: shippoSource,
      dedupeKey: news?.track?.report?.dedupeKey ?? sha256(raw),
      eventType: news?.eventType ?? 'unreadable',
      raw,
      headers,
    });
  }

  /** Bodies of another form than the documented one are kept too. @throws webhook.signature-invalid, service.unavailable */
  async lifefile(
    { raw = Buffer.alloc(0), headers }: IncomingPush,
    signature: string | undefined,
  ): Promise<ReceivedAnswer> {
    const verdict = verifyHexHmac({ header: signature, body: raw, secrets: this.lifefileSecrets });
    await this.signatures.demand(lifefileSource, verdict);
    const update = readPharmacyUpdate(raw);
    return this.inbox.receive({
      source: lifefileSource,
      dedupeKey: lifefileDedupeKey(update) ?? sha256(raw),
      eventType: update === undefined ? 'undocumented' : `${update.eventType} ${update.word}`,
      raw,
      headers,
    });
  }
}
