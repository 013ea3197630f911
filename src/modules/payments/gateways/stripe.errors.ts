import Stripe from 'stripe';
import { endsCall, neverSent, Refused, Unanswered } from '../../../platform/effects/index.js';
import { TryLater } from '../../../platform/jobs/index.js';

/** Nothing is known of the outcome: the same key, or a look-up, will tell. */
export class StripeUnanswered extends Unanswered {
  constructor(isOver: boolean, cause: unknown) {
    super('stripe.unanswered', 'Stripe gave no answer one can rely on', isOver, { cause });
  }
}

const defaultWaitMs = 2_000;
const longestWaitMs = 60_000;
const codeForm = /^[a-z_]{1,60}$/;

/** Stripe's errors as ours: codes only, their messages may hold data. */
export function vendorErrorOf(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { statusCode } = error;
  if (statusCode === undefined) return new StripeUnanswered(neverSent(error), error);
  if (statusCode >= 500) return new StripeUnanswered(endsCall(statusCode), error);
  if (statusCode === 429 || statusCode === 409)
    return new TryLater(`stripe.${statusCode}`, waitMsOf(error), { cause: error });
  return new Refused(`stripe.${codeOf(error)}`, 'Stripe refused the request', { cause: error });
}

/** Of the sender, whatever it asked for. */
const signInRefused: ReadonlySet<number | undefined> = new Set([401, 403]);

function codeOf({ code, statusCode }: InstanceType<typeof Stripe.errors.StripeError>): string {
  return code !== undefined && codeForm.test(code) && !signInRefused.has(statusCode) ? code : String(statusCode);
}

function waitMsOf({ headers }: InstanceType<typeof Stripe.errors.StripeError>): number {
  const seconds = Number(headers?.['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, longestWaitMs) : defaultWaitMs;
}
