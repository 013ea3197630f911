import { Injectable } from '@nestjs/common';
import { RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';
import { Clock } from '../clock/index.js';
import { sha256 } from '../crypto/index.js';
import { Database, systemContext, type SqlValue } from '../db/index.js';
import { fail } from '../errors/index.js';

export interface RateLimit {
  /** What is limited: `login-address`, `magic-link`. */
  name: string;
  most: number;
  windowMs: number;
}

interface LimiterStatement {
  text: string;
  values?: SqlValue[];
}

/**
 * Counters in PostgreSQL, shared by all API processes. Subjects are stored as digests: they are addresses of people. Windows are
 * those of the machine's time, which the library reads by itself.
 */
@Injectable()
export class RateLimits {
  private readonly limiters = new Map<string, RateLimiterPostgres>();

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Counts one try, atomically and before the work. @throws DomainError request.too-many */
  async consume(limit: RateLimit, subject: string): Promise<void> {
    const { consumedPoints, msBeforeNext } = await this.count(limit, subject, 1);
    if (consumedPoints <= limit.most) return;
    throw fail('request.too-many', { retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) });
  }

  /** Counts several tries at once, for callers that hand them out themselves. @returns how many of them are within the limit */
  async lease(limit: RateLimit, subject: string, wanted: number): Promise<{ granted: number; endsAt: Date }> {
    const { consumedPoints, msBeforeNext } = await this.count(limit, subject, wanted);
    const before = consumedPoints - wanted;
    return {
      granted: Math.min(wanted, Math.max(0, limit.most - before)),
      endsAt: new Date(this.clock.now().getTime() + msBeforeNext),
    };
  }

  /** A try that turned out well does not count. */
  async refund(limit: RateLimit, subject: string): Promise<void> {
    await this.limiterOf(limit).reward(keyOf(limit, subject), 1);
  }

  async reset(limit: RateLimit, subject: string): Promise<void> {
    await this.limiterOf(limit).delete(keyOf(limit, subject));
  }

  /** Part of the daily clean-up. The library's own says nothing of its failures. */
  async removeExpired(): Promise<void> {
    await this.db.query(systemContext, 'DELETE FROM rate_limits WHERE expire <= $1', [this.clock.now().getTime()]);
  }

  /** Not its `consume`, which throws the count when it is over the limit: a lease is granted in part. */
  private count(limit: RateLimit, subject: string, tries: number): Promise<RateLimiterRes> {
    return this.limiterOf(limit).penalty(keyOf(limit, subject), tries);
  }

  private limiterOf(limit: RateLimit): RateLimiterPostgres {
    const known = this.limiters.get(limit.name);
    if (known !== undefined) return known;
    const limiter = new RateLimiterPostgres({
      storeClient: { query: (statement: LimiterStatement) => this.run(statement) },
      storeType: 'client',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
      // The name is in the digest.
      keyPrefix: '',
      points: limit.most,
      duration: limit.windowMs / 1000,
    });
    this.limiters.set(limit.name, limiter);
    return limiter;
  }

  private async run({ text, values = [] }: LimiterStatement): Promise<{ rows: unknown[]; rowCount: number }> {
    const rows = await this.db.query(systemContext, text, values);
    return { rows, rowCount: rows.length };
  }
}

function keyOf(limit: RateLimit, subject: string): string {
  return sha256(`${limit.name}\n${subject}`);
}
