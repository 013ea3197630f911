import type { Checkout, ProviderDispute } from './gateways/payment-gateway.port.js';
import { sentenceFor } from './payments.waiting.js';
import type { RefundStatus } from './refund.entity.js';
import {
  afterPayment,
  disputeFindingsOf,
  findingsOf,
  mayRenew,
  mostRenewals,
  refundOutcomeOf,
} from './settlement.policy.js';

const payment = { id: 'pay-1', prescriptionId: 'rx-1', sessionId: 'cs-1', amountCents: 1500, currency: 'USD' };
const checkout: Checkout = {
  sessionId: 'cs-1',
  url: null,
  status: 'complete',
  paid: true,
  amountCents: 1500,
  currency: 'USD',
  paymentId: 'pay-1',
  prescriptionId: 'rx-1',
  paymentIntentId: 'pi-1',
};

describe('what must agree before money counts as ours', () => {
  it('finds nothing when all agrees', () => {
    expect(findingsOf(payment, checkout)).toEqual([]);
  });

  it.each([
    [{ amountCents: 1501 }, 'payment.amount-mismatch'],
    [{ currency: 'CAD' }, 'payment.currency-mismatch'],
    [{ paymentId: 'pay-2' }, 'payment.reference-mismatch'],
    [{ paymentId: null }, 'payment.reference-mismatch'],
    [{ prescriptionId: 'rx-2' }, 'payment.prescription-mismatch'],
    [{ sessionId: 'cs-2' }, 'payment.session-mismatch'],
  ])('names %j as %s', (changes, code) => {
    expect(findingsOf(payment, { ...checkout, ...changes })).toEqual([code]);
  });

  it('reports every disagreement at once', () => {
    expect(findingsOf(payment, { ...checkout, amountCents: 1, currency: 'EUR' })).toHaveLength(2);
  });

  it('accepts a session whose id we never learned, because the webhook was faster than the answer', () => {
    expect(findingsOf({ ...payment, sessionId: null }, checkout)).toEqual([]);
  });
});

describe('what must agree before a dispute is noted', () => {
  const disputed = { ...payment, paymentIntentId: 'pi-1' };
  const told: ProviderDispute = {
    providerId: 'dp-1',
    status: 'needs_response',
    reason: 'fraudulent',
    amountCents: 1500,
    currency: 'USD',
    evidenceDueAt: null,
    openedAt: new Date(),
    reportedAt: new Date(),
    paymentId: null,
    paymentIntentId: 'pi-1',
  };

  it('is the payment it was raised against, from the first report on', () => {
    expect(disputeFindingsOf(disputed, undefined, told)).toEqual([]);
    expect(disputeFindingsOf(disputed, { paymentId: 'pay-1' }, told)).toEqual([]);
    expect(disputeFindingsOf(disputed, { paymentId: 'pay-2' }, told)).toEqual(['dispute.payment-mismatch']);
  });
});

describe('what money does when it comes in', () => {
  it.each([
    ['awaiting_payment', 'open', 'settle'],
    ['adjudicated', 'open', 'settle'],
    ['cancelled', 'void', 'prescription_cancelled'],
    ['cancelled', 'open', 'prescription_cancelled'],
    ['awaiting_payment', 'void', 'invoice_void'],
    ['paid', 'paid', 'paid_twice'],
    ['shipped', 'paid', 'paid_twice'],
    ['completed', 'refunded', 'paid_twice'],
    ['pharmacy_selected', 'open', 'not_owed'],
  ] as const)('in %s with an invoice that is %s: %s', (state, invoice, outcome) => {
    expect(afterPayment(state, invoice)).toBe(outcome);
  });
});

describe('a link that ran out', () => {
  const awaited = {
    prescriptionState: 'awaiting_payment',
    invoiceStatus: 'open',
    isLatest: true,
    finding: null,
    renewalsInARow: 0,
  } as const;

  it('is followed by a new one while the prescription waits', () => {
    expect(mayRenew(awaited)).toBe(true);
    expect(mayRenew({ ...awaited, renewalsInARow: mostRenewals - 1 })).toBe(true);
  });

  it.each([
    ['the prescription went on', { prescriptionState: 'paid' }],
    ['the invoice was taken back', { invoiceStatus: 'void' as const }],
    ['a newer link exists', { isLatest: false }],
    ['money on it is looked into', { finding: 'payment.amount-mismatch' }],
    ['three were ignored', { renewalsInARow: mostRenewals }],
  ])('is not when %s', (_, changes) => {
    expect(mayRenew({ ...awaited, ...changes })).toBe(false);
  });
});

describe('why it waits', () => {
  it.each([
    ['adjudicated', undefined, 'preparing'],
    ['adjudicated', { status: 'created', finding: null }, 'preparing'],
    ['awaiting_payment', { status: 'open', finding: null }, 'unpaid'],
    ['awaiting_payment', { status: 'created', finding: null }, 'renewing'],
    ['awaiting_payment', { status: 'expired', finding: null }, 'exhausted'],
    ['awaiting_payment', { status: 'failed', finding: null }, 'exhausted'],
    ['awaiting_payment', { status: 'open', finding: 'payment.amount-mismatch' }, 'finding'],
  ] as const)('%s with %j is %s', (state, link, sentence) => {
    expect(sentenceFor(state, link)).toBe(sentence);
  });

  it('is for a new order once its last day has passed, unless there is money to look into', () => {
    for (const status of ['open', 'created', 'expired'] as const) {
      expect(sentenceFor('awaiting_payment', { status, finding: null }, true)).toBe('expired');
    }
    const mismatch = { status: 'open', finding: 'payment.amount-mismatch' } as const;
    expect(sentenceFor('awaiting_payment', mismatch, true)).toBe('finding');
  });
});

describe('what the undoing says of refunds', () => {
  const refund = (paymentId: string, status: RefundStatus) => ({ paymentId, status });

  it.each([
    ['nothing-to-do', []],
    ['refunded', [refund('p1', 'succeeded')]],
    ['refund-pending', [refund('p1', 'succeeded'), refund('p2', 'pending')]],
    ['refund-failed', [refund('p1', 'failed'), refund('p2', 'pending')]],
    ['refunded', [refund('p1', 'failed'), refund('p1', 'succeeded')]],
  ])('is %s', (outcome, refunds) => {
    expect(refundOutcomeOf(refunds)).toBe(outcome);
  });
});
