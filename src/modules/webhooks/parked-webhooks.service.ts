import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { hasVendorsOwnSql, isLeftParkedSql, isNotUnderstoodSql, kindNotUnderstoodSql } from './webhook-inbox.sql.js';
import { processWebhook } from './webhooks.jobs.js';

/** A thing and its event may miss each other in the moment the one is stored and the other parked; by then both are to be seen. */
const settledMs = 60_000;

/** Who answers for what is nobody's yet. */
const homeSql = '(SELECT id FROM organizations ORDER BY created_at, id LIMIT 1)';

/** An event that has been parked for long enough that a person must look. */
export interface OverdueWebhook {
  id: string;
  /** Of the organization it belongs to; while nobody knows which, of the one that runs the installation. */
  organizationId: string;
  source: string;
  code: string | null;
  receivedAt: Date;
}

/** Events of one word, of one kind of event, or of a source's bodies of another form, that no version of ours understands yet. */
export interface NotUnderstood extends Omit<OverdueWebhook, 'id'> {
  /** Of the events nobody was told of yet; oldest first. */
  ids: string[];
  /** Null of bodies of another form. */
  eventType: string | null;
  word: string | null;
  /** Of the first of them. */
  receivedAt: Date;
  /** The ticket that told of it last, whether it is still open or not. */
  toldBy: string | null;
}

/** What waits in the inbox for something that may never appear, or for a job that has ended. */
@Injectable()
export class ParkedWebhooks {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Hands parked events to their handler again: at first soon, as whoever made the thing they name just then found nothing to
   * release; then ever more rarely, each time they have become twice as old, as not everything they wait for releases them (an
   * organization that gets its name, an order that gets its number). Not what was imported and turned out to be another
   * organization's: it waits for nothing, and its importer is not told.
   */
  async lookAgain(tx: Tx, most: number): Promise<void> {
    const now = this.clock.now();
    const events = await tx.query<{ id: string }>(
      `UPDATE webhook_events SET status = 'received', processed_at = NULL, looked_again_at = $1
       WHERE id IN (
         SELECT id FROM webhook_events e
         WHERE status = 'parked' AND processed_at < $2
           AND (looked_again_at IS NULL OR looked_again_at < processed_at - interval '1 hour'
             OR looked_again_at < $1::timestamptz - greatest(interval '1 hour', looked_again_at - received_at))
           AND NOT ${hasVendorsOwnSql('e', 'o.organization_id <> e.organization_id')}
         ORDER BY looked_again_at NULLS FIRST, id LIMIT $3 FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [now, new Date(now.getTime() - settledMs), most],
    );
    for (const { id } of events) {
      await this.outbox.enqueue(tx, processWebhook, { webhookEventId: id }, { aggregateId: id });
    }
  }

  /**
   * A job may end without its handler, which would have said so: started again and again, or cut off from the database. An
   * event it leaves behind is worked on by nobody.
   */
  async failAbandoned(tx: Tx): Promise<void> {
    await tx.send(
      `UPDATE webhook_events e SET status = 'failed', error_code = d.reason
       FROM dead_letters d
       WHERE d.subscriber = $1 AND d.redriven_at IS NULL AND e.id = d.aggregate_id AND e.status = 'received'
         AND NOT EXISTS (SELECT 1 FROM outbox_events o
           WHERE o.aggregate_id = e.id AND o.subscriber = d.subscriber AND o.done_at IS NULL)`,
      [processWebhook.name],
    );
  }

  /** Locked, so that two looks make one ticket. Oldest first. */
  takeOverdue(tx: Tx, receivedBefore: Date, most: number): Promise<OverdueWebhook[]> {
    return tx.query<OverdueWebhook>(
      `SELECT e.id, coalesce(e.organization_id, home.id) AS "organizationId", e.source, e.error_code AS code,
         e.received_at AS "receivedAt"
       FROM webhook_events e
       CROSS JOIN ${homeSql} home
       WHERE ${isLeftParkedSql('e')} AND NOT ${isNotUnderstoodSql('e')} AND e.received_at < $1
       ORDER BY e.id LIMIT $2 FOR UPDATE OF e SKIP LOCKED`,
      [receivedBefore, most],
    );
  }

  /** What nothing but a new version of ours, or a word from the vendor, will ever read, so there is nothing to be patient for. */
  takeNotUnderstood(tx: Tx, most: number): Promise<NotUnderstood[]> {
    return tx.query<NotUnderstood>(
      `WITH taken AS (
         SELECT e.id, coalesce(e.organization_id, home.id) AS organization_id, e.source, e.error_code,
           ${kindNotUnderstoodSql('e')} AS event_type, e.related->>'word' AS word, e.received_at
         FROM webhook_events e CROSS JOIN ${homeSql} home
         WHERE ${isLeftParkedSql('e')} AND ${isNotUnderstoodSql('e')}
         ORDER BY e.id LIMIT $1 FOR UPDATE OF e
       ), kinds AS (
         SELECT array_agg(id ORDER BY id) AS ids, organization_id, source, error_code, event_type, word,
           min(received_at) AS received_at
         FROM taken GROUP BY organization_id, source, error_code, event_type, word
       )
       SELECT k.ids, k.organization_id AS "organizationId", k.source, k.error_code AS code, k.event_type AS "eventType",
         k.word, k.received_at AS "receivedAt", told.ticket_id AS "toldBy"
       FROM kinds k CROSS JOIN ${homeSql} home
       LEFT JOIN LATERAL (
         SELECT e.ticket_id FROM webhook_events e
         WHERE e.status = 'parked' AND e.ticket_id IS NOT NULL AND e.source = k.source AND e.error_code = k.error_code
           AND ${kindNotUnderstoodSql('e')} IS NOT DISTINCT FROM k.event_type AND e.related->>'word' IS NOT DISTINCT FROM k.word
           AND coalesce(e.organization_id, home.id) = k.organization_id
         ORDER BY e.id DESC LIMIT 1) told ON true
       ORDER BY k.received_at`,
      [most],
    );
  }

  async noteTicket(tx: Tx, ids: readonly string[], ticketId: string): Promise<void> {
    await tx.send('UPDATE webhook_events SET ticket_id = $2 WHERE id = ANY($1::uuid[])', [ids, ticketId]);
  }
}
