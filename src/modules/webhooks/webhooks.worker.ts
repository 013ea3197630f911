import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, fold, systemContext } from '../../platform/db/index.js';
import { codeOf, Handles, isHopeless, TryLater, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { WebhookEventsStore, type SealedWebhook, type SettledWebhook } from './webhook-events.store.js';
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
    const event = await this.sealed(webhookEventId);
    if (event === undefined) throw new Unrecoverable('webhook.not-found', 'the job names no webhook event');
    // A failed one comes back when its dead letter is redriven.
    if (event.status !== 'received' && event.status !== 'failed') return;
    const began = performance.now();
    const tookMs = () => Math.round(performance.now() - began);
    try {
      const verdict = await this.handling.handle(event, run.outboxId);
      await this.settle({ id: event.id, verdict, tookMs: tookMs(), run });
    } catch (error) {
      if (error instanceof TryLater) throw error;
      const last = isHopeless(error) || run.attempt >= processWebhook.retry.attempts;
      const failure = { code: codeOf(error), last, tookMs: tookMs() };
      await this.db.tx(systemContext, (tx) => this.events.noteFailure(tx, event.id, failure));
      throw error;
    }
  }

  /** Vendors tell in bursts: what comes together is read and settled together. */
  private readonly sealed: (id: string) => Promise<SealedWebhook | undefined> = fold(
    async (ids) => {
      const found = await this.db.tx(systemContext, (tx) => this.events.sealed(tx, ids));
      const events = new Map(found.map((event) => [event.id, event]));
      return ids.map((id) => events.get(id));
    },
    { mostItems: 20, mostBatches: 2 },
  );

  private readonly settle: (settled: SettledWebhook & { run: JobRun }) => Promise<void> = fold(
    async (settled) => {
      await this.db.tx(systemContext, async (tx) => {
        await this.events.settle(tx, settled, this.clock.now());
        await this.outbox.close(tx, ...settled.map(({ run }) => run));
      });
      return settled.map(() => undefined);
    },
    { mostItems: 50, mostBatches: 1, apart: true },
  );
}
