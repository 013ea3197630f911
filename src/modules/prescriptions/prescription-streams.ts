import { Injectable, type BeforeApplicationShutdown, type MessageEvent, type OnModuleInit } from '@nestjs/common';
import {
  exhaustMap,
  from,
  interval,
  merge,
  mergeMap,
  Observable,
  share,
  startWith,
  Subject,
  takeUntil,
  takeWhile,
  throttleTime,
} from 'rxjs';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Bell } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, StreamLifetimes, type Principal, type StreamHolder } from '../auth/index.js';
import { Prescriptions } from './prescriptions.service.js';

/** Commits of other processes ring no bell here. */
const pollMs = 1_000;
/** The bell rings at every commit of the process; one look answers for all of a moment. */
const gatherMs = 100;
const mostPerRead = 500;
/** Proxies cut connections that say nothing for a minute. */
const beatMs = 20_000;

interface StreamState {
  readonly id: string;
  readonly holder: StreamHolder;
  /** The last version that was sent. */
  version: number;
  /** When anything was last said. */
  spokeAt: number;
}

interface Look {
  open: boolean;
  events: MessageEvent[];
}

interface EventRow {
  version: number;
  action: string;
  from: string | null;
  to: string;
  event: string;
  at: Date;
}

/**
 * Status changes as server-sent events. The id is the version of the prescription, which the row lock numbers in commit
 * order, so a client that comes back with Last-Event-ID misses nothing. One look at the versions serves all streams.
 */
@Injectable()
export class PrescriptionStreams implements OnModuleInit, BeforeApplicationShutdown {
  private readonly shutdown = new Subject<void>();
  private readonly rung = new Subject<void>();
  private readonly open = new Set<StreamState>();
  private readonly versions: Observable<ReadonlyMap<string, number>> = merge(
    this.rung.pipe(throttleTime(gatherMs, undefined, { leading: true, trailing: true })),
    interval(pollMs),
  ).pipe(
    exhaustMap(() => this.currentVersions()),
    share(),
  );

  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly prescriptions: Prescriptions,
    private readonly lifetimes: StreamLifetimes,
    private readonly clock: Clock,
    private readonly bell: Bell,
  ) {}

  onModuleInit(): void {
    this.bell.onRing(() => this.rung.next());
  }

  /** An open stream would hold up the end of the server. */
  beforeApplicationShutdown(): void {
    this.shutdown.next();
  }

  /** @throws prescription.not-found before anything is sent */
  async follow(
    principal: Principal,
    id: string,
    authorization: string | undefined,
    lastEventId: string | undefined,
  ): Promise<Observable<MessageEvent>> {
    const begin = await this.db.tx(contextOf(principal), async (tx) => {
      const { version } = await this.prescriptions.get(tx, id);
      await this.audit.record(tx, { action: 'read', entity: 'prescription', entityIds: [id], reason: 'stream' });
      return beginOf(lastEventId, version);
    });
    const state: StreamState = {
      id,
      holder: this.lifetimes.holder(principal, authorization),
      version: begin.version,
      spokeAt: this.clock.now().getTime(),
    };
    return new Observable<MessageEvent>((subscriber) => {
      this.open.add(state);
      subscriber.add(() => this.open.delete(state));
      for (const event of begin.events) subscriber.next(event);
      return this.changesOf(state).subscribe(subscriber);
    });
  }

  private changesOf(state: StreamState): Observable<MessageEvent> {
    return this.versions.pipe(
      startWith(new Map([[state.id, Infinity]])),
      exhaustMap((versions) => from(this.look(state, versions))),
      takeWhile(({ open }) => open),
      mergeMap(({ events }) => events),
      takeUntil(this.shutdown),
    );
  }

  /** A database that is away for a moment ends no stream: the next look sends what was missed. One who may not see it any more ends. */
  private async look(state: StreamState, versions: ReadonlyMap<string, number>): Promise<Look> {
    try {
      if (!(await this.lifetimes.mayStay(state.holder))) return { open: false, events: [] };
      if ((versions.get(state.id) ?? 0) <= state.version) return { open: true, events: this.beat(state) };
      const { rows, isSeen } = await this.db.tx(contextOf(state.holder.principal), async (tx) => {
        const rows = await changesSince(tx, state);
        return { rows, isSeen: rows.length > 0 || (await this.prescriptions.isSeen(tx, state.id)) };
      });
      const last = rows.at(-1);
      if (last === undefined) return { open: isSeen, events: isSeen ? this.beat(state) : [] };
      state.version = last.version;
      state.spokeAt = this.clock.now().getTime();
      return { open: true, events: rows.map(messageOf) };
    } catch {
      return { open: true, events: [] };
    }
  }

  private beat(state: StreamState): MessageEvent[] {
    const now = this.clock.now().getTime();
    if (now - state.spokeAt < beatMs) return [];
    state.spokeAt = now;
    return [{ comment: 'alive' }];
  }

  private async currentVersions(): Promise<ReadonlyMap<string, number>> {
    const ids = [...new Set([...this.open].map(({ id }) => id))];
    try {
      const rows = await this.db.query<{ id: string; version: number }>(
        systemContext,
        'SELECT id, version FROM prescriptions WHERE id = ANY($1::uuid[])',
        [ids],
      );
      return new Map(rows.map(({ id, version }) => [id, version]));
    } catch {
      return new Map();
    }
  }
}

/** Without an id the stream begins with everything; with one that cannot be ours it says so and does the same. */
function beginOf(lastEventId: string | undefined, current: number): { version: number; events: MessageEvent[] } {
  if (lastEventId === undefined || lastEventId === '') return { version: 0, events: [] };
  const version = /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) : Infinity;
  if (version <= current) return { version, events: [] };
  return { version: 0, events: [{ type: 'reset', data: { version: current } }] };
}

function changesSince(tx: Tx, { id, version }: StreamState): Promise<EventRow[]> {
  return tx.query<EventRow>(
    `SELECT version, action, from_state AS "from", to_state AS "to", event, occurred_at AS at
     FROM prescription_status_events WHERE prescription_id = $1 AND version > $2 ORDER BY version LIMIT $3`,
    [id, version, mostPerRead],
  );
}

function messageOf({ version, action, from: before, to, event, at }: EventRow): MessageEvent {
  return {
    id: String(version),
    type: 'status',
    data: { version, action, from: before, to, event, at: at.toISOString() },
  };
}
