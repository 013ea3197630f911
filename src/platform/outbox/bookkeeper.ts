import type { JobRunner } from '../jobs/job-runner.js';
import { bookkeeping } from '../jobs/queues.js';
import type { DispatchedRow, OutboxStore } from './outbox.store.js';

/**
 * Runs the jobs that only write our own database beside the relay that claimed them: the way through a queue would cost
 * more than the work. Lease, retries and dead letters are those of every other row.
 */
export class Bookkeeper {
  private waiting: DispatchedRow[] = [];
  private readonly running = new Set<Promise<void>>();
  private isBehind = false;
  private askForMore: () => void = () => undefined;

  constructor(
    private readonly runner: JobRunner,
    private readonly store: OutboxStore,
  ) {}

  /** Called when rows had to wait and none does any more: more may be due, and nobody rings for what was due before. */
  onRoom(ask: () => void): void {
    this.askForMore = ask;
  }

  take(rows: readonly DispatchedRow[]): void {
    this.waiting.push(...rows);
    this.isBehind ||= this.held > bookkeeping.concurrency;
    this.pump();
  }

  /** Ends what runs; what waits is due again at once, in another process. */
  async stop(): Promise<void> {
    const unbegun = this.waiting;
    this.waiting = [];
    if (unbegun.length > 0) await this.store.handBack(unbegun, 0).catch(() => undefined);
    await Promise.all(this.running);
  }

  private get held(): number {
    return this.waiting.length + this.running.size;
  }

  private pump(): void {
    while (this.running.size < bookkeeping.concurrency) {
      const row = this.waiting.shift();
      if (row === undefined) return;
      const run = this.run(row).finally(() => {
        this.running.delete(run);
        this.pump();
        if (this.isBehind && this.held <= bookkeeping.concurrency) {
          this.isBehind = false;
          this.askForMore();
        }
      });
      this.running.add(run);
    }
  }

  private async run({ id, dispatchNo, subscriber, payload, attempts, event }: DispatchedRow): Promise<void> {
    // How it failed stands in the outbox; a database that is away leaves the row to its lease.
    await this.runner
      .run(subscriber, payload, { outboxId: id, dispatchNo, attempt: attempts, event: event ?? undefined })
      .catch(() => undefined);
  }
}
