import { Logger } from '@nestjs/common';
import type { Clock } from '../clock/index.js';
import type { OutboxStore } from '../outbox/outbox.store.js';
import type { HandlerTable } from './handler-table.js';
import type { JobRun } from './definition.js';
import type { QueueBackend, QueuedJob } from './queue-backend.js';
import { queues, type QueueName } from './queues.js';
import { backoffMs, codeOf, isHopeless, TryLater, Unrecoverable } from './retry.js';

export interface WorkerHostOptions {
  queues: readonly QueueName[];
  leaseMs: number;
  /** Compresses every back-off, for tests and the demo. */
  backoffScale: number;
  observe: (job: string, outcome: 'done' | 'failed' | 'later' | 'dead' | 'stale', seconds: number) => void;
}

/** Runs without an end (killed meanwhile, or postponed for more than a day) beyond the counted attempts; more is no bad luck. */
const mostUnended = 30;

/** Runs the jobs of the chosen queues. What happened is noted in the outbox row; the queue only says "look". */
export class WorkerHost {
  private readonly logger = new Logger(WorkerHost.name);

  constructor(
    private readonly backend: QueueBackend,
    private readonly handlers: HandlerTable,
    private readonly store: OutboxStore,
    private readonly clock: Clock,
    private readonly options: WorkerHostOptions,
  ) {}

  start(): void {
    for (const name of this.options.queues) {
      this.backend.worker(name, queues[name].concurrency, (subscriber, data) => this.process(subscriber, data));
    }
  }

  private async process(subscriber: string, data: QueuedJob): Promise<void> {
    const started = performance.now();
    const observe = (outcome: Parameters<WorkerHostOptions['observe']>[1]) =>
      this.options.observe(subscriber, outcome, (performance.now() - started) / 1000);
    const attempt = await this.store.start({ ...data, leaseMs: this.options.leaseMs });
    if (attempt === undefined) {
      observe('stale');
      return;
    }
    const run: JobRun = { outboxId: data.id, attempt, closed: false };
    try {
      this.refusePoison(subscriber, attempt);
      await this.handlers.handle(subscriber, data.payload, run);
      if (!run.closed) await this.store.finish(run.outboxId);
      observe('done');
    } catch (error) {
      observe(await this.noteFailure(subscriber, run, error));
      if (!(error instanceof TryLater)) throw new Error(codeOf(error)); // Bull Board shows the code, never a message
    }
  }

  /** A job that ends its process is never noted as failed: without this it would end every process, for ever. */
  private refusePoison(subscriber: string, attempt: number): void {
    if (attempt <= this.handlers.definition(subscriber).retry.attempts + mostUnended) return;
    throw new Unrecoverable('job.never-ended', 'the job was started again and again and never came to an end');
  }

  private async noteFailure(subscriber: string, run: JobRun, error: unknown): Promise<'failed' | 'later' | 'dead'> {
    const { retry } = this.handlers.definition(subscriber);
    const later = error instanceof TryLater;
    const ended = !later && (isHopeless(error) || run.attempt >= retry.attempts);
    const waitMs = later ? error.afterMs : backoffMs(retry, run.attempt, this.options.backoffScale);
    const code = codeOf(error);
    await this.store.noteFailure({
      outboxId: run.outboxId,
      code,
      dueAt: ended ? undefined : new Date(this.clock.now().getTime() + waitMs),
      countsAsAttempt: !later,
    });
    if (!later) {
      this.logger.warn({
        msg: ended ? 'job ended as dead letter' : 'job failed',
        job: subscriber,
        code,
        attempt: run.attempt,
      });
      if (code === 'Error' || code === 'TypeError')
        this.logger.error({ msg: 'unexpected failure', job: subscriber, stack: stackOf(error) });
    }
    if (later) return 'later';
    return ended ? 'dead' : 'failed';
  }
}

/** Where it happened, without the message: messages may hold data. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack?.split('\n').slice(1, 5).join('\n') : undefined;
}
