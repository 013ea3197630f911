import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, type Tx } from '../../platform/db/index.js';
import { fail as platformFail } from '../../platform/errors/index.js';
import { pageOf, requestContext, type Page } from '../../platform/http/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, seesInside, type Principal } from '../auth/index.js';
import { Prescriptions } from '../prescriptions/index.js';
import type { Dispute } from './dispute.entity.js';
import { DisputesStore } from './disputes.store.js';
import type { Invoice } from './invoice.entity.js';
import { InvoicesStore, type InvoiceFilter } from './invoices.store.js';
import type { Payment } from './payment.entity.js';
import { fail } from './payments.errors.js';
import { expirePayment } from './payments.jobs.js';
import { PaymentsStore } from './payments.store.js';
import { isFailed, type Refund } from './refund.entity.js';
import { Refunds } from './refunds.service.js';
import { RefundsStore } from './refunds.store.js';

/** Why it was given back is null for those it was given back to. */
export type ShownRefund = Pick<Refund, 'id' | 'amountCents' | 'status' | 'createdAt' | 'confirmedAt'> & {
  reason: string | null;
};

export interface InvoiceWithRefunds {
  invoice: Invoice;
  refunds: readonly ShownRefund[];
  disputes: readonly Dispute[];
}

export interface AskedRefund {
  /** Undefined: all that is left. */
  amountCents?: number | undefined;
  reason: string;
}

@Injectable()
export class Invoices {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly invoices: InvoicesStore,
    private readonly payments: PaymentsStore,
    private readonly refundsStore: RefundsStore,
    private readonly refunds: Refunds,
    private readonly disputes: DisputesStore,
    private readonly audit: Audit,
  ) {}

  async list(principal: Principal, filter: InvoiceFilter): Promise<Page<Invoice>> {
    const { organizationId, patientId } = principal;
    const own = principal.role === 'patient' ? { organizationId, patientId } : { organizationId };
    return this.db.tx(contextOf(principal), async (tx) => {
      const page = pageOf(await this.invoices.list(tx, { ...filter, ...own, limit: filter.limit + 1 }), filter.limit);
      await this.audit.record(tx, { action: 'search', entity: 'invoice', entityIds: page.items.map(({ id }) => id) });
      return page;
    });
  }

  /** @throws invoice.not-found */
  get(principal: Principal, id: string): Promise<InvoiceWithRefunds> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const known = await this.load(tx, id);
      await this.audit.record(tx, { action: 'read', entity: 'invoice', entityIds: [id] });
      return seesInside(tx.context) ? known : forParties(known);
    });
  }

  /**
   * Gives back a part, or all that is left; once for one Idempotency-Key, also when its stored answer was lost.
   * @throws invoice.not-found, refund.nothing-paid, refund.too-large, idempotency.key-reused
   */
  refund(principal: Principal, id: string, asked: AskedRefund): Promise<Refund> {
    const askedAs = requestContext()?.idempotencyId;
    return this.db.tx(contextOf(principal), async (tx) => {
      const { invoice } = await this.load(tx, id);
      // Two runs of one request wait for each other here.
      await this.prescriptions.lock(tx, invoice.prescriptionId);
      const earlier = askedAs === undefined ? undefined : await this.refundsStore.findAsked(tx, askedAs);
      await this.audit.record(tx, { action: 'write', entity: 'invoice', entityIds: [id], reason: 'refund' });
      if (earlier !== undefined) return sameRefund(earlier, asked);
      const payment = await this.paidOf(tx, invoice);
      if (payment === undefined) throw fail('refund.nothing-paid', { meta: { invoiceStatus: invoice.status } });
      const left = await this.refunds.leftOf(tx, payment, await this.refundsStore.lockStanding(tx, payment.id));
      const amountCents = asked.amountCents ?? left;
      if (amountCents > left || left <= 0)
        throw fail('refund.too-large', { meta: { refundableCents: Math.max(0, left) } });
      const refundId = await this.refundsStore.add(tx, payment, {
        kind: 'requested',
        amountCents,
        reason: asked.reason,
        requestedBy: principal.id,
        askedAs,
        now: this.clock.now(),
      });
      await this.refunds.enqueue(tx, payment, [refundId]);
      const refund = await this.refundsStore.find(tx, refundId);
      if (refund === undefined) throw new Error('a refund vanished');
      return refund;
    });
  }

  /** Takes an unpaid invoice back and closes its links. @throws invoice.not-found, invoice.not-open */
  void(principal: Principal, id: string): Promise<InvoiceWithRefunds> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const { invoice } = await this.load(tx, id);
      await this.prescriptions.lock(tx, invoice.prescriptionId);
      const current = await this.invoices.lock(tx, id);
      await this.audit.record(tx, { action: 'write', entity: 'invoice', entityIds: [id], reason: 'void' });
      if (current?.status === 'void') return this.load(tx, id);
      if (current?.status !== 'open' && current?.status !== 'draft') {
        throw fail('invoice.not-open', { meta: { invoiceStatus: current?.status } });
      }
      await this.invoices.voidOpen(tx, invoice.prescriptionId);
      const links = await this.payments.ofPrescription(tx, invoice.prescriptionId);
      for (const payment of links.filter((link) => link.invoiceId === id && isUnpaid(link)))
        await this.enqueueExpiry(tx, payment);
      return this.load(tx, id);
    });
  }

  private async enqueueExpiry(tx: Tx, { id, prescriptionId, organizationId }: Payment): Promise<void> {
    const options = { aggregateId: prescriptionId, organizationId, dedupeKey: `payments.expire ${id}` };
    await this.outbox.enqueue(tx, expirePayment, { paymentId: id }, options);
  }

  private async load(tx: Tx, id: string): Promise<InvoiceWithRefunds & { refunds: readonly Refund[] }> {
    const invoice = await this.invoices.find(tx, id);
    const isSeen = invoice !== undefined && (await this.prescriptions.isSeen(tx, invoice.prescriptionId));
    if (!isSeen) throw fail('invoice.not-found');
    const [refunds, disputes] = await Promise.all([
      this.refundsStore.ofInvoice(tx, id),
      this.disputes.ofInvoice(tx, id),
    ]);
    return { invoice, refunds, disputes };
  }

  private async paidOf(tx: Tx, invoice: Invoice): Promise<Payment | undefined> {
    const payments = await this.payments.ofPrescription(tx, invoice.prescriptionId);
    return payments.find((one) => one.invoiceId === invoice.id && one.status === 'paid');
  }
}

/** As in the timeline: what staff wrote, what could not be given back yet and what a bank asks is for staff. */
function forParties({ invoice, refunds }: { invoice: Invoice; refunds: readonly Refund[] }): InvoiceWithRefunds {
  const given = refunds.flatMap((refund) => {
    const { id, amountCents, status, createdAt, confirmedAt } = refund;
    return isFailed(refund) ? [] : [{ id, amountCents, reason: null, status, createdAt, confirmedAt }];
  });
  return { invoice, refunds: given, disputes: [] };
}

function sameRefund(earlier: Refund, { amountCents, reason }: AskedRefund): Refund {
  const isSame = earlier.reason === reason && (amountCents === undefined || amountCents === earlier.amountCents);
  if (!isSame) throw platformFail('idempotency.key-reused');
  return earlier;
}

function isUnpaid({ status }: Payment): boolean {
  return status === 'created' || status === 'open';
}
