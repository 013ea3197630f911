import { Injectable } from '@nestjs/common';
import { Keyring } from '../../platform/crypto/index.js';
import { Unrecoverable } from '../../platform/jobs/index.js';
import type { SealedWebhook } from './webhook-events.store.js';
import { headersPlace, rawPlace } from './webhook-inbox.js';
import { WebhookSources, type ReceivedWebhook, type WebhookVerdict } from './webhook-sources.js';

/** Opens an event and hands it to whoever registered its source. */
@Injectable()
export class WebhookHandling {
  constructor(
    private readonly keyring: Keyring,
    private readonly sources: WebhookSources,
  ) {}

  /** @throws Unrecoverable `webhook.no-handler`, and whatever the handler throws */
  async handle(event: SealedWebhook): Promise<WebhookVerdict> {
    const source = this.sources.of(event.source);
    if (source === undefined) throw new Unrecoverable('webhook.no-handler', 'no module registered this source');
    const verdict = await source.handle(this.open(event));
    return typeof verdict === 'string' ? { outcome: verdict } : verdict;
  }

  open({ id, source, eventType, receivedAt, rawSealed, headersSealed }: SealedWebhook): ReceivedWebhook {
    return {
      id,
      source,
      eventType,
      receivedAt,
      raw: this.keyring.open(rawPlace(id), rawSealed),
      headers: JSON.parse(this.keyring.openText(headersPlace(id), headersSealed)) as Record<string, string>,
    };
  }
}
