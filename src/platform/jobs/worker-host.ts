import type { OutboxStore } from '../outbox/outbox.store.js';
import type { JobRunner } from './job-runner.js';
import type { QueueBackend, QueuedJob } from './queue-backend.js';
import { queues, type QueueName } from './queues.js';

export interface WorkerHostOptions {
  queues: readonly QueueName[];
  leaseMs: number;
}

/** Runs the jobs of the chosen queues. What happened is noted in the outbox row; the queue only says "look". */
export class WorkerHost {
  constructor(
    private readonly backend: QueueBackend,
    private readonly runner: JobRunner,
    private readonly store: OutboxStore,
    private readonly options: WorkerHostOptions,
  ) {}

  start(): void {
    for (const name of this.options.queues) {
      this.backend.worker(name, queues[name].concurrency, (subscriber, data) => this.process(subscriber, data));
    }
  }

  private async process(subscriber: string, data: QueuedJob): Promise<void> {
    const attempt = await this.store.start({ ...data, leaseMs: this.options.leaseMs });
    if (attempt === undefined) this.runner.noteStale(subscriber);
    else await this.runner.run(subscriber, data.payload, { outboxId: data.id, attempt, event: data.event });
  }
}
