import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Effects, Refused } from '../../platform/effects/index.js';
import { isId } from '../../platform/ids/index.js';
import { Unrecoverable } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Tickets } from '../tickets/index.js';
import { admitted, WebhookInbox, type Bound } from '../webhooks/index.js';
import { DisputesStore } from './disputes.store.js';
import { PaymentGateway, type ProviderRefund } from './gateways/payment-gateway.port.js';
import { InvoicesStore } from './invoices.store.js';
import type { Payment } from './payment.entity.js';
import { sendRefund } from './payments.jobs.js';
import { PaymentsStore } from './payments.store.js';
import { isFailed, type Refund } from './refund.entity.js';
import { RefundsStore } from './refunds.store.js';
import { refundFindingsOf } from './settlement.policy.js';
import { stripeSource } from './stripe-inbox.js';

/** What became of news about a refund. What does not fit is left as it was, for a person. */
export type ConfirmedRefund =
  | { kind: 'confirmed'; payment: Payment; refund: Refund }
  | { kind: 'mismatch'; payment: Payment; findings: readonly string[] };

/** A refund that failed, and what of its payment can still be given back. */
export interface StuckRefund {
  refund: Refund;
  leftCents: number;
}

/** We are refused, not the refund: it is asked for again once the key is mended. */
const refusedSender: ReadonlySet<string> = new Set(['vendor.off', 'stripe.401', 'stripe.403']);

/** Gives money back, once each, and keeps payment and invoice in step with what was given. */
@Injectable()
export class Refunds {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly effects: Effects,
    private readonly outbox: Outbox,
    private readonly gateway: PaymentGateway,
    private readonly payments: PaymentsStore,
    private readonly invoices: InvoicesStore,
    private readonly refunds: RefundsStore,
    private readonly disputes: DisputesStore,
    private readonly inbox: WebhookInbox,
    private readonly tickets: Tickets,
  ) {}

  /**
   * All that is left of a payment, once, however often it is asked for; what failed, or came back from a bank, is left again.
   * @returns what the provider was not asked for yet, to be enqueued or sent
   */
  async refundRest(tx: Tx, payment: Payment, reason: string): Promise<string[]> {
    const standing = await this.refunds.lockStanding(tx, payment.id);
    const unsent = standing.filter(({ kind, status }) => kind === 'rest' && status === 'created').map(({ id }) => id);
    const left = await this.leftOf(tx, payment, standing);
    if (left <= 0) return unsent;
    const now = this.clock.now();
    return [...unsent, await this.refunds.add(tx, payment, { kind: 'rest', amountCents: left, reason, now })];
  }

  /** The money of a prescription that could not be given back and is still ours; undefined when there is none. */
  async stuck(tx: Tx, prescriptionId: string): Promise<StuckRefund | undefined> {
    const refunds = await this.refunds.ofPrescription(tx, prescriptionId);
    for (const refund of refunds.filter(isFailed)) {
      const payment = await this.payments.get(tx, refund.paymentId);
      const standing = refunds.filter((one) => one.paymentId === payment.id && !isFailed(one));
      const leftCents = await this.leftOf(tx, payment, standing);
      if (leftCents > 0) return { refund, leftCents };
    }
    return undefined;
  }

  /** What can still be given back: not what was, and not what the cardholder's bank holds. */
  async leftOf(tx: Tx, payment: Payment, standing: readonly Refund[]): Promise<number> {
    return payment.amountCents - sumOf(standing) - (await this.disputes.heldCents(tx, payment.id));
  }

  /** @param dueAt for who sends it: not before that try has surely ended */
  async enqueue(tx: Tx, payment: Payment, refundIds: readonly string[], dueAt = this.clock.now()): Promise<void> {
    const { prescriptionId: aggregateId, organizationId } = payment;
    for (const refundId of refundIds) {
      const dedupeKey = `payments.refund ${refundId}`;
      await this.outbox.enqueue(tx, sendRefund, { refundId }, { aggregateId, organizationId, dedupeKey, dueAt });
    }
  }

  /** Asks the provider for the refund, once. */
  async send(refundId: string): Promise<void> {
    const { refund, payment } = await this.db.tx(systemContext, (tx) => this.load(tx, refundId));
    if (refund.status !== 'created') return;
    if (payment.paymentIntentId === null) {
      throw new Unrecoverable('refund.no-payment-intent', 'the payment was never taken by the provider');
    }
    const request = { refundId, paymentIntentId: payment.paymentIntentId, amountCents: refund.amountCents };
    const found: { now?: ProviderRefund; refusal?: unknown } = {};
    const keep = (answer: ProviderRefund) => {
      found.now = answer;
      return { id: answer.providerId, status: answer.status };
    };
    const asked = this.effects.once({
      key: `refund:${payment.id}:${refundId}`,
      kind: 'stripe.refund',
      requestHash: sha256(JSON.stringify(request)),
      aggregateId: payment.prescriptionId,
      organizationId: payment.organizationId,
      call: async (key) => {
        try {
          return keep(await this.gateway.refund(request, key));
        } catch (error) {
          if (error instanceof Refused && !refusedSender.has(error.code)) found.refusal = error;
          throw error;
        }
      },
      lookup: async () => {
        const earlier = await this.gateway.findRefund(request);
        return earlier === undefined ? undefined : keep(earlier);
      },
    });
    const reply = await asked.catch(async (error: unknown) => {
      if (error !== found.refusal) throw error;
      await this.fail(refund);
    });
    if (reply === undefined) return;
    const confirmed = await this.confirm(found.now ?? (await this.gateway.refundState(reply.id)));
    if (confirmed?.kind === 'mismatch') {
      throw new Unrecoverable(confirmed.findings[0] ?? 'refund.mismatch', 'the provider gave back something else');
    }
  }

  /** The provider will not make it, today or tomorrow: its money is left again, and a person's to give back. */
  private async fail(refund: Refund): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await this.payments.lock(tx, refund.paymentId);
      if (await this.refunds.setRefused(tx, refund.id, this.clock.now())) await this.follow(tx, refund, 'failed');
    });
  }

  /** What the provider says about a refund, now or again. @returns undefined when it belongs to nothing of ours */
  async confirm(told: ProviderRefund, bound: Bound = {}): Promise<ConfirmedRefund | undefined> {
    return this.db.tx(systemContext, async (tx) => {
      const known = await this.known(tx, told);
      const found =
        known === undefined ? await this.payments.findReferred(tx, told) : await this.payments.get(tx, known.paymentId);
      const payment = admitted(found, bound);
      if (payment === undefined) return undefined;
      const findings = refundFindingsOf(payment, known, told);
      if (findings[0] !== undefined) return { kind: 'mismatch', payment, findings };
      const refund = known ?? (await this.madeOutside(tx, payment, told));
      const { status, providerId } = told;
      // Two refunds of one payment are added up one after the other.
      await this.payments.lock(tx, payment.id);
      const changed = await this.refunds.setStatus(tx, refund.id, { status, providerId, now: this.clock.now() });
      if (changed) await this.follow(tx, refund, status);
      return { kind: 'confirmed', payment, refund };
    });
  }

  /**
   * The provider's sum of a charge covers everything we asked for: then all that still waited has arrived.
   * @returns false when the sum holds a refund nobody told us of yet
   */
  async confirmAll(payment: Payment, refundedCents: number): Promise<boolean> {
    const standing = await this.db.tx(systemContext, (tx) => this.refunds.lockStanding(tx, payment.id));
    const known = sumOf(standing);
    const waiting = known <= refundedCents ? standing.filter((refund) => refund.status === 'pending') : [];
    for (const { id, providerId, amountCents } of waiting) {
      if (providerId === null) continue;
      const { id: paymentId, paymentIntentId, currency } = payment;
      await this.confirm({
        providerId,
        status: 'succeeded',
        amountCents,
        currency,
        paymentId,
        paymentIntentId,
        refundId: id,
      });
    }
    return known >= refundedCents;
  }

  private async known(tx: Tx, { refundId, providerId }: ProviderRefund): Promise<Refund | undefined> {
    const ours = isId(refundId) ? await this.refunds.find(tx, refundId) : undefined;
    return ours ?? (await this.refunds.findByProvider(tx, providerId));
  }

  /** Money may also be given back in the provider's own dashboard: then the row is made here. */
  private async madeOutside(tx: Tx, payment: Payment, { providerId, amountCents }: ProviderRefund): Promise<Refund> {
    await this.refunds.lockStanding(tx, payment.id);
    const meanwhile = await this.refunds.findByProvider(tx, providerId);
    if (meanwhile !== undefined) return meanwhile;
    const id = await this.refunds.add(tx, payment, {
      kind: 'outside',
      amountCents,
      reason: 'made_at_provider',
      now: this.clock.now(),
      provider: { id: providerId, status: 'pending' },
    });
    const made = await this.refunds.find(tx, id);
    if (made === undefined) throw new Error('a refund vanished');
    // The charge's sum may have come before it.
    await this.inbox.release(tx, stripeSource, { paymentId: payment.id });
    return made;
  }

  private async follow(tx: Tx, refund: Refund, status: ProviderRefund['status']): Promise<void> {
    if (status === 'pending') return;
    const payment = await this.payments.get(tx, refund.paymentId);
    const taken = await this.refunds.takenCents(tx, payment.id);
    const whole = taken >= payment.amountCents;
    await this.payments.setRefundStatus(tx, payment.id, whole ? 'refunded' : 'paid');
    // A second payment given back leaves the invoice paid by the first.
    if (refund.kind !== 'rest' || refund.reason !== 'paid_twice') {
      const partly = taken > 0 ? 'partially_refunded' : 'paid';
      await this.invoices.setRefundStatus(tx, payment.invoiceId, whole ? 'refunded' : partly);
    }
    if (status === 'failed') await this.tellOperations(tx, refund);
    await this.outbox.publish(tx, {
      name: status === 'succeeded' ? 'payment_refunded' : 'payment_refund_failed',
      aggregateId: payment.prescriptionId,
      organizationId: payment.organizationId,
      payload: { prescriptionId: payment.prescriptionId, paymentId: payment.id, refundId: refund.id },
    });
  }

  /** The provider tries no other way by itself, and nobody else here would notice. */
  private async tellOperations(tx: Tx, refund: Refund): Promise<void> {
    const { id: refundId, organizationId, prescriptionId, invoiceId } = refund;
    const details = { refundId, prescriptionId, invoiceId };
    await this.tickets.openSupport(tx, { organizationId, reason: 'refund.failed', details });
  }

  private async load(tx: Tx, refundId: string): Promise<{ refund: Refund; payment: Payment }> {
    const refund = await this.refunds.find(tx, refundId);
    if (refund === undefined) throw new Unrecoverable('refund.not-found', 'the job names no refund');
    return { refund, payment: await this.payments.get(tx, refund.paymentId) };
  }
}

function sumOf(refunds: readonly Refund[]): number {
  return refunds.reduce((sum, refund) => sum + refund.amountCents, 0);
}
