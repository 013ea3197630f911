import type { SignatureVerdict } from '../../webhooks/index.js';
import type { DisputeStatus } from '../dispute.policy.js';

export interface CheckoutRequest {
  paymentId: string;
  prescriptionId: string;
  amountCents: number;
  /** ISO 4217, upper case. */
  currency: string;
  /** What the payer reads; never the drug. */
  description: string;
  successUrl: string;
  cancelUrl: string;
  expiresAt: Date;
}

/** A payment page as the provider sees it now. */
export interface Checkout {
  sessionId: string;
  /** Null once it cannot be paid any more. */
  url: string | null;
  status: 'open' | 'complete' | 'expired';
  /** `complete` may still be unpaid: some methods take days. */
  paid: boolean;
  amountCents: number;
  currency: string;
  /** Ours, as we gave them; null when the session was not made by us. */
  paymentId: string | null;
  prescriptionId: string | null;
  paymentIntentId: string | null;
}

export interface RefundRequest {
  refundId: string;
  paymentIntentId: string;
  amountCents: number;
}

/** How the provider names the payment something is of. */
export interface PaymentReference {
  /** Ours, as we gave it; null when the provider's object does not carry it. */
  paymentId: string | null;
  paymentIntentId: string | null;
}

export interface ProviderRefund extends PaymentReference {
  providerId: string;
  status: 'pending' | 'succeeded' | 'failed';
  amountCents: number;
  /** ISO 4217, upper case. */
  currency: string;
  /** Ours; null when it was made at the provider. */
  refundId: string | null;
}

export interface ProviderDispute extends PaymentReference {
  providerId: string;
  status: DisputeStatus;
  /** The provider's code. */
  reason: string;
  amountCents: number;
  currency: string;
  evidenceDueAt: Date | null;
  openedAt: Date;
  /** When the provider reported this status. */
  reportedAt: Date;
}

/** Money that was taken, told of the payment and not of the page it was paid on. */
export interface TakenPayment extends PaymentReference {
  prescriptionId: string | null;
  paymentIntentId: string;
  amountCents: number;
  currency: string;
}

export interface ChargeRefunds extends PaymentReference {
  refundedCents: number;
  currency: string;
}

/** What the provider's webhooks say, in our words. */
export type PaymentNews =
  | { kind: 'checkout_completed' | 'checkout_failed' | 'checkout_expired'; checkout: Checkout }
  | { kind: 'refund_changed'; refund: ProviderRefund }
  | { kind: 'charge_refunded'; charge: ChargeRefunds }
  | { kind: 'payment_taken'; taken: TakenPayment }
  | { kind: 'payment_declined'; reference: PaymentReference; code: string }
  | { kind: 'dispute_changed'; dispute: ProviderDispute }
  /** Of a kind we keep, in a word we do not know. */
  | { kind: 'unknown_word'; code: string; reference: PaymentReference }
  | { kind: 'other' };

/**
 * Takes money and gives it back. A refusal for good is `Refused`; a timeout or an answer without meaning is an error, after
 * which the same key or a look-up tells what happened. Without credentials every call out is Refused with `vendor.off`.
 */
export abstract class PaymentGateway {
  /** The same key is the same page. */
  abstract openCheckout(request: CheckoutRequest, key: string): Promise<Checkout>;
  /** The page made for this payment since `since`, when the answer to making it was lost. */
  abstract findCheckout(paymentId: string, since: Date): Promise<Checkout | undefined>;
  abstract checkout(sessionId: string): Promise<Checkout>;
  /** Closes the page; of one that is no longer open, answers how it ended. */
  abstract expireCheckout(sessionId: string): Promise<Checkout>;
  abstract refund(request: RefundRequest, key: string): Promise<ProviderRefund>;
  abstract findRefund(request: RefundRequest): Promise<ProviderRefund | undefined>;
  abstract refundState(providerId: string): Promise<ProviderRefund>;

  /** Checks the signature over the bytes as they came. */
  abstract verify(raw: Buffer, signature: string | undefined, now: Date): SignatureVerdict;
  /** The event's own id and type. @throws when the bytes are no event */
  abstract envelope(raw: Buffer): { id: string; type: string };
  abstract read(raw: Buffer): PaymentNews;
}
