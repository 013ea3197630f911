import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { WebhookStatus } from './webhook-event.entity.js';
import {
  conditionsOf,
  sealedColumns,
  settleLettersSql,
  type SealedWebhook,
  type WebhookSelection,
} from './webhook-events.store.js';
import { WebhookReplay } from './webhook-replay.entity.js';
import { processWebhook } from './webhooks.jobs.js';

/** Nothing is handed out that is being worked on; what is counted or tried out before is the same. */
const replayable = `status <> 'received'`;

@Injectable()
export class WebhookReplaysStore {
  /** Counts no further than `most` + 1. */
  async count(tx: Tx, selection: WebhookSelection, most: number): Promise<number> {
    const { text, values } = conditionsOf(selection);
    const row = await tx.one<{ n: number }>(
      `SELECT count(*)::int AS n FROM (SELECT 1 FROM webhook_events WHERE ${text} AND ${replayable} LIMIT $${values.length + 1}) found`,
      [...values, most + 1],
    );
    return row?.n ?? 0;
  }

  /** Oldest first, as a replay hands them out. */
  page(tx: Tx, selection: WebhookSelection, after: string | undefined, limit: number): Promise<SealedWebhook[]> {
    const { text, values } = conditionsOf(selection, [['id > ?', after]]);
    return tx.query<SealedWebhook>(
      `SELECT ${sealedColumns} FROM webhook_events WHERE ${text} AND ${replayable} ORDER BY id LIMIT $${values.length + 1}`,
      [...values, limit],
    );
  }

  async add(tx: Tx, replay: Omit<WebhookReplay, 'handedOut' | 'handedOutAt'>): Promise<void> {
    await tx.send(
      `INSERT INTO webhook_replays (id, organization_id, unmatched, source, status, event_type, received_from, received_to, matching,
         requested_by, requested_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        replay.id,
        replay.organizationId,
        replay.unmatched,
        replay.source,
        replay.status,
        replay.eventType,
        replay.receivedFrom,
        replay.receivedTo,
        replay.matching,
        replay.requestedBy,
        replay.requestedAt,
      ],
    );
  }

  async find(tx: Tx, id: string): Promise<WebhookReplay | undefined> {
    return tx.row(WebhookReplay, { id });
  }

  /** Reopens the next events and writes their jobs, in one statement. @returns the last id and how many */
  async handOut(
    tx: Tx,
    replay: WebhookReplay,
    page: { sources: readonly string[]; after: string | undefined; most: number; now: Date },
  ): Promise<{ last: string | undefined; count: number }> {
    const { text, values } = conditionsOf(selectionOf(replay, page.sources), [['id > ?', page.after]]);
    const next = values.length;
    const jobIds = Array.from({ length: page.most }, () => newId());
    const rows = await tx.query<{ id: string }>(
      `WITH chosen AS (
         SELECT id, row_number() OVER (ORDER BY id) AS n FROM (
           SELECT id FROM webhook_events WHERE ${text} AND ${replayable}
           ORDER BY id LIMIT $${next + 1} FOR UPDATE) locked
       ), reopened AS (
         UPDATE webhook_events e SET status = 'received', processed_at = NULL, error_code = NULL, replay_id = $${next + 2}
         FROM chosen WHERE e.id = chosen.id
       ), jobs AS (
         INSERT INTO outbox_events (id, subscriber, queue, aggregate_id, payload, occurred_at, due_at)
         SELECT ($${next + 3}::uuid[])[n], $${next + 4}, $${next + 5}, id, jsonb_build_object('webhookEventId', id),
           $${next + 6}::timestamptz, $${next + 6}::timestamptz
         FROM chosen
       )
       SELECT id FROM chosen ORDER BY n`,
      [...values, page.most, replay.id, jobIds, processWebhook.name, processWebhook.queue, page.now],
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) {
      await tx.send(settleLettersSql, [ids, processWebhook.name, page.now, replay.requestedBy]);
      await tx.send('UPDATE webhook_replays SET handed_out = handed_out + $2 WHERE id = $1', [replay.id, ids.length]);
    }
    return { last: ids.at(-1), count: ids.length };
  }

  async end(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.send('UPDATE webhook_replays SET handed_out_at = coalesce(handed_out_at, $2) WHERE id = $1', [id, now]);
  }

  /** Where the events of a replay stand. */
  async standing(tx: Tx, id: string): Promise<Record<WebhookStatus, number>> {
    const rows = await tx.query<{ status: WebhookStatus; n: number }>(
      'SELECT status, count(*)::int AS n FROM webhook_events WHERE replay_id = $1 GROUP BY status',
      [id],
    );
    const none: Record<WebhookStatus, number> = { received: 0, processed: 0, parked: 0, failed: 0, ignored: 0 };
    return { ...none, ...Object.fromEntries(rows.map(({ status, n }) => [status, n])) };
  }
}

function selectionOf(replay: WebhookReplay, sources: readonly string[]): WebhookSelection {
  return {
    organizationId: replay.organizationId,
    unmatched: replay.unmatched,
    sources,
    status: replay.status ?? undefined,
    eventType: replay.eventType ?? undefined,
    from: replay.receivedFrom ?? undefined,
    to: replay.receivedTo,
  };
}
