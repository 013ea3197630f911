import { Logger } from '@nestjs/common';
import type { OutboxStore, RunningRow } from '../outbox/outbox.store.js';
import { codeOf } from './retry.js';

/** What runs for longer than this hangs: its row is begun again, like that of a worker that died. */
const longestRunMs = 15 * 60_000;

interface Held extends RunningRow {
  since: number;
}

/**
 * Rows at work keep their lease: nobody begins one again beside itself because a vendor is slow. One statement for all of a
 * process that run for longer than a turn of the timer; those that are shorter, nearly all, cost nothing.
 */
export class Leases {
  private readonly logger = new Logger(Leases.name);
  private readonly held = new Set<Held>();
  private lastTurn = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: Pick<OutboxStore, 'renew'>,
    private readonly leaseMs: number,
  ) {}

  start(): void {
    // Whatever began just after a turn is renewed at the second one, a third of its lease before the end.
    this.timer = setInterval(() => void this.turn(), this.leaseMs / 3).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async during<T>({ id, dispatchNo }: RunningRow, work: () => Promise<T>): Promise<T> {
    const row = { id, dispatchNo, since: performance.now() };
    this.held.add(row);
    try {
      return await work();
    } finally {
      this.held.delete(row);
    }
  }

  /** For the timer: renews what ran at the last turn already. */
  async turn(): Promise<void> {
    const [now, before] = [performance.now(), this.lastTurn];
    this.lastTurn = now;
    const rows = [...this.held].filter(({ since }) => since <= before && now - since <= longestRunMs);
    if (rows.length === 0) return;
    try {
      await this.store.renew(rows, this.leaseMs);
    } catch (error) {
      this.logger.warn({ msg: 'leases are not renewed', code: codeOf(error) });
    }
  }
}
