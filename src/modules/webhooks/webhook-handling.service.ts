import { Injectable } from '@nestjs/common';
import { Keyring } from '../../platform/crypto/index.js';
import { Unrecoverable } from '../../platform/jobs/index.js';
import type { SealedWebhook } from './webhook-events.store.js';
import { headersPlace, importedHeader, rawPlace } from './webhook-inbox.js';
import { WebhookSources, type ReceivedWebhook, type WebhookVerdict } from './webhook-sources.js';

/** The vendor's own row of the event is handled by itself; twice is not for every source the same as once. */
const repeat: WebhookVerdict = { outcome: 'ignored', code: 'webhook.repeat' };

/** Opens an event and hands it to whoever registered its source. */
@Injectable()
export class WebhookHandling {
  constructor(
    private readonly keyring: Keyring,
    private readonly sources: WebhookSources,
  ) {}

  /** @throws Unrecoverable `webhook.no-handler`, `webhook.foreign-organization`, and whatever the handler throws */
  async handle(event: SealedWebhook, jobId?: string): Promise<WebhookVerdict> {
    const source = this.sources.of(event.source);
    if (source === undefined) throw new Unrecoverable('webhook.no-handler', 'no module registered this source');
    if (event.isRepeat) return repeat;
    const received = { ...this.open(event), jobId };
    const said = await source.handle(received);
    const verdict = typeof said === 'string' ? { outcome: said } : said;
    // Each source leaves alone what is not the importer's; one that forgets must not do so in silence.
    if (isForeign(verdict, received)) {
      throw new Unrecoverable('webhook.foreign-organization', 'an imported event reached another organization');
    }
    return verdict;
  }

  open({
    id,
    organizationId,
    source,
    eventType,
    receivedAt,
    rawSealed,
    headersSealed,
  }: SealedWebhook): ReceivedWebhook {
    const headers = JSON.parse(this.keyring.openText(headersPlace(id), headersSealed)) as Record<string, string>;
    const isBound = headers[importedHeader] === 'true' && organizationId !== null;
    return {
      id,
      source,
      eventType,
      receivedAt,
      raw: this.keyring.open(rawPlace(id), rawSealed),
      headers,
      ...(isBound && { within: organizationId }),
    };
  }
}

function isForeign({ organizationId }: WebhookVerdict, { within }: ReceivedWebhook): boolean {
  return within !== undefined && organizationId !== undefined && organizationId !== within;
}
