import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock/index.js';
import { Database, systemContext } from '../db/index.js';
import { codeOf, type JobDefinition } from '../jobs/index.js';
import { Outbox } from '../outbox/index.js';

export interface Schedule {
  job: JobDefinition<{ slot: string }>;
  everyMs: number;
}

/**
 * Recurring work as outbox rows: one per schedule and time slot, unique by key, so any number of schedulers may run and
 * a restart neither repeats nor forgets a slot. Nothing recurring lives in the queue.
 */
@Injectable()
export class Schedules {
  private readonly logger = new Logger(Schedules.name);
  private readonly schedules: Schedule[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  add(schedule: Schedule): void {
    this.schedules.push(schedule);
  }

  start(): void {
    const shortest = Math.min(60_000, ...this.schedules.map((schedule) => schedule.everyMs));
    const tick = () => {
      void this.enqueueDue()
        .catch((error: unknown) => this.logger.warn({ msg: 'scheduler waits', code: codeOf(error) }))
        .finally(() => {
          if (this.timer !== undefined) this.timer = setTimeout(tick, Math.max(250, shortest / 4));
        });
    };
    this.timer = setTimeout(tick, 0);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Inserts the current slot of every schedule unless it is there already. */
  async enqueueDue(): Promise<void> {
    const now = this.clock.now().getTime();
    await this.db.tx(systemContext, async (tx) => {
      for (const { job, everyMs } of this.schedules) {
        const slot = new Date(Math.floor(now / everyMs) * everyMs).toISOString();
        await this.outbox.enqueue(tx, job, { slot }, { dedupeKey: `schedule ${job.name} ${slot}` });
      }
    });
  }
}
