import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { codeOf, Handles, isHopeless, TryLater, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { headersPlace, rawPlace } from './webhook-inbox.js';
import { WebhookEventsStore, type SealedWebhook } from './webhook-events.store.js';
import { WebhookSources, type ReceivedWebhook, type WebhookVerdict } from './webhook-sources.js';
import { processWebhook } from './webhooks.jobs.js';

@Injectable()
export class WebhooksWorker {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly keyring: Keyring,
    private readonly outbox: Outbox,
    private readonly sources: WebhookSources,
    private readonly events: WebhookEventsStore,
  ) {}

  @Handles(processWebhook)
  async process({ webhookEventId }: { webhookEventId: string }, run: JobRun): Promise<void> {
    const event = await this.db.tx(systemContext, (tx) => this.events.sealed(tx, webhookEventId));
    if (event === undefined) throw new Unrecoverable('webhook.not-found', 'the job names no webhook event');
    // A failed one comes back when its dead letter is redriven.
    if (event.status !== 'received' && event.status !== 'failed') return;
    try {
      const verdict = await this.handle(event);
      await this.db.tx(systemContext, async (tx) => {
        await this.events.settle(tx, event.id, verdict, this.clock.now());
        await this.outbox.close(tx, run);
      });
    } catch (error) {
      if (error instanceof TryLater) throw error;
      const last = isHopeless(error) || run.attempt >= processWebhook.retry.attempts;
      await this.db.tx(systemContext, (tx) => this.events.noteFailure(tx, event.id, codeOf(error), last));
      throw error;
    }
  }

  private async handle(event: SealedWebhook): Promise<WebhookVerdict> {
    const source = this.sources.of(event.source);
    if (source === undefined) throw new Unrecoverable('webhook.no-handler', 'no module registered this source');
    const verdict = await source.handle(this.open(event));
    return typeof verdict === 'string' ? { outcome: verdict } : verdict;
  }

  private open({ id, source, eventType, receivedAt, rawSealed, headersSealed }: SealedWebhook): ReceivedWebhook {
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
