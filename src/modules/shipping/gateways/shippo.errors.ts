import { endsCall, isPassing, neverSent, Refused, retryAfterMs, Unanswered } from '../../../platform/effects/index.js';
import { Busy } from '../../../platform/jobs/index.js';
import { shippoErrors } from './shippo.client.js';

/** Nothing is known of the outcome: a look-up will tell. */
export class ShippoUnanswered extends Unanswered {
  /** @param isOver false when Shippo may be at work on it still */
  constructor(
    code: 'shippo.unanswered' | 'shippo.pending' | 'shippo.label-unreadable',
    isOver = true,
    waitMs?: number,
  ) {
    super(code, 'Shippo gave no answer one can rely on', isOver, { waitMs });
  }
}

const defaultWaitMs = 2_000;

/** Shippo's errors as ours: codes only, their messages repeat addresses. */
export function vendorErrorOf(error: unknown): unknown {
  const { SDKValidationError, ShippoError } = shippoErrors();
  if (error instanceof SDKValidationError) return new Refused('shippo.request-invalid', 'Shippo cannot be asked this');
  if (!(error instanceof ShippoError))
    return isOurs(error) ? error : new ShippoUnanswered('shippo.unanswered', neverSent(error));
  const { statusCode } = error;
  const waitMs = retryAfterMs(error.headers.get('retry-after'));
  if (statusCode === 429) return new Busy('shippo.429', waitMs ?? defaultWaitMs);
  if (statusCode >= 400 && !isPassing(statusCode)) {
    return new Refused(`shippo.${statusCode}`, 'Shippo refused the request');
  }
  return new ShippoUnanswered('shippo.unanswered', endsCall(statusCode), waitMs);
}

/** The body of an answer the SDK could not parse, though the request was carried out. */
export function unparsedBodyOf(error: unknown): unknown {
  if (!(error instanceof shippoErrors().ResponseValidationError)) return undefined;
  try {
    return JSON.parse(error.body) as unknown;
  } catch {
    return undefined;
  }
}

/** Errors with a code are thrown by this platform; the SDK's connection errors have none. */
function isOurs(error: unknown): boolean {
  const name = (error as { name?: unknown } | null)?.name;
  return error instanceof ShippoUnanswered || name === 'Unrecoverable' || name === 'TryLater';
}
