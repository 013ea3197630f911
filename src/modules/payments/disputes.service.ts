import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Prescriptions } from '../prescriptions/index.js';
import { admitted, type Bound } from '../webhooks/index.js';
import type { Dispute } from './dispute.entity.js';
import { isClosed, supersedes } from './dispute.policy.js';
import { DisputesStore } from './disputes.store.js';
import type { ProviderDispute } from './gateways/payment-gateway.port.js';
import type { Payment } from './payment.entity.js';
import { PaymentsStore } from './payments.store.js';
import { disputeFindingsOf } from './settlement.policy.js';

/** What a report about a dispute led to; undefined when no payment of ours is disputed. */
export type AppliedDispute =
  | { kind: 'noted' | 'already'; payment: Payment; disputeId: string }
  | { kind: 'mismatch'; payment: Payment; findings: readonly string[] };

/** Keeps what banks took back: it is not refunded a second time. What comes back of an order that ended is the undoing's to refund. */
@Injectable()
export class Disputes {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly payments: PaymentsStore,
    private readonly disputes: DisputesStore,
  ) {}

  apply(told: ProviderDispute, bound: Bound = {}): Promise<AppliedDispute | undefined> {
    return this.db.tx(systemContext, async (tx) => {
      const seen = admitted(await this.payments.findReferred(tx, told), bound);
      if (seen === undefined) return undefined;
      // Prescription first, then its payments: the order every writer here keeps.
      await this.prescriptions.lock(tx, seen.prescriptionId);
      const payment = await this.payments.lock(tx, seen.id);
      const known = await this.disputes.find(tx, told.providerId);
      const findings = disputeFindingsOf(payment, known, told);
      if (findings[0] !== undefined) return { kind: 'mismatch', payment, findings };
      if (known !== undefined && !supersedes(told, known)) return { kind: 'already', payment, disputeId: known.id };
      const disputeId = await this.keep(tx, payment, known, told);
      await this.tell(tx, payment, disputeId, known, told);
      return { kind: 'noted', payment, disputeId };
    });
  }

  private async keep(tx: Tx, payment: Payment, known: Dispute | undefined, told: ProviderDispute): Promise<string> {
    if (known === undefined) return this.disputes.add(tx, payment, told);
    await this.disputes.change(tx, known.id, told);
    return known.id;
  }

  private async tell(
    tx: Tx,
    payment: Payment,
    disputeId: string,
    known: Dispute | undefined,
    { status }: ProviderDispute,
  ): Promise<void> {
    const { prescriptionId, organizationId, id: paymentId, invoiceId } = payment;
    const payload = { prescriptionId, invoiceId, paymentId, disputeId, status };
    const about = { aggregateId: prescriptionId, organizationId, payload };
    if (known === undefined) await this.outbox.publish(tx, { name: 'payment_disputed', ...about });
    if (isClosed(status) && status !== known?.status)
      await this.outbox.publish(tx, { name: 'payment_dispute_closed', ...about });
  }
}
