import { Injectable } from '@nestjs/common';
import type { SqlValue, Tx } from '../../platform/db/index.js';
import type { WebhookEvent, WebhookStatus } from './webhook-event.entity.js';
import type { WebhookVerdict } from './webhook-sources.js';

export type SealedWebhook = Pick<
  WebhookEvent,
  'id' | 'source' | 'eventType' | 'status' | 'receivedAt' | 'rawSealed' | 'headersSealed'
>;

/** What people see of an event: never its content. */
export type ListedWebhook = Pick<
  WebhookEvent,
  'id' | 'organizationId' | 'source' | 'eventType' | 'status' | 'receivedAt' | 'processedAt' | 'attempts' | 'errorCode'
>;
export type ShownWebhook = ListedWebhook & Pick<WebhookEvent, 'dedupeKey' | 'contentType' | 'related'>;

export interface WebhookFilter {
  organizationId: string;
  /** Also what nobody could be matched with yet, and so belongs to no organization. */
  unmatched: boolean;
  source?: string | undefined;
  status?: WebhookStatus | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** Id of the last row of the page before; ids are ordered by time. */
  cursor?: string | undefined;
  limit: number;
}

const listed = `id, organization_id AS "organizationId", source, event_type AS "eventType", status,
  received_at AS "receivedAt", processed_at AS "processedAt", attempts, error_code AS "errorCode"`;

@Injectable()
export class WebhookEventsStore {
  sealed(tx: Tx, id: string): Promise<SealedWebhook | undefined> {
    return tx.one<SealedWebhook>(
      `SELECT id, source, event_type AS "eventType", status, received_at AS "receivedAt", raw_sealed AS "rawSealed",
         headers_sealed AS "headersSealed" FROM webhook_events WHERE id = $1`,
      [id],
    );
  }

  list(tx: Tx, filter: WebhookFilter): Promise<ListedWebhook[]> {
    const conditions: [string, SqlValue | undefined][] = [
      [`(organization_id = ?${filter.unmatched ? ' OR organization_id IS NULL' : ''})`, filter.organizationId],
      ['source = ?', filter.source],
      ['status = ?', filter.status],
      ['received_at >= ?', filter.from],
      ['received_at < ?', filter.to],
      ['id < ?', filter.cursor],
    ];
    const given = conditions.filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
    const where = given.map(([sql], index) => sql.replace('?', `$${index + 2}`)).join(' AND ');
    return tx.query<ListedWebhook>(`SELECT ${listed} FROM webhook_events WHERE ${where} ORDER BY id DESC LIMIT $1`, [
      filter.limit,
      ...given.map(([, value]) => value),
    ]);
  }

  find(tx: Tx, id: string): Promise<ShownWebhook | undefined> {
    return tx.one<ShownWebhook>(
      `SELECT ${listed}, dedupe_key AS "dedupeKey", content_type AS "contentType", related FROM webhook_events WHERE id = $1`,
      [id],
    );
  }

  async settle(tx: Tx, id: string, verdict: WebhookVerdict, now: Date): Promise<void> {
    await tx.send(
      `UPDATE webhook_events SET status = $2, processed_at = $3, attempts = attempts + 1, error_code = $4,
         organization_id = coalesce($5, organization_id), related = related || $6::jsonb
       WHERE id = $1`,
      [
        id,
        verdict.outcome,
        now,
        verdict.code ?? null,
        verdict.organizationId ?? null,
        JSON.stringify(verdict.related ?? {}),
      ],
    );
  }

  async noteFailure(tx: Tx, id: string, code: string, last: boolean): Promise<void> {
    await tx.send(
      `UPDATE webhook_events SET attempts = attempts + 1, error_code = $2, status = CASE WHEN $3 THEN 'failed' ELSE status END
       WHERE id = $1 AND status IN ('received', 'failed')`,
      [id, code, last],
    );
  }

  /** @returns false when the event is being worked on */
  async reopen(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE webhook_events SET status = 'received', processed_at = NULL, error_code = NULL
       WHERE id = $1 AND status <> 'received' RETURNING id`,
      [id],
    );
    return rows.length === 1;
  }
}
