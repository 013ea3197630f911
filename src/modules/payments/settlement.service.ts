import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { LastFills, Prescriptions, type Prescription, type Trigger } from '../prescriptions/index.js';
import { admitted, WebhookInbox, type Bound } from '../webhooks/index.js';
import type { Checkout } from './gateways/payment-gateway.port.js';
import { InvoicesStore } from './invoices.store.js';
import type { Payment } from './payment.entity.js';
import { renewPayment } from './payments.jobs.js';
import { PaymentsStore } from './payments.store.js';
import { Refunds } from './refunds.service.js';
import { afterPayment, findingsOf, mayRenew } from './settlement.policy.js';
import { stripeSource } from './stripe-inbox.js';

export interface Source extends Bound {
  trigger: Trigger;
  webhookEventId?: string;
  /** The job that brings the news. */
  jobId?: string | undefined;
}

/** What a report about a payment page led to. */
export type Applied =
  | { kind: 'settled' | 'refunding' | 'closed' | 'pending' | 'already'; payment: Payment }
  | { kind: 'mismatch'; payment: Payment; findings: readonly string[] }
  | { kind: 'unknown' };

/** The one place where money moves a prescription, whoever brings the news: webhook, reconciler, or our own question. */
@Injectable()
export class Settlement {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly lastFills: LastFills,
    private readonly payments: PaymentsStore,
    private readonly invoices: InvoicesStore,
    private readonly refunds: Refunds,
    private readonly inbox: WebhookInbox,
  ) {}

  apply(checkout: Checkout, source: Source, news: 'state' | 'failed' = 'state'): Promise<Applied> {
    return this.db.tx(systemContext, async (tx) => {
      const seen = admitted(await this.find(tx, checkout), source);
      if (seen === undefined) return { kind: 'unknown' };
      // Prescription first, then its payments: the order every writer here keeps.
      const prescription = await this.prescriptions.lock(tx, seen.prescriptionId);
      const payment = await this.payments.get(tx, seen.id);
      const findings = findingsOf(payment, checkout);
      if (findings[0] !== undefined) {
        await this.payments.setFinding(tx, payment.id, findings[0]);
        return { kind: 'mismatch', payment, findings };
      }
      if (checkout.paid) return { kind: await this.settle(tx, payment, checkout, prescription.state, source), payment };
      if (news !== 'failed' && checkout.status !== 'expired') return { kind: 'pending', payment };
      const closed = await this.close(tx, payment, news === 'failed' ? 'failed' : 'expired', prescription);
      return { kind: closed ? 'closed' : 'already', payment };
    });
  }

  /** Ends a link nobody paid, and prepares the next one while the prescription waits for it. */
  private async close(
    tx: Tx,
    payment: Payment,
    status: 'expired' | 'failed',
    prescription: Prescription,
  ): Promise<boolean> {
    if (!(await this.payments.markClosed(tx, payment.id, status))) return false;
    const invoice = await this.invoices.find(tx, payment.invoiceId);
    const latest = await this.payments.latest(tx, payment.prescriptionId);
    const renewalsInARow = await this.payments.renewalsInARow(tx, payment.prescriptionId);
    if (invoice === undefined) throw new Error('an invoice vanished');
    const renew = mayRenew({
      prescriptionState: prescription.state,
      invoiceStatus: invoice.status,
      isLatest: latest?.id === payment.id,
      finding: payment.finding,
      renewalsInARow,
    });
    if (!renew) return true;
    const lastFillEnd = await this.lastFills.end(tx, prescription);
    const about = { origin: 'renewal', after: payment, now: this.clock.now(), lastFillEnd } as const;
    const next = await this.payments.add(tx, invoice, about);
    await this.enqueueLink(tx, next);
    return true;
  }

  async enqueueLink(tx: Tx, payment: Payment): Promise<void> {
    await this.outbox.enqueue(
      tx,
      renewPayment,
      { paymentId: payment.id },
      {
        aggregateId: payment.prescriptionId,
        organizationId: payment.organizationId,
        dedupeKey: `payments.renew ${payment.id}`,
      },
    );
  }

  private async settle(
    tx: Tx,
    payment: Payment,
    checkout: Checkout,
    prescriptionState: string,
    source: Source,
  ): Promise<'settled' | 'refunding' | 'already'> {
    const now = this.clock.now();
    const { sessionId, paymentIntentId } = checkout;
    if (!(await this.payments.markPaid(tx, payment.id, { sessionId, paymentIntentId, now }))) return 'already';
    // What the provider said of the payment before it was known by that name.
    if (paymentIntentId !== null) await this.inbox.release(tx, stripeSource, { paymentIntentId });
    const invoice = await this.invoices.lock(tx, payment.invoiceId);
    if (invoice === undefined) throw new Error('an invoice vanished');
    const decision = afterPayment(prescriptionState, invoice.status);
    if (decision !== 'settle') {
      await this.refunds.enqueue(tx, payment, await this.refunds.refundRest(tx, payment, decision));
      return 'refunding';
    }
    await this.invoices.markPaid(tx, invoice.id, now);
    const moved = await this.prescriptions.move(tx, {
      id: payment.prescriptionId,
      action: 'settle',
      actor: { kind: 'payer' },
      trigger: source.trigger,
      payload: { paymentId: payment.id, invoiceId: invoice.id },
      ...(source.webhookEventId !== undefined && { webhookEventId: source.webhookEventId }),
      jobId: source.jobId,
    });
    if (moved === undefined) throw new Error('a locked prescription could not be settled');
    return 'settled';
  }

  private async find(tx: Tx, { paymentId, sessionId }: Checkout): Promise<Payment | undefined> {
    const bySession = await this.payments.findBySession(tx, sessionId);
    if (bySession !== undefined) return bySession;
    return paymentId === null ? undefined : this.payments.findById(tx, paymentId);
  }
}
