import { alphanumeric } from '../core/ids.js';

/** Stripe's own key order and names; only the fields that a payments client reads. */
export type Metadata = Record<string, string>;

export interface LineItem {
  id: string;
  object: 'item';
  amount_subtotal: number;
  amount_total: number;
  currency: string;
  description: string;
  quantity: number;
}

export interface CheckoutSession {
  id: string;
  object: 'checkout.session';
  amount_subtotal: number;
  amount_total: number;
  cancel_url: string | null;
  client_reference_id: string | null;
  created: number;
  currency: string;
  customer: string | null;
  customer_details: { email: string | null; name: string | null; phone: string | null } | null;
  customer_email: string | null;
  expires_at: number;
  livemode: false;
  locale: string | null;
  metadata: Metadata;
  mode: 'payment';
  payment_intent: string | null;
  payment_link: string | null;
  allowed_payment_method_types: string[] | null;
  payment_method_types: string[];
  payment_status: 'paid' | 'unpaid' | 'no_payment_required';
  status: 'open' | 'complete' | 'expired';
  submit_type: string | null;
  success_url: string | null;
  total_details: { amount_discount: 0; amount_shipping: 0; amount_tax: 0 };
  ui_mode: 'hosted_page';
  url: string | null;
}

export type IntentStatus = 'requires_payment_method' | 'requires_confirmation' | 'succeeded' | 'canceled';

export interface PaymentIntent {
  id: string;
  object: 'payment_intent';
  amount: number;
  amount_capturable: 0;
  amount_received: number;
  canceled_at: number | null;
  cancellation_reason: string | null;
  capture_method: 'automatic_async';
  client_secret: string;
  confirmation_method: 'automatic';
  created: number;
  currency: string;
  customer: string | null;
  description: string | null;
  last_payment_error: CardError | null;
  latest_charge: string | null;
  livemode: false;
  metadata: Metadata;
  next_action: null;
  payment_method: string | null;
  payment_method_types: string[];
  receipt_email: string | null;
  status: IntentStatus;
}

export interface Charge {
  id: string;
  object: 'charge';
  amount: number;
  amount_captured: number;
  amount_refunded: number;
  captured: boolean;
  created: number;
  currency: string;
  customer: string | null;
  failure_code: string | null;
  failure_message: string | null;
  livemode: false;
  metadata: Metadata;
  paid: boolean;
  payment_intent: string;
  payment_method: string;
  payment_method_details: { type: 'card'; card: { brand: string; last4: string; country: 'US'; funding: 'credit' } };
  refunded: boolean;
  status: 'succeeded' | 'failed';
}

export interface Refund {
  id: string;
  object: 'refund';
  amount: number;
  charge: string;
  created: number;
  currency: string;
  metadata: Metadata;
  payment_intent: string;
  reason: string | null;
  status: 'pending' | 'succeeded';
}

export interface Dispute {
  id: string;
  object: 'dispute';
  amount: number;
  balance_transactions: [];
  charge: string;
  created: number;
  currency: string;
  evidence: object;
  evidence_details: { due_by: number; has_evidence: false; past_due: false; submission_count: 0 };
  is_charge_refundable: boolean;
  livemode: false;
  metadata: Metadata;
  payment_intent: string;
  reason: string;
  status: 'needs_response' | 'won' | 'lost' | 'warning_needs_response' | 'warning_closed';
}

export interface StripeEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

export interface CardError {
  type: 'card_error';
  code: string;
  decline_code: string;
  message: string;
}

/** Stripe's test cards and payment methods, and what each does. */
interface TestCard {
  number: string;
  paymentMethod: string;
  brand: string;
  label: string;
  error: CardError | null;
}

const declined = (code: string, message: string): CardError => ({
  type: 'card_error',
  code: 'card_declined',
  decline_code: code,
  message,
});

export const testCards: readonly [TestCard, ...TestCard[]] = [
  { number: '4242424242424242', paymentMethod: 'pm_card_visa', brand: 'visa', label: 'Visa, accepted', error: null },
  {
    number: '5555555555554444',
    paymentMethod: 'pm_card_mastercard',
    brand: 'mastercard',
    label: 'Mastercard, accepted',
    error: null,
  },
  {
    number: '4000000000000002',
    paymentMethod: 'pm_card_chargeDeclined',
    brand: 'visa',
    label: 'Visa, declined',
    error: declined('generic_decline', 'Your card was declined.'),
  },
  {
    number: '4000000000009995',
    paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds',
    brand: 'visa',
    label: 'Visa, insufficient funds',
    error: declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
];

/** By number or payment method; an unknown payment method is taken for a good Visa, as attached ones have any id. */
export function findCard(numberOrMethod: string): TestCard {
  const wanted = numberOrMethod.replace(/\s/g, '');
  return testCards.find((card) => card.number === wanted || card.paymentMethod === wanted) ?? testCards[0];
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

export function newIntent(input: {
  amount: number;
  currency: string;
  customer: string | null;
  description?: string | undefined;
  receipt_email?: string | undefined;
  metadata: Record<string, string>;
  payment_method_types: string[];
}): PaymentIntent {
  const id = `pi_${alphanumeric(24)}`;
  return {
    id,
    object: 'payment_intent',
    amount: input.amount,
    amount_capturable: 0,
    amount_received: 0,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${alphanumeric(24)}`,
    confirmation_method: 'automatic',
    created: nowSeconds(),
    currency: input.currency,
    customer: input.customer,
    description: input.description ?? null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    metadata: input.metadata,
    next_action: null,
    payment_method: null,
    payment_method_types: input.payment_method_types,
    receipt_email: input.receipt_email ?? null,
    status: 'requires_payment_method',
  };
}

export function newCharge(intent: PaymentIntent, card: TestCard): Charge {
  const paid = card.error === null;
  return {
    id: `ch_${alphanumeric(24)}`,
    object: 'charge',
    amount: intent.amount,
    amount_captured: paid ? intent.amount : 0,
    amount_refunded: 0,
    captured: paid,
    created: nowSeconds(),
    currency: intent.currency,
    customer: intent.customer,
    failure_code: card.error?.code ?? null,
    failure_message: card.error?.message ?? null,
    livemode: false,
    metadata: { ...intent.metadata },
    paid,
    payment_intent: intent.id,
    payment_method: `pm_${alphanumeric(24)}`,
    payment_method_details: {
      type: 'card',
      card: { brand: card.brand, last4: card.number.slice(-4), country: 'US', funding: 'credit' },
    },
    refunded: false,
    status: paid ? 'succeeded' : 'failed',
  };
}
