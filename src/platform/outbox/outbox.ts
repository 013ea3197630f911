import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/index.js';
import { unnested, type SqlValue, type Statement, type Tx } from '../db/index.js';
import { newId } from '../ids/index.js';
import { onRequest, subscribersOf, type JobDefinition, type JobPayload, type JobRun } from '../jobs/definition.js';
import { Bell } from './bell.js';
import { addListeners, forgetListeners, isForSubscriber } from './listeners.js';
import { finishRuns } from './outbox.store.js';

export interface OutboxEvent {
  name: string;
  /** What the event is about; per-thing order and `/why` look-ups use it. */
  aggregateId: string;
  organizationId?: string | undefined;
  payload: JobPayload;
  /** Of events that have them. */
  variant?: string | undefined;
}

export interface EnqueueOptions {
  dueAt?: Date;
  /** The same key twice is one job, also when the first is long done. */
  dedupeKey?: string;
  aggregateId?: string;
  organizationId?: string;
}

/** Parameters of one event's outbox rows, for statements that write them beside the state change. */
export interface OutboxRows {
  ids: string[];
  subscribers: string[];
  queues: string[];
  /** Null: the row is for every variant of the event. */
  variants: (string | null)[];
}

const insertRows: Statement = {
  name: 'outbox_insert',
  text: `INSERT INTO outbox_events (id, event, subscriber, queue, aggregate_id, organization_id, payload, occurred_at, due_at, done_at, dedupe_key)
    SELECT rows.id, $1, rows.subscriber, rows.queue, $2, $3, $4, $5, $6,
           CASE WHEN rows.subscriber = '' THEN $5::timestamptz END, $7
    FROM ${unnested(8, 'uuid', 'text', 'text', 'text')} AS rows(id, subscriber, queue, variant)
    WHERE ${isForSubscriber({ variant: '$12', organization: '$3', event: '$1' })}
    ON CONFLICT (dedupe_key) DO NOTHING
    RETURNING id`,
};

/** The one finished row of an event that nobody must hear. */
const record = { job: { name: '', queue: '' }, variant: null };

/**
 * What must happen after a commit is a row in that commit. One row per subscriber, so each has its own retries; an event
 * nobody listens to leaves one finished row, the record that it happened.
 */
@Injectable()
export class Outbox {
  constructor(
    private readonly clock: Clock,
    private readonly bell: Bell,
  ) {}

  async publish(tx: Tx, event: OutboxEvent): Promise<void> {
    await tx.send(insertRows, this.values(event.name, this.rowsOf(event.name), event));
    this.announce(tx);
  }

  /** A job of its own, now or at `dueAt`. @returns its outbox id, or undefined when the dedupe key was there already */
  async enqueue<P extends JobPayload>(
    tx: Tx,
    job: JobDefinition<P>,
    payload: P,
    options: EnqueueOptions = {},
  ): Promise<string | undefined> {
    const id = newId();
    const rows = { ids: [id], subscribers: [job.name], queues: [job.queue], variants: [null] };
    const values = this.values(null, rows, { payload, ...options }, options);
    this.announce(tx);
    if (options.dedupeKey !== undefined) return (await tx.run<{ id: string }>(insertRows, values))[0]?.id;
    await tx.send(insertRows, values);
    return id;
  }

  /** Ids and subscribers of an event's rows; the caller's own statement inserts them and `announce`s. */
  rowsOf(event: string): OutboxRows {
    const heard = subscribersOf(event);
    const isRecorded = heard.some(({ variant }) => variant !== onRequest);
    const rows = isRecorded ? heard : [record, ...heard];
    return {
      ids: rows.map(() => newId()),
      subscribers: rows.map(({ job }) => job.name),
      queues: rows.map(({ job }) => job.queue),
      variants: rows.map(({ variant }) => variant),
    };
  }

  /**
   * From the commit on, a job that is defined to hear events on request hears these of the organization and no others.
   * Two who set them at once must be kept apart by the caller.
   */
  async listen(tx: Tx, job: JobDefinition, organizationId: string, events: readonly string[]): Promise<void> {
    await tx.send(forgetListeners, [organizationId, job.name, events]);
    await tx.send(addListeners, [organizationId, job.name, events]);
  }

  /** Wakes the relay once the transaction is committed. */
  announce(tx: Tx): void {
    tx.onCommit(() => this.ring());
  }

  /** Wakes the relay at once: for after a statement that was a transaction by itself. */
  ring(): void {
    this.bell.ring();
  }

  /** Ends rows of jobs in the transaction that holds their effects. */
  async close(tx: Tx, ...runs: readonly JobRun[]): Promise<void> {
    await tx.send(finishRuns, [runs.map(({ outboxId }) => outboxId), this.clock.now()]);
    this.closes(tx, ...runs);
  }

  /** For statements that close the rows themselves. */
  closes(tx: Tx, ...runs: readonly JobRun[]): void {
    tx.onCommit(() => {
      for (const run of runs) run.closed = true;
    });
  }

  private values(
    event: string | null,
    rows: OutboxRows,
    about: Omit<OutboxEvent, 'name' | 'aggregateId'> & { aggregateId?: string | undefined },
    options: EnqueueOptions = {},
  ): SqlValue[] {
    const now = this.clock.now();
    return [
      event,
      about.aggregateId ?? null,
      about.organizationId ?? null,
      JSON.stringify(about.payload),
      now,
      options.dueAt ?? now,
      options.dedupeKey ?? null,
      rows.ids,
      rows.subscribers,
      rows.queues,
      rows.variants,
      about.variant ?? null,
    ];
  }
}
