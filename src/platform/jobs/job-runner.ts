import { Logger } from '@nestjs/common';
import type { Clock } from '../clock/index.js';
import { framesOf } from '../logger/frames.js';
import type { OutboxStore } from '../outbox/outbox.store.js';
import type { HandlerTable } from './handler-table.js';
import type { JobPayload, JobRun } from './definition.js';
import type { Leases } from './leases.js';
import {
  askedWaitMs,
  backoffMs,
  Busy,
  causeOf,
  codeOf,
  isHopeless,
  spreadMs,
  TryLater,
  Unrecoverable,
} from './retry.js';

export type Outcome = 'done' | 'failed' | 'later' | 'dead' | 'stale';

export interface JobRunnerOptions {
  /** Compresses every back-off, for tests and the demo. */
  backoffScale: number;
  observe: (job: string, outcome: Outcome, seconds: number) => void;
}

/** Runs without an end (killed meanwhile, or postponed for more than a day) beyond the counted attempts; more is no bad luck. */
const mostUnended = 30;

/** A hand-out of a row at its beginning. */
export type BegunRun = Omit<JobRun, 'closed'> & { dispatchNo: number };

/** One run of a job that was begun: calls its handler and notes in the outbox how it ended. */
export class JobRunner {
  private readonly logger = new Logger(JobRunner.name);

  constructor(
    private readonly handlers: HandlerTable,
    private readonly store: OutboxStore,
    private readonly leases: Leases,
    private readonly clock: Clock,
    private readonly options: JobRunnerOptions,
  ) {}

  /** @throws Error with the code of what went wrong, once that is noted; never with a message, which may hold data */
  async run(subscriber: string, payload: JobPayload, { dispatchNo, ...begun }: BegunRun): Promise<void> {
    const row = { id: begun.outboxId, dispatchNo };
    const run: JobRun = { ...begun, closed: false };
    await this.leases.during(row, () => this.attempt(subscriber, payload, run, dispatchNo));
  }

  private async attempt(subscriber: string, payload: JobPayload, run: JobRun, dispatchNo: number): Promise<void> {
    const started = performance.now();
    const observe = (outcome: Outcome) =>
      this.options.observe(subscriber, outcome, (performance.now() - started) / 1000);
    try {
      this.refusePoison(subscriber, run.attempt);
      await this.handlers.handle(subscriber, payload, run);
      if (!run.closed) await this.store.finish(run.outboxId);
      observe('done');
    } catch (error) {
      observe(await this.noteFailure(subscriber, run, dispatchNo, error));
      if (!(error instanceof TryLater)) throw new Error(codeOf(error));
    }
  }

  /** A job of an older hand-out, or of a row that is done: it does not run. */
  noteStale(subscriber: string): void {
    this.options.observe(subscriber, 'stale', 0);
  }

  /** A job that ends its process is never noted as failed: without this it would end every process, for ever. */
  private refusePoison(subscriber: string, attempt: number): void {
    if (attempt <= this.handlers.retryOf(subscriber).attempts + mostUnended) return;
    throw new Unrecoverable('job.never-ended', 'the job was started again and again and never came to an end');
  }

  private async noteFailure(
    subscriber: string,
    run: JobRun,
    dispatchNo: number,
    error: unknown,
  ): Promise<'failed' | 'later' | 'dead'> {
    const retry = this.handlers.retryOf(subscriber);
    const later = error instanceof TryLater;
    const ended = !later && (isHopeless(error) || run.attempt >= retry.attempts);
    const waitMs = later
      ? wantedMs(error)
      : Math.max(backoffMs(retry, run.attempt, this.options.backoffScale), askedWaitMs(error));
    const code = codeOf(error);
    await this.store.noteFailure({
      outboxId: run.outboxId,
      dispatchNo,
      code,
      dueAt: ended ? undefined : new Date(this.clock.now().getTime() + waitMs),
      countsAsAttempt: !later,
    });
    if (!later) {
      this.logger.warn({
        msg: ended ? 'job ended as dead letter' : 'job failed',
        job: subscriber,
        code,
        cause: causeOf(error),
        attempt: run.attempt,
      });
      if (code === 'Error' || code === 'TypeError')
        this.logger.error({ msg: 'unexpected failure', job: subscriber, stack: framesOf(error) });
    }
    if (later) return 'later';
    return ended ? 'dead' : 'failed';
  }
}

/** What ends at a known moment, such as the night, is waited for to that moment. */
function wantedMs(error: TryLater): number {
  return error instanceof Busy ? spreadMs(error.afterMs) : error.afterMs;
}
