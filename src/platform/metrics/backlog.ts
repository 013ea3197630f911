import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../clock/index.js';
import { Database, systemContext } from '../db/index.js';
import { isInDoubt } from '../effects/index.js';
import { Metrics } from './metrics.js';

/** How far behind the platform is: what an alarm should look at first. */
@Injectable()
export class Backlog implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge(
      'pharmonico_outbox_oldest_seconds',
      'Age of the oldest outbox row that is due and not begun',
      () => this.oldestOutboxSeconds(),
    );
    this.metrics.gauge('pharmonico_dead_letters', 'Finally failed work that waits for a person', () =>
      this.count('SELECT count(*) AS value FROM dead_letters WHERE redriven_at IS NULL'),
    );
    this.metrics.gauge('pharmonico_effects_unknown', 'Calls out whose effect is not known yet', () =>
      this.unknownEffects(),
    );
  }

  /** What is due and not begun, in the queue or before it; 0 when nothing is. No lease lasts longer than the hour looked ahead. */
  oldestOutboxSeconds(): Promise<number> {
    return this.count(
      `SELECT coalesce(extract(epoch FROM $1::timestamptz - min(coalesce(waiting_since, greatest(due_at, occurred_at)))), 0)::float8
         AS value
       FROM outbox_events
       WHERE done_at IS NULL AND due_at <= $1::timestamptz + interval '1 hour' AND (due_at <= $1 OR waiting_since IS NOT NULL)`,
      [this.clock.now()],
    );
  }

  unknownEffects(): Promise<number> {
    return this.count(`SELECT count(*) AS value FROM effects WHERE ${isInDoubt('$1')}`, [this.clock.now()]);
  }

  private async count(sql: string, values: readonly Date[] = []): Promise<number> {
    const [row] = await this.db.query<{ value: number }>(systemContext, sql, values);
    return row?.value ?? 0;
  }
}
