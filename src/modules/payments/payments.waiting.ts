import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { seesInside } from '../auth/index.js';
import {
  expiredOrder,
  LastFills,
  lookedInto,
  undeliveredStates,
  Waiting,
  type Prescription,
  type WaitingReason,
} from '../prescriptions/index.js';
import type { Payment } from './payment.entity.js';
import { orderExpired } from './payments.errors.js';
import { PaymentsStore } from './payments.store.js';
import { Refunds } from './refunds.service.js';

type Sentence = Pick<WaitingReason, 'code' | 'waitsFor' | 'who' | 'next'>;

const sentences = {
  preparing: {
    code: 'payment.link-preparing',
    waitsFor: 'the payment link',
    who: 'platform',
    next: 'The link is made and sent to the patient; when nothing is owed the order goes on at once.',
  },
  renewing: {
    code: 'payment.link-renewing',
    waitsFor: 'a new payment link',
    who: 'platform',
    next: 'The earlier link ran out or was given up; the new one is made and sent to the patient.',
  },
  unpaid: {
    code: 'payment.awaited',
    waitsFor: "the patient's payment",
    who: 'patient',
    next: 'The patient pays on the link; when it runs out a new one is sent. POST /api/prescriptions/:id/payment-link makes a new one now.',
  },
  exhausted: {
    code: 'payment.links-exhausted',
    waitsFor: 'a decision: the patient let every link run out',
    who: 'ops',
    next: 'Reach the patient, then make a new link by POST /api/prescriptions/:id/payment-link, or cancel.',
  },
  finding: {
    code: 'payment.mismatch',
    waitsFor: 'a decision: the provider reports a payment that does not fit',
    who: 'ops',
    next: 'Compare the parked webhook event with the invoice, then replay it, or refund at the provider, then cancel.',
  },
  expired: {
    code: orderExpired,
    waitsFor: expiredOrder(':id').waitsFor,
    who: 'ops',
    next: expiredOrder(':id').next,
  },
  lookedInto: { code: 'payment.looked-into', ...lookedInto },
} as const satisfies Record<string, Sentence>;

const refundFailed: Sentence = {
  code: 'payment.refund-failed',
  waitsFor: "a decision: the patient's money could not be given back",
  who: 'ops',
  next: 'Ask the patient whether card or account still exist, then give it back again: POST /api/invoices/:id/refunds.',
};

/** Explains `adjudicated` and `awaiting_payment` to whoever asks why, and what keeps an ended prescription open. */
@Injectable()
export class PaymentsWaiting implements OnModuleInit {
  constructor(
    private readonly waiting: Waiting,
    private readonly payments: PaymentsStore,
    private readonly refunds: Refunds,
    private readonly lastFills: LastFills,
  ) {}

  onModuleInit(): void {
    this.waiting.register({
      states: ['adjudicated', 'awaiting_payment'],
      explain: (tx, prescription) => this.explain(tx, prescription),
      // No new link is made, or none should be.
      aboveObstacles: [sentences.expired.code, sentences.finding.code, sentences.lookedInto.code],
    });
    this.waiting.registerObstacle({
      states: undeliveredStates,
      explain: (tx, { id }) => this.stuckRefund(tx, id),
    });
    this.waiting.registerAdvice(orderExpired, expiredOrder);
  }

  /** Everything else may be undone; the patient's money is not. What failed is for staff, as in the timeline. */
  private async stuckRefund(tx: Tx, prescriptionId: string): Promise<WaitingReason | undefined> {
    const stuck = await this.refunds.stuck(tx, prescriptionId);
    if (stuck === undefined) return undefined;
    const { refund, leftCents } = stuck;
    const { id: refundId, invoiceId, failedAt, createdAt } = refund;
    const since = failedAt ?? createdAt;
    if (!seesInside(tx.context)) return { ...sentences.lookedInto, since };
    return { ...refundFailed, since, details: { refundId, invoiceId, leftCents } };
  }

  private async explain(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const { id, state, stateSince, owedCents, currency } = prescription;
    const payment = await this.payments.latest(tx, id);
    const isLate = await this.lastFills.hasPassed(tx, prescription);
    const sentence = sentenceFor(state, payment, isLate);
    const inside = seesInside(tx.context);
    return {
      ...sentences[sentence === 'finding' && !inside ? 'lookedInto' : sentence],
      since: stateSince,
      details: {
        owedCents,
        currency,
        ...(payment !== undefined && {
          attempt: payment.attempt,
          linkStatus: payment.status,
          linkExpiresAt: payment.expiresAt.toISOString(),
        }),
        ...(inside && payment?.finding != null && { finding: payment.finding }),
      },
    };
  }
}

export function sentenceFor(
  state: string,
  payment: Pick<Payment, 'status' | 'finding'> | undefined,
  isLate = false,
): keyof typeof sentences {
  if (payment?.finding != null) return 'finding';
  if (isLate) return 'expired';
  if (state === 'adjudicated' || payment === undefined) return 'preparing';
  if (payment.status === 'created') return 'renewing';
  return payment.status === 'open' ? 'unpaid' : 'exhausted';
}
