import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';

export interface WrittenNews {
  organizationId: string;
  webhookEventId: string;
  externalId: string;
  contactId: string | null;
  orderReference: string | null;
  drugName: string | null;
  quantity: string | null;
  status: string | null;
  digest: string;
  writtenAt: Date;
  now: Date;
}

/** Of several bodies about one prescription the latest stands, and of one moment the one with the higher digest. */
export async function writePrescription(tx: Tx, news: WrittenNews): Promise<string> {
  const row = await tx.one<{ id: string }>(
    `WITH written AS (
       INSERT INTO external_prescriptions AS e (id, organization_id, external_id, contact_id, order_reference, drug_name, quantity,
         status, digest, written_at, webhook_event_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       ON CONFLICT ON CONSTRAINT external_prescriptions_external DO UPDATE SET contact_id = excluded.contact_id,
         order_reference = excluded.order_reference, drug_name = excluded.drug_name, quantity = excluded.quantity,
         status = excluded.status, digest = excluded.digest, written_at = excluded.written_at,
         webhook_event_id = excluded.webhook_event_id
       WHERE (e.written_at, e.digest) < (excluded.written_at, excluded.digest)
       RETURNING id
     )
     SELECT id FROM written UNION ALL
     SELECT id FROM external_prescriptions WHERE organization_id = $2 AND external_id = $3 LIMIT 1`,
    [
      newId(),
      news.organizationId,
      news.externalId,
      news.contactId,
      news.orderReference,
      news.drugName,
      news.quantity,
      news.status,
      news.digest,
      news.writtenAt,
      news.webhookEventId,
      news.now,
    ],
  );
  if (row === undefined) throw new Error('a written prescription vanished');
  return row.id;
}
