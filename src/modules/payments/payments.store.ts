import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { isId, newId } from '../../platform/ids/index.js';
import type { PaymentReference } from './gateways/payment-gateway.port.js';
import type { Bill } from './invoices.store.js';
import { linkEnd } from './link-life.policy.js';
import { Payment, type PaymentOrigin } from './payment.entity.js';
import { takeUnsettledSql } from './unsettled.sql.js';

const newSql = {
  name: 'payments_new_attempt',
  text: `INSERT INTO payments (id, organization_id, prescription_id, invoice_id, provider, origin, attempt, status, amount_cents,
      currency, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
};

export interface Attempt {
  origin: PaymentOrigin;
  /** The newest link there is. */
  after: Payment | undefined;
  now: Date;
  /** The moment from which nothing may be filled, and so nothing paid. */
  lastFillEnd: Date | undefined;
}

/** Rows of payment links. Every change is guarded by the status it leaves. */
@Injectable()
export class PaymentsStore {
  constructor(private readonly keyring: Keyring) {}

  /** The next attempt. Under the lock of the prescription, so that attempts are numbered in order; needs no trip of its own. */
  async add(tx: Tx, bill: Bill, { origin, after, now, lastFillEnd }: Attempt): Promise<Payment> {
    const payment: Payment = {
      id: newId(),
      organizationId: bill.organizationId,
      prescriptionId: bill.prescriptionId,
      invoiceId: bill.id,
      provider: 'stripe',
      origin,
      attempt: (after?.attempt ?? 0) + 1,
      status: 'created',
      sessionId: null,
      paymentIntentId: null,
      urlSealed: null,
      amountCents: bill.amountCents,
      currency: bill.currency,
      finding: null,
      createdAt: now,
      expiresAt: linkEnd(now, lastFillEnd),
      checkedAt: null,
      paidAt: null,
    };
    await tx.send(newSql, [
      payment.id,
      payment.organizationId,
      payment.prescriptionId,
      payment.invoiceId,
      payment.provider,
      payment.origin,
      payment.attempt,
      payment.status,
      payment.amountCents,
      payment.currency,
      payment.createdAt,
      payment.expiresAt,
    ]);
    return payment;
  }

  async get(tx: Tx, id: string): Promise<Payment> {
    const payment = await this.find(tx, id);
    if (payment === undefined) throw new Error('a payment vanished');
    return payment;
  }

  async find(tx: Tx, id: string): Promise<Payment | undefined> {
    return await tx.row(Payment, { id });
  }

  /** For ids that came back from outside. */
  async findById(tx: Tx, id: string): Promise<Payment | undefined> {
    return isId(id) ? this.find(tx, id) : undefined;
  }

  async findBySession(tx: Tx, sessionId: string): Promise<Payment | undefined> {
    return await tx.row(Payment, { sessionId });
  }

  async findByIntent(tx: Tx, paymentIntentId: string): Promise<Payment | undefined> {
    return await tx.row(Payment, { paymentIntentId });
  }

  /** By our own id, which the provider hands back, then by the provider's. */
  async findReferred(tx: Tx, { paymentId, paymentIntentId }: PaymentReference): Promise<Payment | undefined> {
    const known = paymentId === null ? undefined : await this.findById(tx, paymentId);
    if (known !== undefined || paymentIntentId === null) return known;
    return this.findByIntent(tx, paymentIntentId);
  }

  /** Two reports about one payment wait for each other. */
  async lock(tx: Tx, id: string): Promise<Payment> {
    const payment = await tx.row(Payment, { id }, { lock: true });
    if (payment === undefined) throw new Error('a payment vanished');
    return payment;
  }

  /** All links of a prescription, the newest first. */
  ofPrescription(tx: Tx, prescriptionId: string): Promise<Payment[]> {
    return tx.rows(Payment, { prescriptionId }, { order: { attempt: 'DESC' } });
  }

  async latest(tx: Tx, prescriptionId: string): Promise<Payment | undefined> {
    return await tx.row(Payment, { prescriptionId }, { order: { attempt: 'DESC' } });
  }

  /** @returns false when the payment is no longer waiting for its link */
  async markOpen(tx: Tx, id: string, session: { id: string; url: string }, now: Date): Promise<boolean> {
    const sealed = this.keyring.seal(urlPlace(id), session.url);
    const rows = await tx.query(
      `UPDATE payments SET status = 'open', session_id = $2, url_sealed = $3, checked_at = $4
       WHERE id = $1 AND status = 'created' RETURNING id`,
      [id, session.id, sealed, now],
    );
    return rows.length === 1;
  }

  /** A link that ran out or was given up can still have been paid in that very moment. @returns false when it was paid before */
  async markPaid(
    tx: Tx,
    id: string,
    paid: { sessionId: string; paymentIntentId: string | null; now: Date },
  ): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE payments SET status = 'paid', session_id = $2, payment_intent_id = $3, paid_at = $4, finding = NULL
       WHERE id = $1 AND status IN ('created', 'open', 'expired', 'failed') RETURNING id`,
      [id, paid.sessionId, paid.paymentIntentId, paid.now],
    );
    return rows.length === 1;
  }

  /** @returns false when it is not waiting for a payer any more */
  async markClosed(tx: Tx, id: string, status: 'expired' | 'failed'): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE payments SET status = $2 WHERE id = $1 AND status IN ('created', 'open') RETURNING id`,
      [id, status],
    );
    return rows.length === 1;
  }

  async setFinding(tx: Tx, id: string, finding: string): Promise<void> {
    await tx.send('UPDATE payments SET finding = $2 WHERE id = $1', [id, finding]);
  }

  async setRefundStatus(tx: Tx, id: string, status: 'paid' | 'refunded'): Promise<void> {
    await tx.send(`UPDATE payments SET status = $2 WHERE id = $1 AND status IN ('paid', 'refunded')`, [id, status]);
  }

  /** Automatic links since a person, or the pipeline, asked for one. */
  async renewalsInARow(tx: Tx, prescriptionId: string): Promise<number> {
    const row = await tx.one<{ count: number }>(
      `SELECT count(*) AS count FROM payments WHERE prescription_id = $1 AND origin = 'renewal' AND attempt >
         (SELECT coalesce(max(attempt), 0) FROM payments WHERE prescription_id = $1 AND origin <> 'renewal')`,
      [prescriptionId],
    );
    return row?.count ?? 0;
  }

  /** Takes open links the provider was not asked about for a while, and notes that it is asked now. */
  async takeUnsettled(tx: Tx, now: Date, staleMs: number, most: number): Promise<Payment[]> {
    const taken = await tx.query<{ id: string }>(takeUnsettledSql('payments'), [now, staleMs, most]);
    return tx.manager.find(Payment, { where: { id: In(taken.map(({ id }) => id)) }, order: { createdAt: 'ASC' } });
  }

  /** The address of the payment page, while it can be paid. */
  urlOf(payment: Payment): string | null {
    if (payment.status !== 'open' || payment.urlSealed === null) return null;
    return this.keyring.openText(urlPlace(payment.id), payment.urlSealed);
  }
}

const urlPlace = (id: string) => ({ table: 'payments', column: 'url_sealed', row: id });
