import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { fail } from '../../platform/errors/index.js';
import { RateLimits } from '../../platform/http/index.js';

interface Lease {
  left: number;
  endsAt: number;
  /** There is no more to be had before it ends. */
  isLast: boolean;
  /** One question at a time; who has nothing left waits for its answer. */
  asking?: Promise<void> | undefined;
}

const windowMs = 60_000;
/** Events per question to the database: the shared count costs the doors next to nothing. */
const mostLeased = 500;
/** A small limit is not to be taken by one process at once. */
const leasesPerWindow = 20;
/** Of a share: when so much is left the next is asked for, so that no push waits for it. Of a small one nothing lies idle. */
const askedAhead = 0.25;

/**
 * How many events a source may send in a minute, over all processes. Each takes a share at a time; what is refused was not
 * stored and the sender is told when to come back.
 */
@Injectable()
export class SourceAllowances {
  private readonly leases = new Map<string, Lease>();
  private readonly most: number;
  private readonly share: number;
  private readonly low: number;

  constructor(
    private readonly limits: RateLimits,
    private readonly clock: Clock,
    @Inject(CONFIG) config: Pick<Config, 'WEBHOOKS_PER_MINUTE'>,
  ) {
    this.most = config.WEBHOOKS_PER_MINUTE;
    this.share = Math.min(mostLeased, Math.ceil(this.most / leasesPerWindow));
    this.low = Math.floor(this.share * askedAhead);
  }

  /** @throws request.too-many, service.unavailable */
  async take(source: string): Promise<void> {
    for (;;) {
      const lease = this.leaseOf(source);
      const now = this.clock.now().getTime();
      if (now < lease.endsAt) {
        if (lease.left > 0) {
          lease.left -= 1;
          if (lease.left < this.low && !lease.isLast) this.askAhead(source, lease);
          return;
        }
        if (lease.isLast) {
          throw fail('request.too-many', { retryAfterSeconds: Math.max(1, Math.ceil((lease.endsAt - now) / 1_000)) });
        }
      }
      await (lease.asking ??= this.ask(source, lease));
    }
  }

  private leaseOf(source: string): Lease {
    const known = this.leases.get(source) ?? { left: 0, endsAt: 0, isLast: false };
    this.leases.set(source, known);
    return known;
  }

  /** What goes wrong is told to who has nothing left and asks again. */
  private askAhead(source: string, lease: Lease): void {
    lease.asking ??= this.ask(source, lease);
    lease.asking.catch(() => undefined);
  }

  private async ask(source: string, lease: Lease): Promise<void> {
    try {
      const limit = { name: 'webhook-source', most: this.most, windowMs };
      const { granted, endsAt } = await this.limits.lease(limit, source, this.share);
      // What is left of a window that is over is nothing of the next one.
      const isSameWindow = Math.abs(endsAt.getTime() - lease.endsAt) < windowMs / 2;
      lease.left = granted + (isSameWindow ? lease.left : 0);
      lease.isLast = granted < this.share;
      lease.endsAt = endsAt.getTime();
    } finally {
      lease.asking = undefined;
    }
  }
}
