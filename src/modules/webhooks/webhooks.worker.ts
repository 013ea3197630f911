import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { codeOf, Handles, isHopeless, TryLater, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { WebhookEventsStore } from './webhook-events.store.js';
import { WebhookHandling } from './webhook-handling.service.js';
import { processWebhook } from './webhooks.jobs.js';

@Injectable()
export class WebhooksWorker {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly handling: WebhookHandling,
    private readonly events: WebhookEventsStore,
  ) {}

  @Handles(processWebhook)
  async process({ webhookEventId }: { webhookEventId: string }, run: JobRun): Promise<void> {
    const event = await this.db.tx(systemContext, (tx) => this.events.sealed(tx, webhookEventId));
    if (event === undefined) throw new Unrecoverable('webhook.not-found', 'the job names no webhook event');
    // A failed one comes back when its dead letter is redriven.
    if (event.status !== 'received' && event.status !== 'failed') return;
    const began = performance.now();
    const tookMs = () => Math.round(performance.now() - began);
    try {
      const verdict = await this.handling.handle(event);
      await this.db.tx(systemContext, async (tx) => {
        await this.events.settle(tx, event.id, verdict, { now: this.clock.now(), tookMs: tookMs() });
        await this.outbox.close(tx, run);
      });
    } catch (error) {
      if (error instanceof TryLater) throw error;
      const last = isHopeless(error) || run.attempt >= processWebhook.retry.attempts;
      const failure = { code: codeOf(error), last, tookMs: tookMs() };
      await this.db.tx(systemContext, (tx) => this.events.noteFailure(tx, event.id, failure));
      throw error;
    }
  }
}
