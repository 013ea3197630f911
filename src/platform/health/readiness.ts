import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../config/index.js';
import { Database } from '../db/index.js';
import { QUEUE_BACKEND, type QueueAccess } from '../jobs/queue-access.js';
import { Backlog } from '../metrics/index.js';
import { FileStorage } from '../storage/index.js';
import { vendorStatuses, type VendorStatus } from './vendors.js';

/** A part that does not answer in this time is down, for whoever asks. */
const patienceMs = 2_000;

/** Above this age the relay or the workers are not keeping up; the process still serves, so it is said and not refused. */
const lateOutboxSeconds = 300;

export interface PartStatus {
  name: string;
  status: 'up' | 'down' | 'late';
  ms: number;
  /** The oldest waiting work, for the outbox. */
  ageSeconds?: number;
}

export interface ReadinessReport {
  status: 'ready' | 'unavailable';
  parts: PartStatus[];
  vendors: VendorStatus[];
}

/** Whether this process can do its work now. Nothing about a failure is told but which part it is. */
@Injectable()
export class Readiness {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(QUEUE_BACKEND) private readonly queues: QueueAccess,
    private readonly db: Database,
    private readonly storage: FileStorage,
    private readonly backlog: Backlog,
  ) {}

  async report(): Promise<ReadinessReport> {
    const parts = await Promise.all([
      probe('database', () => this.db.ping()),
      probe('queue', () => this.queues.backend.ping()),
      probe('storage', () => this.storage.ping()),
      this.outbox(),
    ]);
    return {
      status: parts.some((part) => part.status === 'down') ? 'unavailable' : 'ready',
      parts,
      vendors: vendorStatuses(this.config),
    };
  }

  private async outbox(): Promise<PartStatus> {
    let ageSeconds = 0;
    const part = await probe('outbox', async () => {
      ageSeconds = Math.round(await this.backlog.oldestOutboxSeconds());
    });
    if (part.status === 'down') return part;
    return { ...part, ageSeconds, status: ageSeconds > lateOutboxSeconds ? 'late' : 'up' };
  }
}

export async function probe(name: string, ask: () => Promise<void>, mostMs = patienceMs): Promise<PartStatus> {
  const started = performance.now();
  const status = await within(ask, mostMs).then(
    () => 'up' as const,
    () => 'down' as const,
  );
  return { name, status, ms: Math.round(performance.now() - started) };
}

async function within(ask: () => Promise<void>, mostMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), mostMs);
  });
  try {
    await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
