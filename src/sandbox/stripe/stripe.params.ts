import { z } from 'zod';
import { invalid } from './stripe.errors.js';

const cents = z.coerce.number().int().min(0).max(99_999_999);
const seconds = z.coerce.number().int();
const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/)
  .transform((code) => code.toLowerCase());
const metadata = z.record(z.string().max(40), z.string().max(500)).default({});
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

const priceData = z.object({
  currency,
  unit_amount: cents,
  product_data: z.object({ name: z.string().min(1) }).optional(),
  product: z.string().optional(),
});
const lineItem = z.object({
  price_data: priceData.optional(),
  price: z.string().optional(),
  quantity: z.coerce.number().int().min(1).default(1),
});

export const createPrice = priceData.extend({ metadata });
export const createPaymentLink = z.object({ line_items: z.array(lineItem).min(1), metadata });

export const createSession = z.object({
  mode: z.enum(['payment']),
  line_items: z.array(lineItem).min(1).max(100),
  success_url: z.url().optional(),
  cancel_url: z.url().optional(),
  client_reference_id: z.string().max(200).optional(),
  customer: z.string().optional(),
  customer_email: z.email().optional(),
  expires_at: seconds.optional(),
  locale: z.string().optional(),
  submit_type: z.string().optional(),
  allowed_payment_method_types: z.array(z.string()).min(1).optional(),
  /** Until API version 2026-09-30.endive. */
  payment_method_types: z.never({ error: 'no longer supported' }).optional(),
  payment_intent_data: z
    .object({ metadata, description: z.string().optional(), receipt_email: z.email().optional() })
    .optional(),
  metadata,
});

export const createIntent = z.object({
  amount: cents.min(1),
  currency,
  customer: z.string().optional(),
  description: z.string().optional(),
  receipt_email: z.email().optional(),
  payment_method: z.string().optional(),
  payment_method_types: z.array(z.string()).default(['card']),
  confirm: flag.default(false),
  metadata,
});
export const confirmIntent = z.object({ payment_method: z.string().optional() });
export const cancelIntent = z.object({ cancellation_reason: z.string().optional() });

export const createRefund = z.object({
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
  amount: cents.min(1).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata,
});

export const openDispute = z.strictObject({
  amount: cents.optional(),
  reason: z.string().min(1).max(100).default('product_not_received'),
  status: z.enum(['needs_response', 'warning_needs_response']).default('needs_response'),
});
export const closeDispute = z.strictObject({ status: z.enum(['won', 'lost']) });

const created = z.object({ gt: seconds, gte: seconds, lt: seconds, lte: seconds }).partial();
export const listParams = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  starting_after: z.string().optional(),
  ending_before: z.string().optional(),
  created: z.union([created, seconds.transform((at) => ({ gte: at, lte: at }))]).default({}),
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
  customer: z.string().optional(),
  status: z.string().optional(),
  type: z.string().optional(),
  types: z.array(z.string()).optional(),
});
export type ListParams = z.infer<typeof listParams>;

export const expandParams = z.object({ expand: z.array(z.string()).default([]) });

/** What the account's dashboard has on. */
const dashboardMethods = ['card', 'link', 'us_bank_account'];

/** What a page offers. @throws StripeRefusal when nothing of what the dashboard has on is allowed */
export function methodsOffered(allowed: readonly string[] | undefined): string[] {
  const offered = dashboardMethods.filter((method) => allowed === undefined || allowed.includes(method));
  if (offered.length > 0) return offered;
  throw invalid('No valid payment method types for this Checkout Session.', { param: 'allowed_payment_method_types' });
}

/** Stripe's least charge, in US cents. */
const leastCents = 50;

/** @throws StripeRefusal amount_too_small */
export function demandPayable(amount: number, rule: string, param?: string): void {
  if (amount >= leastCents) return;
  throw invalid(`${rule} $0.50 usd`, { code: 'amount_too_small', ...(param !== undefined && { param }) });
}

/** Parses as Stripe does: the first wrong parameter is named in brackets. */
export function parseParams<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const [head, ...rest] = issue?.path.map(String) ?? [];
  const param = (head ?? '') + rest.map((part) => `[${part}]`).join('');
  const missing = issue?.code === 'invalid_type' && issue.input === undefined;
  throw invalid(missing ? `Missing required param: ${param}.` : `Invalid ${param}: ${issue?.message ?? ''}`, {
    code: missing ? 'parameter_missing' : 'parameter_invalid',
    param,
  });
}
