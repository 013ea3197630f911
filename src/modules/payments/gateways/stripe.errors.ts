import Stripe from 'stripe';
import { endsCall, isPassing, neverSent, Refused, retryAfterMs, Unanswered } from '../../../platform/effects/index.js';
import { Busy } from '../../../platform/jobs/index.js';

/** Nothing is known of the outcome: the same key, or a look-up, will tell. */
export class StripeUnanswered extends Unanswered {
  constructor(isOver: boolean, cause: unknown, waitMs?: number) {
    super('stripe.unanswered', 'Stripe gave no answer one can rely on', isOver, { cause, waitMs });
  }
}

const defaultWaitMs = 2_000;
/** It did not begin: another call has the key, or there are too many. */
const comeBack: ReadonlySet<number> = new Set([409, 429]);
const codeForm = /^[a-z_]{1,60}$/;

/** Stripe's errors as ours: codes only, their messages may hold data. */
export function vendorErrorOf(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { statusCode } = error;
  if (statusCode === undefined) return new StripeUnanswered(neverSent(error), error);
  const waitMs = retryAfterMs(error.headers?.['retry-after']);
  if (comeBack.has(statusCode)) return new Busy(`stripe.${statusCode}`, waitMs ?? defaultWaitMs, { cause: error });
  if (isPassing(statusCode)) return new StripeUnanswered(endsCall(statusCode), error, waitMs);
  return new Refused(`stripe.${codeOf(error)}`, 'Stripe refused the request', { cause: error });
}

/** Of the sender, whatever it asked for. */
const signInRefused: ReadonlySet<number | undefined> = new Set([401, 403]);

function codeOf({ code, statusCode }: InstanceType<typeof Stripe.errors.StripeError>): string {
  return code !== undefined && codeForm.test(code) && !signInRefused.has(statusCode) ? code : String(statusCode);
}
