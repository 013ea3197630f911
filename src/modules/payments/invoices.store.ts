import { Injectable } from '@nestjs/common';
import type { SqlValue, Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Invoice, type InvoiceStatus } from './invoice.entity.js';

/** Invoices travel by mail and lie in inboxes: what they say must name no drug. */
export const genericDescription = 'Your order';

const columns = `id, organization_id AS "organizationId", prescription_id AS "prescriptionId", number, status,
  amount_cents AS "amountCents", currency, description, created_at AS "createdAt", paid_at AS "paidAt"`;

/**
 * The counter's row lock lasts from this statement to the commit, so numbers have no gap: a transaction that fails gives its
 * number back. Call it late in the transaction, under the lock of the prescription.
 */
const ensureSql = {
  name: 'payments_ensure_invoice',
  text: `WITH standing AS (
      SELECT * FROM invoices WHERE prescription_id = $2 AND status <> 'void'
    ), counter AS (
      INSERT INTO invoice_counters AS c (organization_id, last)
      SELECT $3::uuid, 1 WHERE NOT EXISTS (SELECT 1 FROM standing)
      ON CONFLICT (organization_id) DO UPDATE SET last = c.last + 1
      RETURNING last
    ), made AS (
      INSERT INTO invoices (id, organization_id, prescription_id, number, status, amount_cents, currency, description, created_at, paid_at)
      SELECT $1, $3, $2, 'INV-' || lpad(last::text, greatest(6, length(last::text)), '0'), $4, $5, $6, $7, $8::timestamptz,
             CASE WHEN $4 = 'paid' THEN $8::timestamptz END
      FROM counter RETURNING *
    )
    SELECT ${columns} FROM standing UNION ALL SELECT ${columns} FROM made`,
};

export interface InvoiceFilter {
  organizationId?: string | undefined;
  /** Of whom the prescription is. */
  patientId?: string | undefined;
  status?: InvoiceStatus | undefined;
  prescriptionId?: string | undefined;
  /** Id of the last row of the page before. */
  cursor?: string | undefined;
  limit: number;
}

@Injectable()
export class InvoicesStore {
  /** The standing invoice of the prescription, made when there is none. */
  async ensure(
    tx: Tx,
    about: { prescriptionId: string; organizationId: string; amountCents: number; currency: string; now: Date },
  ): Promise<Invoice> {
    const [invoice] = await tx.run<Invoice>(ensureSql, [
      newId(),
      about.prescriptionId,
      about.organizationId,
      about.amountCents === 0 ? 'paid' : 'open',
      about.amountCents,
      about.currency,
      genericDescription,
      about.now,
    ]);
    if (invoice === undefined) throw new Error('an invoice was neither found nor made');
    return invoice;
  }

  async find(tx: Tx, id: string): Promise<Invoice | undefined> {
    return await tx.row(Invoice, { id });
  }

  lock(tx: Tx, id: string): Promise<Invoice | undefined> {
    return tx.one<Invoice>(`SELECT ${columns} FROM invoices WHERE id = $1 FOR NO KEY UPDATE`, [id]);
  }

  async markPaid(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.send(`UPDATE invoices SET status = 'paid', paid_at = $2 WHERE id = $1 AND status = 'open'`, [id, now]);
  }

  /** Nothing happens to an invoice that was paid. */
  async voidOpen(tx: Tx, prescriptionId: string): Promise<void> {
    await tx.send(`UPDATE invoices SET status = 'void' WHERE prescription_id = $1 AND status IN ('draft', 'open')`, [
      prescriptionId,
    ]);
  }

  async setRefundStatus(tx: Tx, id: string, status: 'paid' | 'refunded' | 'partially_refunded'): Promise<void> {
    await tx.send(
      `UPDATE invoices SET status = $2 WHERE id = $1 AND status IN ('paid', 'partially_refunded', 'refunded')`,
      [id, status],
    );
  }

  list(tx: Tx, filter: InvoiceFilter): Promise<Invoice[]> {
    const conditions: [string, SqlValue | undefined][] = [
      ['organization_id = ?', filter.organizationId],
      ['prescription_id IN (SELECT id FROM prescriptions WHERE patient_id = ?)', filter.patientId],
      ['status = ?', filter.status],
      ['prescription_id = ?', filter.prescriptionId],
      ['id < ?', filter.cursor],
    ];
    const given = conditions.filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
    const where = given.map(([sql], index) => sql.replace('?', `$${index + 2}`)).join(' AND ');
    return tx.query<Invoice>(
      `SELECT ${columns} FROM invoices ${where === '' ? '' : `WHERE ${where}`} ORDER BY id DESC LIMIT $1`,
      [filter.limit, ...given.map(([, value]) => value)],
    );
  }
}
