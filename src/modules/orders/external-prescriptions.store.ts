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
  /** Of what the body tells and when. */
  digest: string;
  writtenAt: Date;
  now: Date;
}

export interface KnownPrescription {
  id: string;
  orderReference: string | null;
  /** Whoever was named with it: a later body may name nobody, or somebody else. */
  customerIds: string[];
}

const told = [
  'contact_id',
  'order_reference',
  'drug_name',
  'quantity',
  'status',
  'digest',
  'written_at',
  'webhook_event_id',
];
const latest = (column: string) =>
  `(array_agg(${column} ORDER BY written_at DESC, digest DESC) FILTER (WHERE ${column} IS NOT NULL))[1]`;

/** Of each thing the latest body that tells it, of one moment the one with the higher digest. */
const merge = `UPDATE external_prescriptions e SET (${told.join(', ')}) = (
    SELECT ${told.map(latest).join(', ')} FROM external_prescription_reports WHERE external_prescription_id = e.id)
  WHERE e.id = $1 RETURNING order_reference AS "orderReference", ARRAY(
    SELECT DISTINCT c.customer_id FROM external_prescription_reports r JOIN customer_contacts c ON c.id = r.contact_id
    WHERE r.external_prescription_id = e.id AND c.customer_id IS NOT NULL) AS "customerIds"`;

/** What all bodies about one prescription tell together, in whatever order they came. */
export async function writePrescription(tx: Tx, news: WrittenNews): Promise<KnownPrescription> {
  const id = await find(tx, news);
  await tx.send(
    `INSERT INTO external_prescription_reports (id, organization_id, external_prescription_id, ${told.join(', ')})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT ON CONSTRAINT external_prescription_reports_once DO NOTHING`,
    [
      newId(),
      news.organizationId,
      id,
      news.contactId,
      news.orderReference,
      news.drugName,
      news.quantity,
      news.status,
      news.digest,
      news.writtenAt,
      news.webhookEventId,
    ],
  );
  const known = await tx.one<Omit<KnownPrescription, 'id'>>(merge, [id]);
  if (known === undefined) throw new Error('a written prescription vanished');
  return { id, ...known };
}

async function find(tx: Tx, news: WrittenNews): Promise<string> {
  const row = await tx.one<{ id: string }>(
    `INSERT INTO external_prescriptions (id, organization_id, external_id, digest, written_at, webhook_event_id, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT ON CONSTRAINT external_prescriptions_external DO UPDATE SET external_id = excluded.external_id RETURNING id`,
    [newId(), news.organizationId, news.externalId, news.digest, news.writtenAt, news.webhookEventId, news.now],
  );
  if (row === undefined) throw new Error('a written prescription vanished');
  return row.id;
}
