import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../../config/index.js';
import { Clock } from './clock/index.js';
import { CONFIG } from './config/index.js';
import { Database, type Channel } from './db/index.js';
import { HandlerTable, queueNames, WorkerHost } from './jobs/index.js';
import { QUEUE_BACKEND, QueueAccess } from './jobs/queue-access.js';
import { redisProblems, redisSettings } from './jobs/redis-settings.js';
import { JobRunner, type JobRunnerOptions } from './jobs/job-runner.js';
import { Leases } from './jobs/leases.js';
import { Bell, Bookkeeper, OutboxRelay, OutboxStore } from './outbox/index.js';
import { Schedules } from './schedules/index.js';

/** A worker gets this long to finish what it is doing; then its leases bring the work back. */
const drainMs = 25_000;
/** A Redis that does not answer by then is away, which stops nothing: the outbox keeps the work. */
const redisPatienceMs = 3_000;
/** While work keeps coming in, a job may wait so long for its first worker: a NOTIFY less is a commit less for who brings it. */
const callsGatherMs = 20;

/**
 * Starts what the roles of this process ask for, in order, and stops it in the opposite order: HTTP (by Nest), schedules,
 * relay, bookkeeping and workers, queues, database.
 */
@Injectable()
export class Lifecycle implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger(Lifecycle.name);
  private relay: OutboxRelay | undefined;
  private bookkeeper: Bookkeeper | undefined;
  private host: WorkerHost | undefined;
  private leases: Leases | undefined;
  private calls: Channel | undefined;
  private stopPassingOn: (() => void) | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(QUEUE_BACKEND) private readonly queueAccess: QueueAccess,
    private readonly db: Database,
    private readonly handlers: HandlerTable,
    private readonly store: OutboxStore,
    private readonly bell: Bell,
    private readonly schedules: Schedules,
    private readonly clock: Clock,
  ) {}

  /** @throws Error when a job has no handler, or in production when Redis is set to lose jobs */
  async start(observe: JobRunnerOptions['observe']): Promise<void> {
    this.handlers.collect();
    if (this.config.REDIS_URL !== undefined) await this.checkRedis(this.config.REDIS_URL);
    await this.db.open();
    this.calls = this.db.channel('pharmonico_outbox', { gatherMs: callsGatherMs });
    if (this.config.ROLES.includes('worker')) this.startWorker(this.calls, observe);
    else this.passOn(this.calls);
    if (this.config.ROLES.includes('scheduler')) this.schedules.start();
  }

  beforeApplicationShutdown(): void {
    this.schedules.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopPassingOn?.();
    await this.calls?.stop();
    await Promise.race([this.endWork(), new Promise((resolve) => setTimeout(resolve, drainMs).unref())]);
    this.leases?.stop();
    await this.schedules.finish();
    await this.db.close();
  }

  /** The relay first: what it was handing out when it was told is ended, or due again at once, by those who took it. */
  private async endWork(): Promise<void> {
    await this.relay?.stop();
    this.host?.stop();
    await Promise.all([this.bookkeeper?.stop(), this.queueAccess.close()]);
  }

  private async checkRedis(url: string): Promise<void> {
    const settings = await redisSettings(url, redisPatienceMs).catch(() => undefined);
    if (settings === undefined) {
      this.logger.warn({ msg: 'Redis does not answer yet; the outbox keeps the work until it does' });
      return;
    }
    const problems = redisProblems(settings);
    if (problems.length === 0) return;
    if (this.config.NODE_ENV === 'production')
      throw new Error(`Redis would lose jobs:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.logger.warn({ msg: 'Redis may lose jobs', problems });
  }

  /** The relays are in other processes. */
  private passOn(calls: Channel): void {
    this.stopPassingOn = this.bell.onRing(() => calls.send(['due']));
  }

  private startWorker(calls: Channel, observe: JobRunnerOptions['observe']): void {
    const { backend } = this.queueAccess;
    this.leases = new Leases(this.store, this.config.OUTBOX_LEASE_MS);
    this.leases.start();
    const runner = new JobRunner(this.handlers, this.store, this.leases, this.clock, {
      backoffScale: this.config.RETRY_SCALE,
      observe,
    });
    this.host = new WorkerHost(backend, runner, this.store, {
      queues: this.config.QUEUES ?? queueNames,
      leaseMs: this.config.OUTBOX_LEASE_MS,
    });
    this.host.start();
    this.bookkeeper = new Bookkeeper(runner, this.store);
    this.relay = new OutboxRelay(this.store, this.bell, calls, backend, this.bookkeeper, {
      pollMs: this.config.OUTBOX_POLL_MS,
      leaseMs: this.config.OUTBOX_LEASE_MS,
    });
    this.relay.start();
  }
}
