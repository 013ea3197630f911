import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { SqlValue, Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { JobDefinition } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { keptMs, overdueMs } from './delivery.policy.js';
import { pingEvent } from './event-catalog.js';
import { WebhookDelivery, type DeliveryStatus } from './webhook-delivery.entity.js';
import type { WebhookDeliveryAttempt } from './webhook-delivery-attempt.entity.js';
import type { SealedSecrets } from './webhook-secrets.js';
import { deliverInTurnJob, deliverJob, type Try } from './webhook-endpoints.jobs.js';

export interface HeardEvent {
  eventId: string;
  organizationId: string;
  event: string;
  occurredAt: Date;
  payload: Readonly<Record<string, unknown>>;
  ticketId: string | null;
  /** Those that want it. */
  endpoints: string[];
}

export interface NewDelivery {
  organizationId: string;
  endpointId: string;
  eventId: string;
  event: string;
  body: string;
}

/** A delivery with what its endpoint is like at this moment. */
export type DueDelivery = Pick<
  WebhookDelivery,
  'endpointId' | 'organizationId' | 'eventId' | 'event' | 'body' | 'round' | 'tries'
> &
  Omit<SealedSecrets, 'id'> & { id: string; url: string; isOpen: boolean; attemptId: string };

export interface DeliveryFilter {
  endpointId: string;
  status?: DeliveryStatus | undefined;
  event?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

export interface EndedAttempt {
  outcome: 'delivered' | 'failed';
  statusCode: number | null;
  failureCode: string | null;
  durationMs: number;
}

const happened = `
  SELECT o.id AS "eventId", o.organization_id AS "organizationId", o.event, o.occurred_at AS "occurredAt", o.payload,
    p.ticket_id AS "ticketId", ARRAY(
      SELECT e.id FROM webhook_endpoints e
      WHERE e.organization_id = o.organization_id AND e.deleted_at IS NULL
        AND (e.events IS NULL OR o.event = ANY (e.events))
        -- That it was disabled is news for the others.
        AND e.id::text IS DISTINCT FROM o.payload ->> 'endpointId'
      ORDER BY e.id) AS endpoints
  FROM outbox_events o LEFT JOIN prescriptions p ON p.id = o.aggregate_id WHERE o.id = $1`;

/**
 * The lock is for disabled endpoints alone, where nobody is in a hurry: an endpoint that is being enabled gets the event
 * either before, as a held one that can be recovered then, or after, as any other. A ping is sent whatever the endpoint is.
 */
const insertDelivery = `
  WITH disabled AS (
    SELECT FROM webhook_endpoints WHERE id = $3 AND disabled_at IS NOT NULL AND $5 <> '${pingEvent}' FOR SHARE
  )
  INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, event, body, status, next_attempt_at, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN EXISTS (SELECT FROM disabled) THEN 'held' ELSE 'pending' END,
    CASE WHEN EXISTS (SELECT FROM disabled) THEN NULL ELSE $7::timestamptz END, $7)
  ON CONFLICT (endpoint_id, event_id) DO NOTHING RETURNING id, status`;

/** What an earlier run of the same try left behind was interrupted: its process is gone, or slower than its lease. */
const beginTry = `
  WITH due AS (
    SELECT d.id, d.endpoint_id, d.organization_id, d.event_id, d.event, d.body, d.round, d.tries, e.url, e.secret_sealed,
      e.previous_secret_sealed, e.previous_valid_until,
      e.deleted_at IS NULL AND (e.disabled_at IS NULL OR d.event = '${pingEvent}') AS is_open
    FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE d.id = $1 AND d.round = $2 AND d.status = 'pending' FOR NO KEY UPDATE OF d
  ), interrupted AS (
    UPDATE webhook_delivery_attempts a SET outcome = 'interrupted'
    FROM due WHERE a.delivery_id = due.id AND a.outcome = 'under-way'
  ), begun AS (
    INSERT INTO webhook_delivery_attempts (id, organization_id, delivery_id, round, started_at, outcome)
    SELECT $3, organization_id, id, round, $4, 'under-way' FROM due WHERE is_open
  )
  SELECT id, endpoint_id AS "endpointId", organization_id AS "organizationId", event_id AS "eventId", event, body, round,
    tries, url, secret_sealed AS "secretSealed", previous_secret_sealed AS "previousSecretSealed",
    previous_valid_until AS "previousValidUntil", is_open AS "isOpen" FROM due`;

/** A job that failed for good is done, so what it was to send has none any more. A delivery is the aggregate of its jobs only. */
const takeUpOverdue = `
  UPDATE webhook_deliveries d SET next_attempt_at = $2 FROM webhook_endpoints e
  WHERE d.id IN (
      SELECT id FROM webhook_deliveries s WHERE status = 'pending' AND next_attempt_at < $1
        AND NOT EXISTS (SELECT FROM outbox_events o WHERE o.aggregate_id = s.id AND o.done_at IS NULL)
      ORDER BY next_attempt_at LIMIT $3)
    AND e.id = d.endpoint_id AND d.status = 'pending' AND d.next_attempt_at < $1
  RETURNING d.id, d.endpoint_id AS "endpointId", d.organization_id AS "organizationId", d.round,
    e.recovering_id IS NOT DISTINCT FROM d.id AS "isTurn"`;

interface Planned {
  id: string;
  endpointId: string;
  organizationId: string;
  round: number;
}

@Injectable()
export class WebhookDeliveriesStore {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {}

  /** What the outbox row of a hearing job is about. */
  happened(tx: Tx, outboxId: string): Promise<HeardEvent | undefined> {
    return tx.one<HeardEvent>(happened, [outboxId]);
  }

  /**
   * Stores a delivery and the job of its first try, or, while the endpoint is disabled, holds it.
   * @returns its id, or undefined when the endpoint has the event already
   */
  async add(tx: Tx, delivery: NewDelivery): Promise<string | undefined> {
    const { organizationId, endpointId, eventId, event, body } = delivery;
    const now = this.clock.now();
    const row = await tx.one<{ id: string; status: DeliveryStatus }>(insertDelivery, [
      newId(),
      organizationId,
      endpointId,
      eventId,
      event,
      body,
      now,
    ]);
    if (row?.status === 'pending') await this.enqueue(tx, { id: row.id, endpointId, organizationId, round: 1 }, now);
    return row?.id;
  }

  /** Locks the delivery and notes the attempt. @returns undefined when it has ended or begun a new round */
  async begin(tx: Tx, id: string, round: number): Promise<DueDelivery | undefined> {
    const attemptId = newId();
    const due = await tx.one<Omit<DueDelivery, 'attemptId'>>(beginTry, [id, round, attemptId, this.clock.now()]);
    return due === undefined ? undefined : { ...due, attemptId };
  }

  async endAttempt(tx: Tx, attemptId: string, ended: EndedAttempt): Promise<void> {
    await tx.send(
      `UPDATE webhook_delivery_attempts SET outcome = $2, status_code = $3, failure_code = $4, duration_ms = $5 WHERE id = $1`,
      [attemptId, ended.outcome, ended.statusCode, ended.failureCode, ended.durationMs],
    );
  }

  /** @param failureCode null: it arrived */
  async end(tx: Tx, { id, round, tries }: Pick<DueDelivery, 'id' | 'round' | 'tries'>, failureCode: string | null) {
    await tx.send(
      `UPDATE webhook_deliveries SET status = $3, failure_code = $4, tries = $5, next_attempt_at = NULL, ended_at = $6
       WHERE id = $1 AND round = $2 AND status = 'pending'`,
      [id, round, failureCode === null ? 'delivered' : 'failed', failureCode, tries, this.clock.now()],
    );
  }

  /** Plans the next try. */
  async postpone(tx: Tx, delivery: DueDelivery, failureCode: string, waitMs: number): Promise<void> {
    const dueAt = new Date(this.clock.now().getTime() + waitMs);
    const rows = await tx.query(
      `UPDATE webhook_deliveries SET failure_code = $3, tries = $4, next_attempt_at = $5
       WHERE id = $1 AND round = $2 AND status = 'pending' AND tries = $4 - 1 RETURNING id`,
      [delivery.id, delivery.round, failureCode, delivery.tries, dueAt],
    );
    if (rows.length === 1) await this.enqueue(tx, delivery, dueAt);
  }

  /** The same try by another job. */
  async enqueueAnew(tx: Tx, job: JobDefinition<Try>, due: Try, waitMs: number): Promise<void> {
    const delivery = await this.find(tx, due.deliveryId);
    if (delivery === undefined) return;
    const { id: aggregateId, organizationId } = delivery;
    const dueAt = new Date(this.clock.now().getTime() + waitMs);
    await this.outbox.enqueue(tx, job, due, { aggregateId, organizationId, dueAt });
  }

  /** A new round with all its tries. */
  async reopen(tx: Tx, delivery: WebhookDelivery): Promise<void> {
    const now = this.clock.now();
    const round = delivery.round + 1;
    await tx.send(
      `UPDATE webhook_deliveries SET status = 'pending', round = $2, tries = 0, failure_code = NULL, next_attempt_at = $3,
         ended_at = NULL
       WHERE id = $1`,
      [delivery.id, round, now],
    );
    const { id, endpointId, organizationId } = delivery;
    await this.enqueue(tx, { id, endpointId, organizationId, round }, now);
  }

  find(tx: Tx, id: string, options: { lock?: boolean } = {}): Promise<WebhookDelivery | undefined> {
    return tx.row(WebhookDelivery, { id }, options);
  }

  /** Newest first: ids are time-ordered. */
  async list(tx: Tx, { limit, ...filter }: DeliveryFilter): Promise<WebhookDelivery[]> {
    const query = tx.manager.createQueryBuilder(WebhookDelivery, 'd').orderBy('d.id', 'DESC').limit(limit);
    const conditions: [string, string | undefined][] = [
      ['d.endpointId = :endpointId', filter.endpointId],
      ['d.status = :status', filter.status],
      ['d.event = :event', filter.event],
      ['d.id < :cursor', filter.cursor],
    ];
    for (const [condition, value] of conditions) if (value !== undefined) query.andWhere(condition, filter);
    return query.getMany();
  }

  /** Oldest first. */
  attemptsOf(tx: Tx, deliveryIds: readonly string[]): Promise<WebhookDeliveryAttempt[]> {
    return tx.query<WebhookDeliveryAttempt>(
      `SELECT id, delivery_id AS "deliveryId", round, started_at AS "startedAt", outcome, status_code AS "statusCode",
         failure_code AS "failureCode", duration_ms AS "durationMs"
       FROM webhook_delivery_attempts WHERE delivery_id = ANY ($1::uuid[]) ORDER BY id`,
      [deliveryIds],
    );
  }

  /** @returns how many were removed */
  async sweep(tx: Tx, most: number): Promise<number> {
    const before = new Date(this.clock.now().getTime() - keptMs);
    const rows = await tx.query(
      `DELETE FROM webhook_deliveries WHERE id IN (
         (SELECT id FROM webhook_deliveries WHERE ended_at < $1 ORDER BY ended_at LIMIT $2) UNION ALL
         (SELECT id FROM webhook_deliveries WHERE status = 'held' AND created_at < $1 ORDER BY created_at LIMIT $2)
         LIMIT $2) RETURNING id`,
      [before, most] satisfies SqlValue[],
    );
    return rows.length;
  }

  /** Gives a job to what was due long ago and has none. @returns how many */
  async takeUp(tx: Tx, most: number): Promise<number> {
    const now = this.clock.now();
    const before = new Date(now.getTime() - overdueMs);
    const rows = await tx.query<Planned & { isTurn: boolean }>(takeUpOverdue, [before, now, most]);
    for (const row of rows) await this.enqueue(tx, row, now, row.isTurn ? deliverInTurnJob : deliverJob);
    return rows.length;
  }

  private async enqueue(tx: Tx, planned: Planned, dueAt: Date, job = deliverJob): Promise<void> {
    const { id, endpointId, organizationId, round } = planned;
    await this.outbox.enqueue(
      tx,
      job,
      { deliveryId: id, endpointId, round },
      { aggregateId: id, organizationId, dueAt },
    );
  }
}
