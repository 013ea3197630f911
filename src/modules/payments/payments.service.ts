import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, type Tx } from '../../platform/db/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { isOver, LastFills, Prescriptions, type Prescription } from '../prescriptions/index.js';
import type { Invoice } from './invoice.entity.js';
import { billOf, InvoicesStore } from './invoices.store.js';
import type { Payment, PaymentStatus } from './payment.entity.js';
import { fail, orderExpired } from './payments.errors.js';
import { PaymentsStore } from './payments.store.js';
import { RefundsStore } from './refunds.store.js';
import { Settlement } from './settlement.service.js';

export interface PaymentLink extends Pick<
  Payment,
  'id' | 'origin' | 'amountCents' | 'currency' | 'createdAt' | 'expiresAt'
> {
  url: string;
}

/** What is owed for a prescription and how far paying it has come. */
export interface PaymentState {
  prescriptionId: string;
  invoice: Invoice;
  /** Undefined when nothing was owed. */
  payment: Payment | undefined;
  status: PaymentStatus;
  refundedCents: number;
  /** Null for those who may look but not pay, and while it is asked what money came in. */
  url: string | null;
}

/** The front door of this module for people and for modules above. */
@Injectable()
export class Payments {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly prescriptions: Prescriptions,
    private readonly lastFills: LastFills,
    private readonly payments: PaymentsStore,
    private readonly invoices: InvoicesStore,
    private readonly refunds: RefundsStore,
    private readonly settlement: Settlement,
    private readonly audit: Audit,
  ) {}

  /**
   * The link the patient can pay on now; undefined while there is none. For messages: it is a secret. A finding says that
   * money came in: whoever may have paid is not asked to pay while it is looked into. Nor is anybody for what can no longer be
   * filled, although the provider's page is open for some hours more.
   */
  async currentLink(tx: Tx, prescription: Prescription): Promise<PaymentLink | undefined> {
    const payment = await this.payments.latest(tx, prescription.id);
    if (payment === undefined || payment.finding !== null || payment.expiresAt <= this.clock.now()) return undefined;
    const url = this.payments.urlOf(payment);
    if (url === null || (await this.lastFills.hasPassed(tx, prescription))) return undefined;
    const { id, origin, amountCents, currency, createdAt, expiresAt } = payment;
    return { id, origin, url, amountCents, currency, createdAt, expiresAt };
  }

  /** @throws prescription.not-found, payment.not-found */
  of(principal: Principal, prescriptionId: string): Promise<PaymentState> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.get(tx, prescriptionId);
      const showUrl = mayPay(principal) && !(await this.lastFills.hasPassed(tx, prescription));
      const shown = await this.state(tx, prescriptionId, showUrl);
      await this.audit.record(tx, { action: 'read', entity: 'payment', entityIds: idsOf(shown) });
      return shown;
    });
  }

  /**
   * Asks for a new link; the older one is closed before the new one opens. While one is being made, asking again changes
   * nothing. @throws prescription.not-found, payment.not-awaited, payment.order-expired
   */
  requestLink(principal: Principal, prescriptionId: string): Promise<PaymentState> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      const { state, owedCents } = prescription;
      if (state !== 'awaiting_payment' || owedCents === null) throw fail('payment.not-awaited', { meta: { state } });
      const lastFillEnd = await this.lastFills.end(tx, prescription);
      if (isOver(lastFillEnd, this.clock.now())) throw fail(orderExpired);
      const [latest, standing] = await Promise.all([
        this.payments.latest(tx, prescriptionId),
        this.invoices.standing(tx, prescriptionId),
      ]);
      if (latest?.status !== 'created') {
        const now = this.clock.now();
        const bill = billOf(prescription, owedCents);
        if (standing === undefined) await this.invoices.make(tx, bill, now);
        const about = { origin: 'manual', after: latest, now, lastFillEnd } as const;
        const payment = await this.payments.add(tx, standing ?? bill, about);
        await this.settlement.enqueueLink(tx, payment);
      }
      const shown = await this.state(tx, prescriptionId, mayPay(principal));
      await this.audit.record(tx, { action: 'write', entity: 'payment', entityIds: idsOf(shown), reason: 'link' });
      return shown;
    });
  }

  private async state(tx: Tx, prescriptionId: string, showUrl: boolean): Promise<PaymentState> {
    const [invoice] = await this.invoices.list(tx, { prescriptionId, limit: 1 });
    if (invoice === undefined) throw fail('payment.not-found');
    const links = await this.payments.ofPrescription(tx, prescriptionId);
    const payment = settlingOf(links, invoice) ?? links[0];
    const refundedCents = payment === undefined ? 0 : await this.refunds.takenCents(tx, payment.id);
    const url = payment?.finding === null && showUrl ? this.payments.urlOf(payment) : null;
    return { prescriptionId, invoice, payment, status: payment?.status ?? 'paid', refundedCents, url };
  }
}

/** A newer link may stand beside the one that was paid; a second one that was paid too is given back. */
function settlingOf(links: readonly Payment[], invoice: Invoice): Payment | undefined {
  return links
    .filter(({ invoiceId, paidAt }) => invoiceId === invoice.id && paidAt !== null)
    .sort((one, other) => Number(one.paidAt) - Number(other.paidAt))[0];
}

function idsOf({ invoice, payment }: PaymentState): string[] {
  return [invoice.id, ...(payment === undefined ? [] : [payment.id])];
}

/** Whoever has the address of the page can pay on it: the patient, and staff that may make links. */
function mayPay(principal: Principal): boolean {
  return principal.role === 'patient' || principal.permissions.has('payments:write');
}
