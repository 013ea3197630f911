import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { Payment } from './payment.entity.js';
import { isFailed, Refund, type RefundKind, type RefundStatus } from './refund.entity.js';
import { takeUnsettledSql } from './unsettled.sql.js';

@Injectable()
export class RefundsStore {
  async find(tx: Tx, id: string): Promise<Refund | undefined> {
    return await tx.row(Refund, { id });
  }

  async findByProvider(tx: Tx, providerId: string): Promise<Refund | undefined> {
    return await tx.row(Refund, { providerId });
  }

  async findAsked(tx: Tx, askedAs: string): Promise<Refund | undefined> {
    return await tx.row(Refund, { askedAs });
  }

  ofInvoice(tx: Tx, invoiceId: string): Promise<Refund[]> {
    return tx.rows(Refund, { invoiceId }, { order: { createdAt: 'ASC' } });
  }

  ofPrescription(tx: Tx, prescriptionId: string): Promise<Refund[]> {
    return tx.rows(Refund, { prescriptionId }, { order: { createdAt: 'ASC' } });
  }

  /** Locks the payment, so that two refunds cannot both take the last cent. @returns the refunds that took or may take money */
  async lockStanding(tx: Tx, paymentId: string): Promise<Refund[]> {
    await tx.send('SELECT 1 FROM payments WHERE id = $1 FOR NO KEY UPDATE', [paymentId]);
    const refunds = await tx.rows(Refund, { paymentId }, { order: { createdAt: 'ASC' } });
    return refunds.filter((refund) => !isFailed(refund));
  }

  async add(
    tx: Tx,
    payment: Payment,
    about: {
      kind: RefundKind;
      amountCents: number;
      reason: string;
      now: Date;
      requestedBy?: string;
      askedAs?: string | undefined;
      provider?: { id: string; status: RefundStatus };
    },
  ): Promise<string> {
    const id = newId();
    const { provider } = about;
    await tx.send(
      `INSERT INTO refunds (id, organization_id, prescription_id, invoice_id, payment_id, kind, amount_cents, reason, requested_by,
         asked_as, provider_id, status, created_at, confirmed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::timestamptz,
         CASE WHEN $12 = 'succeeded' THEN $13::timestamptz END)`,
      [
        id,
        payment.organizationId,
        payment.prescriptionId,
        payment.invoiceId,
        payment.id,
        about.kind,
        about.amountCents,
        about.reason,
        about.requestedBy ?? null,
        about.askedAs ?? null,
        provider?.id ?? null,
        provider?.status ?? 'created',
        about.now,
      ],
    );
    return id;
  }

  /** @returns whether the status changed */
  async setStatus(
    tx: Tx,
    id: string,
    to: { status: 'pending' | 'succeeded' | 'failed'; providerId: string | null; now: Date },
  ): Promise<boolean> {
    // A confirmed refund may still fail (closed account), and one we took for refused be made after all; nothing else goes back.
    const rows = await tx.query(
      `UPDATE refunds SET status = $2, provider_id = coalesce(provider_id, $3),
         confirmed_at = CASE WHEN $2 = 'succeeded' THEN $4::timestamptz ELSE confirmed_at END,
         failed_at = CASE WHEN $2 = 'failed' THEN $4::timestamptz END
       WHERE id = $1 AND status <> $2 AND (status IN ('created', 'pending') OR (status = 'succeeded' AND $2 = 'failed')
           OR (status = 'failed' AND provider_id IS NULL))
       RETURNING id`,
      [id, to.status, to.providerId, to.now],
    );
    return rows.length === 1;
  }

  /** The provider did not make it. @returns false when it told of it all the same */
  async setRefused(tx: Tx, id: string, now: Date): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE refunds SET status = 'failed', failed_at = $2 WHERE id = $1 AND status = 'created' RETURNING id`,
      [id, now],
    );
    return rows.length === 1;
  }

  async takenCents(tx: Tx, paymentId: string): Promise<number> {
    const row = await tx.one<{ cents: number }>(
      `SELECT coalesce(sum(amount_cents), 0)::bigint AS cents FROM refunds WHERE payment_id = $1 AND status = 'succeeded'`,
      [paymentId],
    );
    return row?.cents ?? 0;
  }

  /** As of links. */
  async takeUnsettled(tx: Tx, now: Date, staleMs: number, most: number): Promise<Refund[]> {
    const taken = await tx.query<{ id: string }>(takeUnsettledSql('refunds'), [now, staleMs, most]);
    return tx.manager.find(Refund, { where: { id: In(taken.map(({ id }) => id)) }, order: { createdAt: 'ASC' } });
  }
}
