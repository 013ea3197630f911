import { Injectable } from '@nestjs/common';
import { anyOf, unnested, type SqlValue, type Statement, type Tx } from '../../platform/db/index.js';
import { inSmallLetters } from '../../platform/ids/index.js';
import type { WebhookEvent, WebhookStatus } from './webhook-event.entity.js';
import { hasVendorsOwnSql, isRepeatSql, isUnprovenSql, vendorsNameSql } from './webhook-inbox.sql.js';
import type { WebhookVerdict } from './webhook-sources.js';
import { processWebhook } from './webhooks.jobs.js';

export type SealedWebhook = Pick<
  WebhookEvent,
  'id' | 'organizationId' | 'source' | 'eventType' | 'status' | 'receivedAt' | 'rawSealed' | 'headersSealed'
> & { isRepeat: boolean };

/** What people see of an event: never its content. */
export type ListedWebhook = Pick<
  WebhookEvent,
  | 'id'
  | 'organizationId'
  | 'source'
  | 'eventType'
  | 'status'
  | 'receivedAt'
  | 'processedAt'
  | 'attempts'
  | 'durationMs'
  | 'errorCode'
>;
export type ShownWebhook = ListedWebhook & Pick<WebhookEvent, 'dedupeKey' | 'contentType' | 'related' | 'ticketId'>;

/** Which events are meant, and whose. */
export interface WebhookSelection {
  organizationId: string;
  /** Also what nobody could be matched with yet, and so belongs to no organization. */
  unmatched: boolean;
  id?: string | undefined;
  sources?: readonly string[] | undefined;
  eventType?: string | undefined;
  status?: WebhookStatus | undefined;
  /** An id of ours or of the vendor, under whatever name it stands. */
  related?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

export interface WebhookFilter extends WebhookSelection {
  /** Id of the last row of the page before; ids are ordered by time. */
  cursor?: string | undefined;
  limit: number;
}

const listed = `id, organization_id AS "organizationId", source, event_type AS "eventType", status,
  received_at AS "receivedAt", processed_at AS "processedAt", attempts, duration_ms AS "durationMs",
  error_code AS "errorCode"`;
export const sealedColumns = `id, organization_id AS "organizationId", source, event_type AS "eventType", status,
  received_at AS "receivedAt", raw_sealed AS "rawSealed", headers_sealed AS "headersSealed",
  ${isRepeatSql('webhook_events')} AS "isRepeat"`;

/** An event its handler has dealt with. */
export interface SettledWebhook {
  id: string;
  verdict: WebhookVerdict;
  tookMs: number;
}

/**
 * Not over what another run has made of it: this one may have been slower than its lease. What was imported and turned out to be
 * the importer's takes the vendor's name for the event (`keyOf`), unless that came in by the door meanwhile.
 */
const settleSql: Statement = {
  name: 'webhooks_settle',
  text: `UPDATE webhook_events e SET status = s.status, processed_at = $7, attempts = attempts + 1, error_code = s.code,
      duration_ms = s.took_ms, organization_id = coalesce(s.organization_id, e.organization_id),
      related = e.related || s.related,
      dedupe_key = CASE WHEN s.status = 'processed' AND ${isUnprovenSql('e')} AND NOT ${hasVendorsOwnSql('e')}
        THEN ${vendorsNameSql('e')} ELSE e.dedupe_key END
    FROM ${unnested(1, 'uuid', 'text', 'text', 'uuid', 'jsonb', 'int')}
      AS s(id, status, code, organization_id, related, took_ms)
    WHERE e.id = s.id AND e.status IN ('received', 'failed')`,
};

@Injectable()
export class WebhookEventsStore {
  /** In no order; those there are. */
  sealed(tx: Tx, ids: readonly string[]): Promise<SealedWebhook[]> {
    return tx.query<SealedWebhook>(`SELECT ${sealedColumns} FROM webhook_events WHERE id = ${anyOf(1, 'uuid')}`, [ids]);
  }

  list(tx: Tx, filter: WebhookFilter): Promise<ListedWebhook[]> {
    const { text, values } = conditionsOf(filter, [['id < ?', filter.cursor]]);
    return tx.query<ListedWebhook>(
      `SELECT ${listed} FROM webhook_events WHERE ${text} ORDER BY id DESC LIMIT $${values.length + 1}`,
      [...values, filter.limit],
    );
  }

  async hasSource(tx: Tx, source: string): Promise<boolean> {
    return (await tx.one('SELECT 1 FROM webhook_events WHERE source = $1 LIMIT 1', [source])) !== undefined;
  }

  find(tx: Tx, id: string): Promise<ShownWebhook | undefined> {
    return tx.one<ShownWebhook>(
      `SELECT ${listed}, dedupe_key AS "dedupeKey", content_type AS "contentType", related, ticket_id AS "ticketId"
       FROM webhook_events WHERE id = $1`,
      [id],
    );
  }

  async settle(tx: Tx, settled: readonly SettledWebhook[], now: Date): Promise<void> {
    await tx.send(settleSql, [
      settled.map(({ id }) => id),
      settled.map(({ verdict }) => verdict.outcome),
      settled.map(({ verdict }) => verdict.code ?? null),
      settled.map(({ verdict }) => verdict.organizationId ?? null),
      settled.map(({ verdict }) => JSON.stringify(verdict.related ?? {})),
      settled.map(({ tookMs }) => tookMs),
      now,
    ]);
  }

  async noteFailure(tx: Tx, id: string, failure: { code: string; last: boolean; tookMs: number }): Promise<void> {
    await tx.send(
      `UPDATE webhook_events SET attempts = attempts + 1, error_code = $2, duration_ms = $4,
         status = CASE WHEN $3 THEN 'failed' ELSE status END
       WHERE id = $1 AND status IN ('received', 'failed')`,
      [id, failure.code, failure.last, failure.tookMs],
    );
  }

  /** A dead letter of it is settled by that: the new job takes its place. @returns false when the event is being worked on */
  async reopen(tx: Tx, id: string, by: string, now: Date): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE webhook_events SET status = 'received', processed_at = NULL, error_code = NULL
       WHERE id = $1 AND status <> 'received' RETURNING id`,
      [id],
    );
    if (rows.length === 0) return false;
    await tx.send(settleLettersSql, [[id], processWebhook.name, now, by]);
    return true;
  }
}

/** Of events whose handling is begun anew. */
export const settleLettersSql = `UPDATE dead_letters SET redriven_at = $3, redriven_by = $4
  WHERE aggregate_id = ANY($1::uuid[]) AND subscriber = $2 AND redriven_at IS NULL`;

type Condition = readonly [sql: string, value: SqlValue | undefined];

/** WHERE of a selection; every value is a parameter. */
export function conditionsOf(
  selection: WebhookSelection,
  more: readonly Condition[] = [],
): { text: string; values: SqlValue[] } {
  const all: readonly Condition[] = [
    [`(organization_id = ?${selection.unmatched ? ' OR organization_id IS NULL' : ''})`, selection.organizationId],
    ['id = ?', selection.id],
    ['source = ANY (?)', selection.sources],
    ['event_type = ?', selection.eventType],
    ['status = ?', selection.status],
    [
      `related <> '{}'::jsonb AND related @? ?::jsonpath`,
      selection.related === undefined ? undefined : anywhere(selection.related),
    ],
    ['received_at >= ?', selection.from],
    ['received_at < ?', selection.to],
    ...more,
  ];
  const given = all.filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
  return {
    text: given.map(([sql], index) => sql.replace(/(?<!@)\?/, `$${index + 1}`)).join(' AND '),
    values: given.map(([, value]) => value),
  };
}

/** An id of ours stands in small letters, whatever case it is asked for in; a vendor writes its own as it likes. */
function anywhere(value: string): string {
  const spellings = [...new Set([value, inSmallLetters(value)])];
  return `$.** ? (${spellings.map((spelling) => `@ == ${JSON.stringify(spelling)}`).join(' || ')})`;
}
