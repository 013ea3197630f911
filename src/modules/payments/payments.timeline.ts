import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TimelineSources, type TimelineEntry } from '../prescriptions/index.js';
import type { Dispute } from './dispute.entity.js';
import { isClosed } from './dispute.policy.js';
import { DisputesStore } from './disputes.store.js';

/** What banks asked and took back. For staff: it is between the cardholder, the bank and whoever was paid. */
@Injectable()
export class PaymentsTimeline implements OnModuleInit {
  constructor(
    private readonly sources: TimelineSources,
    private readonly disputes: DisputesStore,
  ) {}

  onModuleInit(): void {
    this.sources.register({
      name: 'disputes',
      audience: 'staff',
      entries: async (tx, prescriptionId) =>
        (await this.disputes.ofPrescription(tx, prescriptionId)).flatMap(disputeEntries),
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
