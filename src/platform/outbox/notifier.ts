import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database, systemContext } from '../db/index.js';
import { Bell } from './bell.js';
import { outboxChannel } from './relay.js';

/** Passes the bell on to relays in other processes; one NOTIFY for all commits of a few milliseconds. */
const gatherMs = 5;

@Injectable()
export class Notifier implements OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly bell: Bell,
    private readonly db: Database,
  ) {}

  /** Only a process without a relay of its own needs to call others. */
  start(): void {
    this.unsubscribe = this.bell.onRing(() => {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        // Lost when the database is away: the poll of the relays is the safety net.
        this.db.query(systemContext, `NOTIFY ${outboxChannel}`).catch(() => undefined);
      }, gatherMs);
    });
  }

  onApplicationShutdown(): void {
    this.unsubscribe?.();
    clearTimeout(this.timer);
  }
}
