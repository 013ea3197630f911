import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TimelineSources, type TimelineEntry } from '../prescriptions/index.js';
import type { Dispute } from './dispute.entity.js';
import { isClosed } from './dispute.policy.js';
import { DisputesStore } from './disputes.store.js';
import type { Refund } from './refund.entity.js';
import { RefundsStore } from './refunds.store.js';

/** What banks asked and took back, and what was given back. For staff: it is between the cardholder, the bank and whoever was paid. */
@Injectable()
export class PaymentsTimeline implements OnModuleInit {
  constructor(
    private readonly sources: TimelineSources,
    private readonly disputes: DisputesStore,
    private readonly refunds: RefundsStore,
  ) {}

  onModuleInit(): void {
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
  const { createdAt, confirmedAt, failedAt } = refund;
  return [
    refundEntry(refund, 'payment.refund-begun', createdAt),
    ...(confirmedAt === null ? [] : [refundEntry(refund, 'payment.refunded', confirmedAt)]),
    ...(failedAt === null ? [] : [refundEntry(refund, 'payment.refund-failed', failedAt)]),
  ];
}

/** What a person gave as the reason stays with the invoice. */
function refundEntry({ id, paymentId, kind, reason, amountCents }: Refund, code: string, at: Date): TimelineEntry {
  return {
    at,
    recordedAt: at,
    kind: 'payment',
    code,
    actor: { kind: 'system', id: null },
    cause: { trigger: 'worker', reason: kind === 'requested' ? kind : reason },
    details: { refundId: id, paymentId, amountCents },
  };
}
