import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Dispute } from './dispute.entity.js';
import { disputeStatuses, holdsMoney } from './dispute.policy.js';
import type { ProviderDispute } from './gateways/payment-gateway.port.js';
import type { Payment } from './payment.entity.js';

const moneyHolding = disputeStatuses.filter(holdsMoney);

@Injectable()
export class DisputesStore {
  /** Under the lock of its payment. */
  async find(tx: Tx, providerId: string): Promise<Dispute | undefined> {
    return await tx.row(Dispute, { providerId });
  }

  ofPrescription(tx: Tx, prescriptionId: string): Promise<Dispute[]> {
    return tx.rows(Dispute, { prescriptionId }, { order: { openedAt: 'ASC' } });
  }

  ofInvoice(tx: Tx, invoiceId: string): Promise<Dispute[]> {
    return tx.rows(Dispute, { invoiceId }, { order: { openedAt: 'ASC' } });
  }

  async add(tx: Tx, payment: Payment, told: ProviderDispute): Promise<string> {
    const id = newId();
    await tx.send(
      `INSERT INTO disputes (id, organization_id, prescription_id, invoice_id, payment_id, provider_id, status, reason, amount_cents,
         evidence_due_at, opened_at, reported_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        id,
        payment.organizationId,
        payment.prescriptionId,
        payment.invoiceId,
        payment.id,
        told.providerId,
        told.status,
        told.reason,
        told.amountCents,
        told.evidenceDueAt,
        told.openedAt,
        told.reportedAt,
      ],
    );
    return id;
  }

  async change(tx: Tx, id: string, told: ProviderDispute): Promise<void> {
    await tx.send(
      `UPDATE disputes SET status = $2, reason = $3, amount_cents = $4, evidence_due_at = $5, reported_at = $6 WHERE id = $1`,
      [id, told.status, told.reason, told.amountCents, told.evidenceDueAt, told.reportedAt],
    );
  }

  /** What of a payment is with the cardholder's bank. */
  async heldCents(tx: Tx, paymentId: string): Promise<number> {
    const row = await tx.one<{ cents: number }>(
      `SELECT coalesce(sum(amount_cents), 0)::bigint AS cents FROM disputes WHERE payment_id = $1 AND status = ANY ($2::text[])`,
      [paymentId, moneyHolding],
    );
    return row?.cents ?? 0;
  }
}
