import pLimit, { type LimitFunction } from 'p-limit';
import type { OutboxStore } from '../outbox/outbox.store.js';
import type { JobRunner } from './job-runner.js';
import type { QueueBackend, QueuedRow } from './queue-backend.js';
import { queues, type QueueName } from './queues.js';

export interface WorkerHostOptions {
  queues: readonly QueueName[];
  leaseMs: number;
}

/** Runs the jobs of the chosen queues. What happened is noted in the outbox row; the queue only says "look". */
export class WorkerHost {
  private readonly places: LimitFunction[] = [];
  private isStopping = false;

  constructor(
    private readonly backend: QueueBackend,
    private readonly runner: JobRunner,
    private readonly store: OutboxStore,
    private readonly options: WorkerHostOptions,
  ) {}

  start(): void {
    for (const name of this.options.queues) {
      const { concurrency } = queues[name];
      // Rows that came in one job wait for nobody but a free place: a slow one holds up none of the others.
      const place = pLimit(concurrency);
      this.places.push(place);
      this.backend.worker(name, concurrency, async (rows) => {
        const ends = await Promise.allSettled(rows.map((row) => place(() => this.process(row))));
        const failed = ends.find((end) => end.status === 'rejected');
        if (failed !== undefined) throw failed.reason;
      });
    }
  }

  /** From now on no row begins; those that wait for a place are due again at once, in another process. */
  stop(): void {
    this.isStopping = true;
    for (const place of this.places) place.concurrency = Infinity;
  }

  private async process(row: QueuedRow): Promise<void> {
    if (this.isStopping) {
      await this.store.handBack([row], 0);
      return;
    }
    const { id, dispatchNo, subscriber, payload, event } = row;
    const attempt = await this.store.start({ ...row, leaseMs: this.options.leaseMs });
    if (attempt === undefined) this.runner.noteStale(subscriber);
    else await this.runner.run(subscriber, payload, { outboxId: id, dispatchNo, attempt, event });
  }
}
