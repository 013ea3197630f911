import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/index.js';
import { anyOf, Database, fold, systemContext, unnested, type Statement } from '../db/index.js';
import { newId } from '../ids/index.js';
import { bookkeeping, queueNames, type JobQueue } from '../jobs/queues.js';
import type { JobPayload } from '../jobs/definition.js';

export interface DispatchedRow {
  id: string;
  subscriber: string;
  queue: JobQueue;
  payload: JobPayload;
  event: string | null;
  dispatchNo: number;
  /** Runs begun so far. */
  attempts: number;
}

/** A hand-out of a row, and how many runs it had had by then. */
export type HandedOut = Pick<DispatchedRow, 'id' | 'dispatchNo' | 'attempts'>;

/** A hand-out of a row that was begun. */
export type RunningRow = Pick<DispatchedRow, 'id' | 'dispatchNo'>;

export interface FailureNote {
  outboxId: string;
  /** A row that was handed out anew is another run's. */
  dispatchNo: number;
  code: string;
  /** Undefined: no further attempt, the row becomes a dead letter. */
  dueAt: Date | undefined;
  /** A postponement gives its attempt back, for a day from the first: a neighbour that says "later" for longer is one that is down. */
  countsAsAttempt: boolean;
}

/** Under way per queue at most. */
const windowPerQueue = 400;
const names = [...queueNames, bookkeeping.name];
const windows = [...queueNames.map(() => windowPerQueue), bookkeeping.window];
const relayRole = 'pharmonico_relay';

/** First tries to one of those that failed or stepped aside before, while both are due; neither holds up the other. */
const firstTriesPerRetry = 3;
const isFirstTry = 'last_error IS NULL';
const isRetry = 'last_error IS NOT NULL';

/**
 * Each kind has a partial index of its own: a mass of either costs the other nothing. No lease lasts longer than one given now:
 * what is planned for later than its end (reminders, thousands of them) is not read through.
 */
const underWay = (kind: string) => `(SELECT count(*) FROM outbox_events f
  WHERE f.queue = q.name AND f.done_at IS NULL AND f.${kind} AND f.due_at > $1 AND f.due_at <= $4
    AND f.dispatched_at IS NOT NULL)`;
const dueOf = (kind: string) => `(SELECT o.id FROM outbox_events o
  WHERE o.queue = room.name AND o.done_at IS NULL AND o.${kind} AND o.due_at <= $1
  ORDER BY o.due_at LIMIT room.most FOR UPDATE SKIP LOCKED)`;

/**
 * Hands out due rows. A window bounds what one queue may have under way: beyond it rows wait here and not in the queue,
 * where a lease would run out and hand them out again. SKIP LOCKED lets several relays share the work. Bookkeeping begins
 * as it is claimed. First tries and retries take turns, each kind oldest first, and what one leaves the other takes. The turns
 * are drawn: a window that has room for one row at a time must not give it to the same kind each time. An array, not a join:
 * how many rows are due no plan can know, and one that guesses many reads the whole table.
 */
export const claimDue: Statement = {
  name: 'outbox_claim_due',
  text: `WITH room AS MATERIALIZED (
      SELECT q.name, least($2, greatest(0, q.most - ${underWay(isFirstTry)} - ${underWay(isRetry)})) AS most
      FROM unnest($5::text[], $3::int[]) AS q(name, most)
    ), due AS (
      SELECT chosen.id FROM room CROSS JOIN LATERAL (
        SELECT either.id FROM (
          SELECT id, row_number() OVER () - random() AS turn FROM ${dueOf(isFirstTry)} first_tries
          UNION ALL
          SELECT id, (row_number() OVER () - random()) * ${firstTriesPerRetry} FROM ${dueOf(isRetry)} retries
        ) either ORDER BY turn LIMIT room.most) chosen)
    UPDATE outbox_events o SET dispatched_at = $1, dispatch_no = o.dispatch_no + 1, due_at = $4,
      attempts = o.attempts + CASE WHEN o.queue = '${bookkeeping.name}' THEN 1 ELSE 0 END,
      waiting_since = CASE WHEN o.queue <> '${bookkeeping.name}'
        THEN coalesce(o.waiting_since, greatest(o.due_at, o.occurred_at)) END
    WHERE o.id = ANY(ARRAY(SELECT id FROM due))
    RETURNING o.id, o.subscriber, o.queue, o.payload, o.event, o.dispatch_no AS "dispatchNo", o.attempts`,
};

/** Only rows nobody has begun since: the queue may have taken a job although its answer was lost, and deliver it twice. */
const handBackRows: Statement = {
  name: 'outbox_hand_back',
  text: `UPDATE outbox_events o SET due_at = $4, dispatched_at = NULL
    FROM unnest($1::uuid[], $2::int[], $3::int[]) AS back(id, dispatch_no, attempts)
    WHERE o.id = back.id AND o.dispatch_no = back.dispatch_no AND o.attempts = back.attempts AND o.done_at IS NULL
      AND o.dispatched_at IS NOT NULL`,
};

/**
 * Only the latest hand-out of an unfinished row may run, and once: a queue that delivers a job again, after a crash or a lost
 * lock, finds the rows it had begun under way, or waiting for their back-off. Its lease starts anew.
 */
const startRuns: Statement = {
  name: 'outbox_start',
  text: `UPDATE outbox_events o SET attempts = o.attempts + 1, due_at = $4, waiting_since = NULL
    FROM ${unnested(1, 'uuid', 'int', 'int')} AS started(id, dispatch_no, attempts)
    WHERE o.id = started.id AND o.dispatch_no = started.dispatch_no AND o.attempts = started.attempts AND o.done_at IS NULL
      AND o.dispatched_at IS NOT NULL
    RETURNING o.id, o.attempts`,
};

/** Whoever holds a row is about to end it, and a row handed out anew is another run's. */
const renewLeases: Statement = {
  name: 'outbox_renew',
  text: `UPDATE outbox_events SET due_at = $3 WHERE id IN (
      SELECT o.id FROM outbox_events o JOIN ${unnested(1, 'uuid', 'int')} AS held(id, dispatch_no)
        ON o.id = held.id AND o.dispatch_no = held.dispatch_no
      WHERE o.done_at IS NULL AND o.dispatched_at IS NOT NULL FOR UPDATE OF o SKIP LOCKED)`,
};

/** With the effects of the jobs, or after them. */
export const finishRuns: Statement = {
  name: 'outbox_finish',
  text: `UPDATE outbox_events SET done_at = $2 WHERE id = ${anyOf(1, 'uuid')} AND done_at IS NULL`,
};

const patienceMs = 24 * 3_600_000;
const patienceUntil = (now: Date) => new Date(now.getTime() - patienceMs);

@Injectable()
export class OutboxStore {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** In the order they were written: of what is claimed together, what came first begins first. */
  async claimDue(batch: number, leaseMs: number): Promise<DispatchedRow[]> {
    const now = this.clock.now();
    const values = [now, batch, windows, new Date(now.getTime() + leaseMs), names];
    const rows = await this.db.query<DispatchedRow>({}, claimDue, values, { dbRole: relayRole });
    return rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** For rows no queue would take: they are due again after `afterMs` and not only when their lease ends. */
  async handBack(rows: readonly HandedOut[], afterMs: number): Promise<void> {
    await this.db.query(systemContext, handBackRows, [
      rows.map((row) => row.id),
      rows.map((row) => row.dispatchNo),
      rows.map((row) => row.attempts),
      new Date(this.clock.now().getTime() + afterMs),
    ]);
  }

  /** @returns the number of this attempt, or undefined when the row is done, was begun before or was handed out anew */
  readonly start: (run: HandedOut & { leaseMs: number }) => Promise<number | undefined> = fold(
    async (runs) => {
      const leaseMs = Math.max(...runs.map((run) => run.leaseMs));
      const rows = await this.db.query<{ id: string; attempts: number }>(systemContext, startRuns, [
        runs.map((run) => run.id),
        runs.map((run) => run.dispatchNo),
        runs.map((run) => run.attempts),
        new Date(this.clock.now().getTime() + leaseMs),
      ]);
      const attempts = new Map(rows.map((row) => [row.id, row.attempts]));
      return runs.map((run) => attempts.get(run.id));
    },
    { mostItems: 200, mostBatches: 2 },
  );

  /** Of rows that are still at work. */
  async renew(rows: readonly RunningRow[], leaseMs: number): Promise<void> {
    await this.db.query(systemContext, renewLeases, [
      rows.map((row) => row.id),
      rows.map((row) => row.dispatchNo),
      new Date(this.clock.now().getTime() + leaseMs),
    ]);
  }

  readonly finish: (outboxId: string) => Promise<void> = fold(
    async (ids) => {
      await this.db.query(systemContext, finishRuns, [ids, this.clock.now()]);
      return ids.map(() => undefined);
    },
    { mostItems: 200, mostBatches: 2 },
  );

  /**
   * Plans the next attempt, or ends the row as a dead letter with its reason; nothing when the row was handed out anew. Of a scheduled
   * job the next slot does the same work, so one letter of a reason a day stands for all: a vendor that refuses for a night must not
   * bury the letters about patients.
   */
  async noteFailure(note: FailureNote): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      if (note.dueAt !== undefined) {
        await tx.send(
          `UPDATE outbox_events SET due_at = $2, dispatched_at = NULL, last_error = $3,
             postponed_since = CASE WHEN $4 THEN coalesce(postponed_since, $7) ELSE postponed_since END,
             attempts = attempts - CASE WHEN $4 AND coalesce(postponed_since, $7) > $5 THEN 1 ELSE 0 END
           WHERE id = $1 AND dispatch_no = $6 AND done_at IS NULL`,
          [
            note.outboxId,
            note.dueAt,
            note.code,
            !note.countsAsAttempt,
            patienceUntil(this.clock.now()),
            note.dispatchNo,
            this.clock.now(),
          ],
        );
        return;
      }
      await tx.send(
        `WITH ended AS (
           UPDATE outbox_events SET done_at = $2, last_error = $3 WHERE id = $1 AND dispatch_no = $5 AND done_at IS NULL RETURNING *)
         INSERT INTO dead_letters (id, outbox_id, subscriber, queue, aggregate_id, organization_id, reason, attempts, created_at)
         SELECT $4, id, subscriber, queue, aggregate_id, organization_id, $3, attempts, $2 FROM ended
         WHERE NOT (payload ? 'slot' AND EXISTS (
           SELECT 1 FROM dead_letters d WHERE d.subscriber = ended.subscriber AND d.reason = $3 AND d.redriven_at IS NULL
             AND d.created_at > $2::timestamptz - interval '1 day'))`,
        [note.outboxId, this.clock.now(), note.code, newId(), note.dispatchNo],
      );
    });
  }
}
