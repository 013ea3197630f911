import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Handles, Unrecoverable } from '../../platform/jobs/index.js';
import { Metrics } from '../../platform/metrics/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { checkTrailEveryMs, checkTrailJob } from './audit.jobs.js';
import { Verifier } from './verifier.service.js';
import { VerifierStore } from './verifier.store.js';

/** Per chain; a second or two of the verifier's time. */
export const recentEntries = 50_000;

/** Tells of a trail that is not sealed or not what was sealed, without anybody asking. */
@Injectable()
export class TrailWatch implements OnModuleInit {
  constructor(
    private readonly schedules: Schedules,
    private readonly verifier: Verifier,
    private readonly store: VerifierStore,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: checkTrailJob, everyMs: checkTrailEveryMs });
    this.metrics.gauge(
      'pharmonico_audit_unsealed_seconds',
      'Age of the oldest audit entry that is not sealed; 0 when all are',
      () => this.unsealedSeconds(),
    );
  }

  /** @throws Unrecoverable audit.trail-broken: a dead letter, which stays until a person has looked */
  @Handles(checkTrailJob)
  async check(): Promise<void> {
    const [bad] = await this.verifier.verifyRecent(recentEntries);
    if (bad === undefined) return;
    const place = `organization ${bad.organizationId ?? 'none'}, seq ${bad.seq}`;
    throw new Unrecoverable('audit.trail-broken', `${bad.fault}: ${place}; run npm run audit:verify`);
  }

  private async unsealedSeconds(): Promise<number> {
    const now = this.clock.now();
    const { oldest } = await this.store.unsealed(now);
    return oldest === null ? 0 : (now.getTime() - oldest.getTime()) / 1_000;
  }
}
