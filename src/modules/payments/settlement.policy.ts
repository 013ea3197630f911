import type { Checkout } from './gateways/payment-gateway.port.js';
import type { InvoiceStatus } from './invoice.entity.js';
import type { Payment } from './payment.entity.js';

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

export type RefundCause =
  'prescription_cancelled' | 'prescription_undelivered' | 'paid_twice' | 'invoice_void' | 'not_owed';

/** Money came in: does it settle the prescription, or why must it go back? */
export function afterPayment(prescriptionState: string, invoiceStatus: InvoiceStatus): 'settle' | RefundCause {
  if (invoiceStatus === 'void') return endedStates.has(prescriptionState) ? 'prescription_cancelled' : 'invoice_void';
  if (endedStates.has(prescriptionState)) return 'prescription_cancelled';
  if (invoiceStatus !== 'open') return 'paid_twice';
  return awaitingStates.has(prescriptionState) ? 'settle' : 'not_owed';
}

const endedStates = new Set(['cancelled', 'failed', 'returned']);

/** States in which a link makes sense. */
export const awaitingStates: ReadonlySet<string> = new Set(['adjudicated', 'awaiting_payment']);

/** Links made without a person, after the first; then ops is asked. */
export const mostRenewals = 3;

/** Whether a link that ran out is followed by a new one. */
export function mayRenew(about: {
  prescriptionState: string;
  invoiceStatus: InvoiceStatus;
  isLatest: boolean;
  renewalsInARow: number;
}): boolean {
  return (
    about.prescriptionState === 'awaiting_payment' &&
    about.invoiceStatus === 'open' &&
    about.isLatest &&
    about.renewalsInARow < mostRenewals
  );
}
