import { Refused } from '../../platform/effects/index.js';
import type { Checkout } from './gateways/payment-gateway.port.js';
import type { Payment } from './payment.entity.js';

/** As after a change of account. */
const unknownToProvider = 'stripe.resource_missing';

/**
 * What the provider says of a page, or that it is over when the provider knows it no more and its time has passed: nobody can pay
 * on it, and nobody will ever say more. Of one that may still live the refusal stands.
 */
export async function answerOrOver(payment: Payment, now: Date, asked: Promise<Checkout>): Promise<Checkout> {
  try {
    return await asked;
  } catch (error) {
    const { id: paymentId, prescriptionId, sessionId, amountCents, currency, expiresAt } = payment;
    const isGone = error instanceof Refused && error.code === unknownToProvider;
    if (!isGone || sessionId === null || expiresAt > now) throw error;
    const ours = { paymentId, prescriptionId, sessionId, amountCents, currency, paymentIntentId: null };
    return { ...ours, url: null, status: 'expired', paid: false };
  }
}
