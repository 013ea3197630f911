import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Waiting, type Prescription, type WaitingReason } from '../prescriptions/index.js';
import type { Payment } from './payment.entity.js';
import { PaymentsStore } from './payments.store.js';

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
    next: 'Compare the parked webhook event with the invoice, then replay it, refund at the provider, or cancel.',
  },
} as const satisfies Record<string, Sentence>;

/** Explains `adjudicated` and `awaiting_payment` to whoever asks why. */
@Injectable()
export class PaymentsWaiting implements OnModuleInit {
  constructor(
    private readonly waiting: Waiting,
    private readonly payments: PaymentsStore,
  ) {}

  onModuleInit(): void {
    this.waiting.register({
      states: ['adjudicated', 'awaiting_payment'],
      explain: (tx, prescription) => this.explain(tx, prescription),
    });
  }

  private async explain(tx: Tx, { id, state, stateSince, owedCents, currency }: Prescription): Promise<WaitingReason> {
    const payment = await this.payments.latest(tx, id);
    return {
      ...sentences[sentenceFor(state, payment)],
      since: stateSince,
      details: {
        owedCents,
        currency,
        ...(payment !== undefined && {
          attempt: payment.attempt,
          linkStatus: payment.status,
          linkExpiresAt: payment.expiresAt.toISOString(),
        }),
        ...(payment?.finding != null && { finding: payment.finding }),
      },
    };
  }
}

export function sentenceFor(
  state: string,
  payment: Pick<Payment, 'status' | 'finding'> | undefined,
): keyof typeof sentences {
  if (payment?.finding != null) return 'finding';
  if (state === 'adjudicated' || payment === undefined) return 'preparing';
  if (payment.status === 'created') return 'renewing';
  return payment.status === 'open' ? 'unpaid' : 'exhausted';
}
