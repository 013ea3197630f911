import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import type { WebhookStatus } from './webhook-event.entity.js';
import { conditionsOf, type ListedWebhook, type WebhookSelection } from './webhook-events.store.js';

/** Events of one source that went wrong in the same way. */
export interface ErrorGroup {
  source: string;
  status: WebhookStatus;
  code: string;
  events: number;
  firstAt: Date;
  lastAt: Date;
}

export type ErrorRow = ListedWebhook & { prescriptionId: string | null };

/** What did not come to its end: failed, parked, or between two tries. */
const wentWrong = `(status IN ('failed', 'parked') OR (status = 'received' AND error_code IS NOT NULL))`;
const mostGroups = 500;

@Injectable()
export class WebhookErrorsStore {
  groups(tx: Tx, selection: WebhookSelection): Promise<ErrorGroup[]> {
    const { text, values } = conditionsOf(selection);
    return tx.query<ErrorGroup>(
      `SELECT source, status, coalesce(error_code, 'unknown') AS code, count(*)::int AS events,
         min(received_at) AS "firstAt", max(received_at) AS "lastAt"
       FROM webhook_events WHERE ${text} AND ${wentWrong}
       GROUP BY 1, 2, 3 ORDER BY max(received_at) DESC LIMIT ${mostGroups}`,
      values,
    );
  }

  /** Newest first. */
  rows(tx: Tx, selection: WebhookSelection, page: { after: string | undefined; limit: number }): Promise<ErrorRow[]> {
    const { text, values } = conditionsOf(selection, [['id < ?', page.after]]);
    return tx.query<ErrorRow>(
      `SELECT id, organization_id AS "organizationId", source, event_type AS "eventType", status, received_at AS "receivedAt",
         processed_at AS "processedAt", attempts, duration_ms AS "durationMs", error_code AS "errorCode",
         related->>'prescriptionId' AS "prescriptionId"
       FROM webhook_events WHERE ${text} AND ${wentWrong} ORDER BY id DESC LIMIT $${values.length + 1}`,
      [...values, page.limit],
    );
  }
}
