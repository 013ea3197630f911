import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Effects, Refused } from '../../platform/effects/index.js';
import { TryLater, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { isOver, LastFills, Prescriptions, systemActor, type Prescription } from '../prescriptions/index.js';
import { WebhookInbox } from '../webhooks/index.js';
import { PaymentGateway, type Checkout, type CheckoutRequest } from './gateways/payment-gateway.port.js';
import { answerOrOver } from './gone-page.js';
import type { Invoice } from './invoice.entity.js';
import { genericDescription, InvoicesStore, billOf, type Bill } from './invoices.store.js';
import { canBeMade } from './link-life.policy.js';
import type { Payment } from './payment.entity.js';
import { orderExpired } from './payments.errors.js';
import { PaymentsStore } from './payments.store.js';
import { awaitingStates, chargedCents } from './settlement.policy.js';
import { Settlement, type Applied } from './settlement.service.js';
import { stripeSource } from './stripe-inbox.js';

/** A page given up before it was shown is replaced soon. */
const anewMs = 2_000;
/** Its clock is not ours: a look-up starts this much before the row was made. */
const clockSlackMs = 5 * 60_000;

/** Makes payment links, one after the other, never two that can both be paid and kept. */
@Injectable()
export class PaymentLinks {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly effects: Effects,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly lastFills: LastFills,
    private readonly gateway: PaymentGateway,
    private readonly payments: PaymentsStore,
    private readonly invoices: InvoicesStore,
    private readonly settlement: Settlement,
    private readonly inbox: WebhookInbox,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The pipeline's step after a claim was approved or a cash price was set. */
  async request(prescriptionId: string, run: JobRun): Promise<void> {
    const payment = await this.db.tx(systemContext, (tx) => this.prepareFirst(tx, prescriptionId, run));
    if (payment !== undefined) await this.open(payment, run);
  }

  /** A further link: the older ones are closed first, and when one of them turns out to be paid, that is the end of it. */
  async renew(paymentId: string, run: JobRun): Promise<void> {
    const payment = await this.db.tx(systemContext, (tx) => this.payments.find(tx, paymentId));
    if (payment === undefined) throw new Unrecoverable('payment.not-found', 'the job names no payment');
    if (payment.status !== 'created') return;
    for (const older of await this.olderUnpaid(payment)) await this.expire(older, run.outboxId);
    const ready = await this.db.tx(systemContext, (tx) => this.prepareFurther(tx, payment));
    if (ready !== undefined) await this.open(ready, run);
  }

  /** Closes a link at the provider and here. @returns what became of it; undefined when there was no page to close */
  async expire(payment: Payment, jobId?: string): Promise<Applied | undefined> {
    const checkout = await this.closeAtProvider(payment);
    const source = { trigger: 'worker', jobId } as const;
    const applied = checkout === undefined ? undefined : await this.settlement.apply(checkout, source);
    if (applied?.kind === 'settled' || applied?.kind === 'refunding') return applied;
    await this.db.tx(systemContext, (tx) => this.payments.markClosed(tx, payment.id, 'expired'));
    return applied;
  }

  private async prepareFirst(tx: Tx, prescriptionId: string, run: JobRun): Promise<Payment | undefined> {
    const prescription = await this.prescriptions.lock(tx, prescriptionId);
    if (prescription.state !== 'adjudicated') return undefined;
    const bill = firstBill(prescription);
    const [latest, standing] = await Promise.all([
      this.payments.latest(tx, prescriptionId),
      this.invoices.standing(tx, prescriptionId),
    ]);
    const isNew = standing === undefined || isFromEarlierPrice(standing, bill);
    const invoice = isNew ? bill : standing;
    if (invoice.amountCents === 0) {
      await this.prescriptions.move(tx, {
        id: prescriptionId,
        action: 'settle',
        actor: systemActor,
        trigger: 'worker',
        reason: prescription.owedCents === 0 ? 'zero_owed' : 'below_minimum',
        payload: { invoiceId: invoice.id },
        run,
      });
      if (isNew) await this.makeInvoice(tx, bill, standing);
      return undefined;
    }
    const end = await this.endInTime(tx, prescription);
    if (latest?.status === 'created' && latest.invoiceId === invoice.id) {
      return canBeMade(latest.expiresAt, this.clock.now())
        ? latest
        : this.replace(tx, latest, { latest, bill: invoice, end });
    }
    if (isNew) await this.makeInvoice(tx, bill, standing);
    const about = { origin: 'request', after: latest, now: this.clock.now(), lastFillEnd: end } as const;
    return this.payments.add(tx, invoice, about);
  }

  /** The last thing its transaction does, so that the next number waits for nothing but the commit. */
  private async makeInvoice(tx: Tx, bill: Bill, earlier: Invoice | undefined): Promise<void> {
    if (earlier !== undefined) await this.invoices.voidOpen(tx, bill.prescriptionId);
    await this.invoices.make(tx, bill, this.clock.now());
  }

  private async prepareFurther(tx: Tx, asked: Payment): Promise<Payment | undefined> {
    const prescription = await this.prescriptions.lock(tx, asked.prescriptionId);
    const [payment, latest] = await Promise.all([
      this.payments.get(tx, asked.id),
      this.payments.latest(tx, asked.prescriptionId),
    ]);
    const invoice = await this.invoices.find(tx, payment.invoiceId);
    if (payment.status !== 'created') return undefined;
    if (invoice?.status !== 'open' || !awaitingStates.has(prescription.state)) {
      await this.payments.markClosed(tx, payment.id, 'expired');
      return undefined;
    }
    const end = await this.endInTime(tx, prescription);
    if (canBeMade(payment.expiresAt, this.clock.now())) return payment;
    // This job names the old row: what takes its place has a job of its own.
    await this.settlement.enqueueLink(tx, await this.replace(tx, payment, { latest, bill: invoice, end }));
    return undefined;
  }

  /**
   * No money is asked for what can no longer be filled (21 CFR 1306.22(a)). @returns the moment from which that is so; undefined
   * without one @throws Unrecoverable `payment.order-expired`
   */
  private async endInTime(tx: Tx, prescription: Prescription): Promise<Date | undefined> {
    const end = await this.lastFills.end(tx, prescription);
    if (!isOver(end, this.clock.now())) return end;
    throw new Unrecoverable(orderExpired, 'the last day on which it may be filled has passed');
  }

  /** A link that could not be made for so long that the provider would refuse its end gives way to the next attempt. */
  private async replace(
    tx: Tx,
    { id, origin }: Payment,
    { latest, bill, end }: { latest: Payment | undefined; bill: Bill; end: Date | undefined },
  ): Promise<Payment> {
    await this.payments.markClosed(tx, id, 'expired');
    return this.payments.add(tx, bill, { origin, after: latest, now: this.clock.now(), lastFillEnd: end });
  }

  private async open(payment: Payment, run: JobRun): Promise<void> {
    const checkout = await this.checkoutFor(payment);
    const kept = await this.db.tx(systemContext, (tx) => this.keep(tx, payment, checkout, run));
    // Meanwhile cancelled, or paid by an older link: nobody may pay on this page.
    if (kept) return;
    await this.gateway.expireCheckout(checkout.sessionId);
    const isWanted = await this.db.tx(systemContext, (tx) => this.giveUp(tx, payment));
    if (isWanted) throw new TryLater('payment.link-given-up', anewMs);
  }

  /** @returns whether nothing but this job would ask the patient to pay: the first bill was voided before it had a link */
  private async giveUp(tx: Tx, { id, prescriptionId, origin }: Payment): Promise<boolean> {
    const { state } = await this.prescriptions.lock(tx, prescriptionId);
    if (origin !== 'request' || state !== 'adjudicated') return false;
    await this.payments.markClosed(tx, id, 'expired');
    return true;
  }

  /** The provider's page for this attempt: made once, found again after a lost answer. */
  private async checkoutFor(payment: Payment): Promise<Checkout> {
    const request = this.requestFor(payment);
    const found: { now?: Checkout } = {};
    // The address of the page is not for the effect ledger: whoever has it can pay.
    const keep = (answer: Checkout) => {
      found.now = answer;
      return { id: answer.sessionId };
    };
    const reply = await this.effects.once({
      key: `checkout:${payment.prescriptionId}:${payment.attempt}`,
      kind: 'stripe.checkout_session',
      requestHash: sha256(JSON.stringify([payment.id, payment.amountCents, payment.currency])),
      aggregateId: payment.prescriptionId,
      organizationId: payment.organizationId,
      call: async (key) => keep(await this.gateway.openCheckout(request, key)),
      lookup: async () => {
        const earlier = await this.lookUp(payment);
        return earlier === undefined ? undefined : keep(earlier);
      },
    });
    return found.now ?? (await this.gateway.checkout(reply.id));
  }

  private async keep(tx: Tx, payment: Payment, checkout: Checkout, run: JobRun): Promise<boolean> {
    const { state } = await this.prescriptions.lock(tx, payment.prescriptionId);
    if (checkout.url === null || !awaitingStates.has(state)) return false;
    // Another run of this job was faster: the page is the one the patient was sent.
    const { status, sessionId } = await this.payments.get(tx, payment.id);
    if (status === 'open' && sessionId === checkout.sessionId) return true;
    const session = { id: checkout.sessionId, url: checkout.url };
    if (!(await this.payments.markOpen(tx, payment.id, session, this.clock.now()))) return false;
    await this.inbox.release(tx, stripeSource, { sessionId: session.id });
    const payload = { paymentId: payment.id, invoiceId: payment.invoiceId };
    if (state === 'adjudicated') {
      await this.prescriptions.move(tx, {
        id: payment.prescriptionId,
        action: 'request_payment',
        actor: systemActor,
        trigger: 'worker',
        payload,
        run,
      });
      return true;
    }
    await this.outbox.publish(tx, {
      name: 'payment_link_renewed',
      aggregateId: payment.prescriptionId,
      organizationId: payment.organizationId,
      payload: { prescriptionId: payment.prescriptionId, ...payload },
    });
    await this.outbox.close(tx, run);
    return true;
  }

  private async olderUnpaid(payment: Payment): Promise<Payment[]> {
    const all = await this.db.tx(systemContext, (tx) => this.payments.ofPrescription(tx, payment.prescriptionId));
    return all.filter((one) => one.attempt < payment.attempt && ['created', 'open'].includes(one.status));
  }

  private async closeAtProvider(payment: Payment): Promise<Checkout | undefined> {
    try {
      const sessionId = payment.sessionId ?? (await this.lookUp(payment))?.sessionId;
      if (sessionId === undefined) return undefined;
      return await answerOrOver(payment, this.clock.now(), this.gateway.expireCheckout(sessionId));
    } catch (error) {
      // Without credentials no page can have been made for a payment that has none.
      if (error instanceof Refused && error.code === 'vendor.off' && payment.sessionId === null) return undefined;
      throw error;
    }
  }

  private lookUp(payment: Payment): Promise<Checkout | undefined> {
    return this.gateway.findCheckout(payment.id, new Date(payment.createdAt.getTime() - clockSlackMs));
  }

  private requestFor(payment: Payment): CheckoutRequest {
    const base = (this.config.PUBLIC_URL ?? `http://localhost:${this.config.PORT}`).replace(/\/+$/, '');
    return {
      paymentId: payment.id,
      prescriptionId: payment.prescriptionId,
      amountCents: payment.amountCents,
      currency: payment.currency,
      description: genericDescription,
      successUrl: `${base}/t/payment/done`,
      cancelUrl: `${base}/t/payment/cancelled`,
      expiresAt: payment.expiresAt,
    };
  }
}

/** @throws Unrecoverable `payment.amount-unknown` */
function firstBill(prescription: Prescription): Bill {
  const { owedCents } = prescription;
  if (owedCents === null) throw new Unrecoverable('payment.amount-unknown', 'the prescription has no price yet');
  return billOf(prescription, chargedCents(owedCents));
}

/** While a prescription is adjudicated: no link with an open invoice of another amount was ever shown. */
function isFromEarlierPrice(standing: Invoice, { amountCents }: Bill): boolean {
  return standing.status === 'open' && standing.amountCents !== amountCents;
}
