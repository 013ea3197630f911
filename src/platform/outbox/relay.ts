import { Logger } from '@nestjs/common';
import type { QueueBackend, QueuedRow } from '../jobs/queue-backend.js';
import { codeOf } from '../jobs/retry.js';
import { bookkeeping, queueNames, type QueueName } from '../jobs/queues.js';
import type { Channel } from '../db/index.js';
import type { Bell } from './bell.js';
import type { Bookkeeper } from './bookkeeper.js';
import type { DispatchedRow, OutboxStore } from './outbox.store.js';

export interface RelayOptions {
  pollMs: number;
  leaseMs: number;
}

/** Rows per claim: large enough to fill queues in one trip, small enough to answer a wake-up at once. */
const batchRows = 100;
/** How long rings are gathered while work keeps coming: a claim for ten rows costs as much as one for one. */
const gatherMs = 8;

/**
 * Moves due outbox rows into the queues, and has bookkeeping done. The only caller of `QueueBackend.add`. Woken by the bell
 * and by other processes; a timer finds what neither announced. A crash between commit and `add` costs one lease, nothing else.
 */
export class OutboxRelay {
  private readonly logger = new Logger(OutboxRelay.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private rungAgain = false;
  private gathering = false;
  private stopped = true;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly store: OutboxStore,
    private readonly bell: Bell,
    /** Other processes' commits. */
    private readonly calls: Channel,
    private readonly queues: QueueBackend,
    private readonly bookkeeper: Bookkeeper,
    private readonly options: RelayOptions,
  ) {}

  start(): void {
    this.stopped = false;
    this.unsubscribe = this.bell.onRing(() => this.wake());
    this.calls.listen(() => this.wake());
    this.bookkeeper.onRoom(() => this.wake());
    this.wake();
  }

  /** Ends the trip under way; nothing is handed out from then on. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.unsubscribe?.();
    clearTimeout(this.timer);
    await this.running;
  }

  private wake(gathered = false): void {
    if (this.stopped) return;
    if (this.running !== undefined) {
      this.rungAgain = true;
      return;
    }
    if (this.gathering && !gathered) return;
    this.gathering = false;
    clearTimeout(this.timer);
    this.running = this.drain().finally(() => {
      this.running = undefined;
      if (this.stopped) return;
      // The first ring is answered at once; those that follow on its heels share a trip.
      this.gathering = this.rungAgain;
      this.rungAgain = false;
      this.timer = setTimeout(() => this.wake(true), this.gathering ? gatherMs : this.options.pollMs);
    });
  }

  private async drain(): Promise<void> {
    try {
      for (;;) {
        this.rungAgain = false;
        const rows = await this.store.claimDue(batchRows, this.options.leaseMs);
        await this.handOut(rows);
        if (rows.length < batchRows || this.stopped) return;
      }
    } catch (error) {
      this.logger.warn({ msg: 'outbox relay waits', code: codeOf(error) });
    }
  }

  private async handOut(rows: readonly DispatchedRow[]): Promise<void> {
    this.bookkeeper.take(rows.filter((row) => row.queue === bookkeeping.name));
    const adding = queueNames
      .map((name) => ({ name, mine: rows.filter((row) => row.queue === name) }))
      .filter(({ mine }) => mine.length > 0)
      .map(({ name, mine }) => this.add(name, mine));
    const refused = (await Promise.allSettled(adding)).find((added) => added.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
  }

  private async add(name: QueueName, rows: readonly DispatchedRow[]): Promise<void> {
    try {
      await this.queues.add(name, rows.map(queuedRow));
    } catch (error) {
      await this.store.handBack(rows, this.options.pollMs);
      throw error;
    }
  }
}

function queuedRow({ id, subscriber, dispatchNo, attempts, payload, event }: DispatchedRow): QueuedRow {
  return { id, subscriber, dispatchNo, attempts, payload, ...(event !== null && { event }) };
}
