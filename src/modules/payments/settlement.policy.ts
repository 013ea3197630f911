import type {
  ChargeRefunds,
  Checkout,
  PaymentReference,
  ProviderDispute,
  ProviderRefund,
} from './gateways/payment-gateway.port.js';
import type { InvoiceStatus } from './invoice.entity.js';
import type { Payment } from './payment.entity.js';
import type { Refund, RefundStatus } from './refund.entity.js';

type Owed = Pick<Payment, 'id' | 'prescriptionId' | 'sessionId' | 'amountCents' | 'currency'>;

/** What must agree before money is taken for ours; each rule answers the code of its disagreement. */
const checks: readonly (readonly [code: string, agrees: (payment: Owed, checkout: Checkout) => boolean])[] = [
  ['payment.amount-mismatch', (payment, checkout) => checkout.amountCents === payment.amountCents],
  ['payment.currency-mismatch', (payment, checkout) => checkout.currency === payment.currency],
  ['payment.reference-mismatch', (payment, checkout) => checkout.paymentId === payment.id],
  ['payment.prescription-mismatch', (payment, checkout) => checkout.prescriptionId === payment.prescriptionId],
  // The id is not stored yet when the answer to making the session was lost and its webhook was faster.
  ['payment.session-mismatch', (payment, checkout) => [null, checkout.sessionId].includes(payment.sessionId)],
];

/** Codes of everything that does not fit between what we asked for and what the provider reports; empty when all does. */
export function findingsOf(payment: Owed, checkout: Checkout): string[] {
  return checks.filter(([, agrees]) => !agrees(payment, checkout)).map(([code]) => code);
}

type Taken = Pick<Payment, 'paymentIntentId' | 'amountCents' | 'currency'>;
type Told = PaymentReference & { currency: string };

const sameCurrency = ({ currency }: Taken, told: Told) => told.currency === currency;
/** A payment we found by our own id must be the one the provider speaks of; its id is not stored before it was settled. */
const sameIntent = ({ paymentIntentId }: Taken, told: Told) =>
  [null, told.paymentIntentId].includes(paymentIntentId) || told.paymentIntentId === null;

/** @param known the refund of ours that is spoken of; undefined when it was made at the provider */
export function refundFindingsOf(
  payment: Taken,
  known: { amountCents: number } | undefined,
  told: ProviderRefund,
): string[] {
  const amountFits =
    known === undefined ? told.amountCents <= payment.amountCents : known.amountCents === told.amountCents;
  return codesOf([
    ['refund.amount-mismatch', amountFits && told.amountCents > 0],
    ['refund.currency-mismatch', sameCurrency(payment, told)],
    ['refund.payment-mismatch', sameIntent(payment, told)],
  ]);
}

export function chargeFindingsOf(payment: Taken, told: ChargeRefunds): string[] {
  return codesOf([
    ['refund.amount-mismatch', told.refundedCents <= payment.amountCents],
    ['refund.currency-mismatch', sameCurrency(payment, told)],
    ['refund.payment-mismatch', sameIntent(payment, told)],
  ]);
}

/** @param known the dispute of that name we know of, which may have been raised against another payment */
export function disputeFindingsOf(
  payment: Taken & { id: string },
  known: { paymentId: string } | undefined,
  told: ProviderDispute,
): string[] {
  return codesOf([
    ['dispute.amount-mismatch', told.amountCents > 0 && told.amountCents <= payment.amountCents],
    ['dispute.currency-mismatch', sameCurrency(payment, told)],
    ['dispute.payment-mismatch', sameIntent(payment, told) && (known === undefined || known.paymentId === payment.id)],
  ]);
}

function codesOf(rules: readonly (readonly [code: string, agrees: boolean])[]): string[] {
  return rules.filter(([, agrees]) => !agrees).map(([code]) => code);
}

/** Why the money of a prescription that ended goes back. */
export function refundCauseOf(prescriptionState: string): RefundCause {
  return prescriptionState === 'cancelled' ? 'prescription_cancelled' : 'prescription_undelivered';
}

export type RefundCause =
  'prescription_cancelled' | 'prescription_undelivered' | 'paid_twice' | 'invoice_void' | 'not_owed';

/** What the undoing says of refunds, by the one that went least far. */
const refundOutcomes: readonly (readonly [RefundStatus, string])[] = [
  ['failed', 'refund-failed'],
  ['created', 'refund-pending'],
  ['pending', 'refund-pending'],
  ['succeeded', 'refunded'],
];

/** @param refunds in the order they were made; of several for a payment the last one counts */
export function refundOutcomeOf(refunds: readonly Pick<Refund, 'paymentId' | 'status'>[]): string {
  const last = new Map(refunds.map(({ paymentId, status }) => [paymentId, status]));
  const statuses = new Set(last.values());
  return refundOutcomes.find(([status]) => statuses.has(status))?.[1] ?? 'nothing-to-do';
}

/** Money came in: does it settle the prescription, or why must it go back? */
export function afterPayment(prescriptionState: string, invoiceStatus: InvoiceStatus): 'settle' | RefundCause {
  if (invoiceStatus === 'void') return endedStates.has(prescriptionState) ? 'prescription_cancelled' : 'invoice_void';
  if (endedStates.has(prescriptionState)) return 'prescription_cancelled';
  if (invoiceStatus !== 'open') return 'paid_twice';
  return awaitingStates.has(prescriptionState) ? 'settle' : 'not_owed';
}

const endedStates = new Set(['cancelled', 'failed', 'returned']);

/** US cents; Stripe takes no smaller payment (`amount_too_small`), and a card payment costs about as much. */
const leastChargeCents = 50;

/** What the patient is asked for: less than can be paid is waived. */
export function chargedCents(owedCents: number): number {
  return owedCents < leastChargeCents ? 0 : owedCents;
}

/** States in which a link makes sense. */
export const awaitingStates: ReadonlySet<string> = new Set(['adjudicated', 'awaiting_payment']);

/** Links made without a person, after the first; then ops is asked. */
export const mostRenewals = 3;

/** Whether a link that ran out is followed by a new one: not while it is asked what money came in on it. */
export function mayRenew(about: {
  prescriptionState: string;
  invoiceStatus: InvoiceStatus;
  isLatest: boolean;
  finding: string | null;
  renewalsInARow: number;
}): boolean {
  return (
    about.prescriptionState === 'awaiting_payment' &&
    about.invoiceStatus === 'open' &&
    about.isLatest &&
    about.finding === null &&
    about.renewalsInARow < mostRenewals
  );
}
