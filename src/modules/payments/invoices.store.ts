import { Injectable } from '@nestjs/common';
import type { SqlValue, Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { Prescription } from '../prescriptions/index.js';
import { Invoice, type InvoiceStatus } from './invoice.entity.js';

/** Invoices travel by mail and lie in inboxes: what they say must name no drug. */
export const genericDescription = 'Your order';

const columns = `id, organization_id AS "organizationId", prescription_id AS "prescriptionId", number, status,
  amount_cents AS "amountCents", currency, description, created_at AS "createdAt", paid_at AS "paidAt"`;

/** A number of its own, in the transaction of the invoice: one that fails gives it back, so numbers have no gap. */
const makeSql = {
  name: 'payments_make_invoice',
  text: `WITH counter AS (
      INSERT INTO invoice_counters AS c (organization_id, last) VALUES ($2, 1)
      ON CONFLICT (organization_id) DO UPDATE SET last = c.last + 1
      RETURNING last
    )
    INSERT INTO invoices (id, organization_id, prescription_id, number, status, amount_cents, currency, description, created_at, paid_at)
    SELECT $1, $2, $3, 'INV-' || lpad(last::text, greatest(6, length(last::text)), '0'), $4, $5, $6, $7, $8::timestamptz,
           CASE WHEN $4 = 'paid' THEN $8::timestamptz END
    FROM counter`,
};

/** What links are made of. */
export type Bill = Pick<Invoice, 'id' | 'organizationId' | 'prescriptionId' | 'amountCents' | 'currency'>;

/** A new one, before it is made: what it will say is known without its row. */
export function billOf(
  { id, organizationId, currency }: Pick<Prescription, 'id' | 'organizationId' | 'currency'>,
  amountCents: number,
): Bill {
  return { id: newId(), organizationId, prescriptionId: id, amountCents, currency };
}

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
  /** The one invoice of the prescription that is not void. */
  standing(tx: Tx, prescriptionId: string): Promise<Invoice | undefined> {
    return tx.one<Invoice>(`SELECT ${columns} FROM invoices WHERE prescription_id = $1 AND status <> 'void'`, [
      prescriptionId,
    ]);
  }

  /**
   * Under the lock of a prescription that has none standing. Whoever else of the organization makes one waits from here to the
   * commit: what the pipeline does for every order makes it last, so that it leaves together with COMMIT.
   */
  async make(tx: Tx, bill: Bill, now: Date): Promise<void> {
    await tx.send(makeSql, [
      bill.id,
      bill.organizationId,
      bill.prescriptionId,
      bill.amountCents === 0 ? 'paid' : 'open',
      bill.amountCents,
      bill.currency,
      genericDescription,
      now,
    ]);
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
