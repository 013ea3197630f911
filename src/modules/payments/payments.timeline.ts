import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TimelineSources, type TimelineEntry } from '../prescriptions/index.js';
import type { Dispute } from './dispute.entity.js';
import { isClosed } from './dispute.policy.js';
import { DisputesStore } from './disputes.store.js';
import type { Payment } from './payment.entity.js';
import { PaymentsStore } from './payments.store.js';
import type { Refund } from './refund.entity.js';
import { RefundsStore } from './refunds.store.js';

type By = Pick<TimelineEntry, 'actor'> & { trigger: string };

const platform: By = { actor: { kind: 'system', id: null }, trigger: 'worker' };

/** What was asked for and paid, what banks took back, and what was given back. For staff: it is between the cardholder, the bank and whoever was paid. */
@Injectable()
export class PaymentsTimeline implements OnModuleInit {
  constructor(
    private readonly sources: TimelineSources,
    private readonly payments: PaymentsStore,
    private readonly disputes: DisputesStore,
    private readonly refunds: RefundsStore,
  ) {}

  onModuleInit(): void {
    this.sources.register({
      name: 'payments',
      audience: 'staff',
      entries: async (tx, prescriptionId) => linkEntries(await this.payments.ofPrescription(tx, prescriptionId)),
    });
    this.sources.register({
      name: 'disputes',
      audience: 'staff',
      entries: async (tx, prescriptionId) =>
        (await this.disputes.ofPrescription(tx, prescriptionId)).flatMap(disputeEntries),
    });
    this.sources.register({
      name: 'refunds',
      audience: 'staff',
      entries: async (tx, prescriptionId) =>
        (await this.refunds.ofPrescription(tx, prescriptionId)).flatMap(refundEntries),
    });
  }
}

/**
 * Made, ended without a payment, paid. A link's end is known by the one that was made because of it; its address is a secret.
 * @param payments newest first
 */
function linkEntries(payments: readonly Payment[]): TimelineEntry[] {
  return payments.flatMap((payment, index) => {
    const { createdAt, expiresAt, paidAt, origin } = payment;
    const next = payments[index - 1];
    const patient: By = { actor: { kind: 'patient', id: null }, trigger: 'webhook' };
    // Who it was stands in the audit log.
    const maker: By = origin === 'manual' ? { actor: { kind: 'user', id: null }, trigger: 'user' } : platform;
    return [
      linkEntry(payment, 'payment.link-made', createdAt, maker),
      ...(next?.origin === 'renewal'
        ? [linkEntry(payment, 'payment.link-ended', expiresAt < next.createdAt ? expiresAt : next.createdAt, platform)]
        : []),
      ...(paidAt === null ? [] : [linkEntry(payment, 'payment.paid', paidAt, patient)]),
    ];
  });
}

function linkEntry(payment: Payment, code: string, at: Date, { actor, trigger }: By): TimelineEntry {
  const { id: paymentId, attempt, origin, amountCents } = payment;
  const details = { paymentId, attempt, origin, amountCents };
  return { at, recordedAt: at, kind: 'payment', code, actor, cause: { trigger }, details };
}

/** Opened, and how it ended: of the words in between only the last is kept. */
function disputeEntries(dispute: Dispute): TimelineEntry[] {
  const { openedAt, reportedAt, status } = dispute;
  return [
    disputeEntry(dispute, 'payment.disputed', openedAt),
    ...(isClosed(status) ? [disputeEntry(dispute, 'payment.dispute-closed', reportedAt)] : []),
  ];
}

function disputeEntry({ id, paymentId, status, reason, amountCents }: Dispute, code: string, at: Date): TimelineEntry {
  return {
    at,
    recordedAt: at,
    kind: 'payment',
    code,
    actor: { kind: 'payer', id: null },
    cause: { trigger: 'webhook', reason },
    details: { disputeId: id, paymentId, status, amountCents },
  };
}

/** Begun, and how it ended: one that was confirmed may fail later. */
function refundEntries(refund: Refund): TimelineEntry[] {
  const { createdAt, confirmedAt, failedAt, requestedBy } = refund;
  const asker: By = requestedBy === null ? platform : { actor: { kind: 'user', id: requestedBy }, trigger: 'user' };
  return [
    refundEntry(refund, 'payment.refund-begun', createdAt, asker),
    ...(confirmedAt === null ? [] : [refundEntry(refund, 'payment.refunded', confirmedAt, platform)]),
    ...(failedAt === null ? [] : [refundEntry(refund, 'payment.refund-failed', failedAt, platform)]),
  ];
}

/** What a person gave as the reason stays with the invoice. */
function refundEntry(refund: Refund, code: string, at: Date, { actor, trigger }: By): TimelineEntry {
  const { id, paymentId, kind, reason, amountCents } = refund;
  return {
    at,
    recordedAt: at,
    kind: 'payment',
    code,
    actor,
    cause: { trigger, reason: kind === 'requested' ? kind : reason },
    details: { refundId: id, paymentId, amountCents },
  };
}
