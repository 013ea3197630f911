import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { RateLimits, requestContext, type RateLimit } from '../../platform/http/index.js';
import { InboxWatch } from './inbox-watch.js';
import type { WebhookStatus } from './webhook-event.entity.js';

export interface HealthOfSource {
  source: string;
  lastEventAt: Date | null;
  /** How long the oldest event that is not handled yet has been waiting; 0 when none waits. */
  lagSeconds: number;
  lastHour: Readonly<Record<WebhookStatus, number>>;
}

/** Of one address: monitors ask once or twice a minute. */
const looks: RateLimit = { name: 'webhook-health', most: 60, windowMs: 60_000 };
const hourMs = 3_600_000;
/** Whoever asks, the inbox is asked this often at most, by each process. */
const keptMs = 5_000;

/** How a source fares, for the world to see: numbers and times. */
@Injectable()
export class SourceHealth {
  private readonly known = new Map<string, { at: number; health: Promise<HealthOfSource> }>();

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly rateLimits: RateLimits,
    private readonly inbox: InboxWatch,
  ) {}

  /** @throws request.too-many, service.unavailable */
  async of(source: string): Promise<HealthOfSource> {
    await this.rateLimits.consume(looks, `${source} ${requestContext()?.ip ?? ''}`);
    const now = this.clock.now();
    const known = this.known.get(source);
    if (known !== undefined && Math.abs(now.getTime() - known.at) < keptMs) return known.health;
    const health = this.look(source, now);
    this.known.set(source, { at: now.getTime(), health });
    health.catch(() => this.known.delete(source));
    return health;
  }

  private async look(source: string, now: Date): Promise<HealthOfSource> {
    return this.db.tx(systemContext, async (tx) => {
      const [counts, last, lagSeconds] = await Promise.all([
        tx.query<{ status: WebhookStatus; events: number }>(
          'SELECT status, count(*)::int AS events FROM webhook_events WHERE source = $1 AND received_at > $2 GROUP BY status',
          [source, new Date(now.getTime() - hourMs)],
        ),
        tx.one<{ at: Date | null }>('SELECT max(received_at) AS at FROM webhook_events WHERE source = $1', [source]),
        this.inbox.lagSeconds(tx, source),
      ]);
      const lastHour: Record<WebhookStatus, number> = { received: 0, processed: 0, parked: 0, failed: 0, ignored: 0 };
      for (const { status, events } of counts) lastHour[status] = events;
      return { source, lastEventAt: last?.at ?? null, lagSeconds, lastHour };
    });
  }
}
