import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/index.js';
import { sha256 } from '../crypto/index.js';
import { Database, systemContext } from '../db/index.js';
import { fail } from '../errors/index.js';

export interface RateLimit {
  /** What is limited: `login-address`, `magic-link`. */
  name: string;
  most: number;
  windowMs: number;
}

const consumeSql = `
  INSERT INTO rate_limits AS known (key, count, window_ends_at) VALUES ($1, $4, $3)
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN known.window_ends_at <= $2 THEN $4 ELSE known.count + $4 END,
    window_ends_at = CASE WHEN known.window_ends_at <= $2 THEN EXCLUDED.window_ends_at ELSE known.window_ends_at END
  RETURNING count, window_ends_at AS "windowEndsAt"`;

/** Counters in PostgreSQL, shared by all API processes. Subjects are stored as digests: they are addresses of people. */
@Injectable()
export class RateLimits {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Counts one try, atomically and before the work. @throws DomainError request.too-many */
  async consume(limit: RateLimit, subject: string): Promise<void> {
    const { granted, endsAt } = await this.lease(limit, subject, 1);
    if (granted === 1) return;
    const seconds = Math.max(1, Math.ceil((endsAt.getTime() - this.clock.now().getTime()) / 1000));
    throw fail('request.too-many', { retryAfterSeconds: seconds });
  }

  /** Counts several tries at once, for callers that hand them out themselves. @returns how many of them are within the limit */
  async lease(limit: RateLimit, subject: string, wanted: number): Promise<{ granted: number; endsAt: Date }> {
    const now = this.clock.now();
    const [row] = await this.db.query<{ count: number; windowEndsAt: Date }>(systemContext, consumeSql, [
      keyOf(limit, subject),
      now,
      new Date(now.getTime() + limit.windowMs),
      wanted,
    ]);
    if (row === undefined) throw new Error('an upsert answers its row');
    const before = row.count - wanted;
    return { granted: Math.min(wanted, Math.max(0, limit.most - before)), endsAt: row.windowEndsAt };
  }

  /** A try that turned out well does not count. */
  async refund(limit: RateLimit, subject: string): Promise<void> {
    await this.db.query(systemContext, 'UPDATE rate_limits SET count = count - 1 WHERE key = $1 AND count > 0', [
      keyOf(limit, subject),
    ]);
  }

  async reset(limit: RateLimit, subject: string): Promise<void> {
    await this.db.query(systemContext, 'DELETE FROM rate_limits WHERE key = $1', [keyOf(limit, subject)]);
  }

  /** Part of the daily clean-up. */
  async removeExpired(): Promise<void> {
    await this.db.query(systemContext, 'DELETE FROM rate_limits WHERE window_ends_at <= $1', [this.clock.now()]);
  }
}

function keyOf(limit: RateLimit, subject: string): string {
  return sha256(`${limit.name}\n${subject}`);
}
