import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Metrics } from '../../platform/metrics/index.js';
import { isLeftParkedSql } from './webhook-inbox.sql.js';
import { processWebhook } from './webhooks.jobs.js';

/** How far behind the inbox is. */
@Injectable()
export class InboxWatch implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge(
      'pharmonico_inbox_lag_seconds',
      'For how long the event of the inbox that waits longest has not been handled; 0 when none waits',
      () => this.db.tx(systemContext, (tx) => this.lagSeconds(tx)),
    );
    this.metrics.gauge(
      'pharmonico_inbox_parked',
      'Events of the inbox that fit nothing of ours and are not a ticket yet',
      async () => {
        const [row] = await this.db.query<{ parked: number }>(
          systemContext,
          `SELECT count(*)::int AS parked FROM webhook_events e WHERE ${isLeftParkedSql('e')}`,
        );
        return row?.parked ?? 0;
      },
    );
  }

  /**
   * Through the open jobs, which are few, not through the events, which are many. An old event that is handled anew waits since
   * then.
   */
  async lagSeconds(tx: Tx, source: string | null = null): Promise<number> {
    const oldest = await tx.one<{ at: Date | null }>(
      `SELECT min(o.occurred_at) AS at FROM outbox_events o JOIN webhook_events e ON e.id = o.aggregate_id
       WHERE o.done_at IS NULL AND o.subscriber = $1 AND e.status = 'received' AND ($2::text IS NULL OR e.source = $2)`,
      [processWebhook.name, source],
    );
    const waitedMs = oldest?.at ? this.clock.now().getTime() - oldest.at.getTime() : 0;
    return Math.max(0, Math.round(waitedMs / 1_000));
  }
}
