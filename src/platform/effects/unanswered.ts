/**
 * Nothing is known of the outcome: the same key, or a look-up, will tell. `isOver` says that the provider is not at work on it
 * any more: it answered, if only that it cannot, or was never reached.
 */
export class Unanswered extends Error {
  /** How long it wants to be left alone, where it said so. */
  readonly waitMs: number | undefined;

  constructor(
    readonly code: string,
    message: string,
    readonly isOver: boolean,
    { waitMs, ...options }: ErrorOptions & { waitMs?: number | undefined } = {},
  ) {
    super(message, options);
    this.waitMs = waitMs;
    this.name = new.target.name;
  }
}

/** Of a gateway on the way (504, Cloudflare's 524) whose patience ended before the provider's work did. */
const waitedTooLong: ReadonlySet<number> = new Set([504, 524]);

/** Whether an answer of this status came from who was asked. */
export const endsCall = (status: number): boolean => !waitedTooLong.has(status);

interface NodeProblem {
  code?: unknown;
  /** What nodemailer calls the code where it puts its own in the place. */
  originalCode?: unknown;
  syscall?: unknown;
  cause?: unknown;
  /** Of a name with several addresses, each of which was tried. */
  errors?: unknown;
  /** What Stripe's SDK calls the cause. */
  detail?: unknown;
}

/** Looking the name up, or connecting: no byte of the request has left. */
const beforeSending: ReadonlySet<unknown> = new Set(['getaddrinfo', 'connect']);
/** The same, where the runtime names no call: the connection did not come in time, or its certificate was not taken. */
const notConnected: ReadonlySet<unknown> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Whether a call failed before it was sent. A connection that was cut later may have carried all of it. */
export function neverSent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, originalCode, syscall, cause, errors, detail } = error as NodeProblem;
  if (notConnected.has(code) || notConnected.has(originalCode) || beforeSending.has(syscall)) return true;
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverSent);
  return neverSent(cause) || neverSent(detail);
}
