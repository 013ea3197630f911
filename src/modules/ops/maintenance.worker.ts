import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { IdempotencyStore, RateLimits } from '../../platform/http/index.js';
import { Handles } from '../../platform/jobs/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { cleanUpEveryMs, cleanUpJob } from './maintenance.jobs.js';

/** Finished outbox rows are the record of what was handed to whom; after this time the history tables say enough. */
const outboxDays = 30;
/** Rows per statement, so that no lock is held for long. */
const batchRows = 5_000;

@Injectable()
export class MaintenanceWorker implements OnModuleInit {
  constructor(
    private readonly schedules: Schedules,
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly idempotency: IdempotencyStore,
    private readonly limits: RateLimits,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: cleanUpJob, everyMs: cleanUpEveryMs });
  }

  @Handles(cleanUpJob)
  async cleanUp(): Promise<void> {
    await this.idempotency.removeExpired();
    await this.limits.removeExpired();
    await this.removeOldOutboxRows();
  }

  private async removeOldOutboxRows(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - outboxDays * 86_400_000);
    for (;;) {
      const removed = await this.db.query(
        systemContext,
        `DELETE FROM outbox_events WHERE id IN (
           SELECT id FROM outbox_events WHERE done_at < $1 AND id NOT IN (SELECT outbox_id FROM dead_letters WHERE redriven_at IS NULL)
           ORDER BY id LIMIT $2) RETURNING id`,
        [before, batchRows],
      );
      if (removed.length < batchRows) return;
    }
  }
}
