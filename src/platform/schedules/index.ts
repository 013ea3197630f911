import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock/index.js';
import { Database, systemContext } from '../db/index.js';
import { codeOf, type JobDefinition } from '../jobs/index.js';
import { Outbox } from '../outbox/index.js';
import { Repetition, type Repeated } from './repetition.js';

export type { Repeated } from './repetition.js';

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
  private readonly repetitions: Repetition[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  add(schedule: Schedule): void {
    this.schedules.push(schedule);
  }

  /** For as long as this process is a scheduler. Several may run at once: the work itself sees that only one does it. */
  repeat(work: Repeated): void {
    this.repetitions.push(new Repetition(work));
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
    for (const repetition of this.repetitions) repetition.start();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Ends what repeats, after the last that could give it work and before the database. */
  async finish(): Promise<void> {
    await Promise.all(this.repetitions.map((repetition) => repetition.finish()));
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
