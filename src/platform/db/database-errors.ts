import { DomainError, fail } from '../errors/index.js';

interface CodedError {
  code?: unknown;
  errors?: unknown;
  message?: unknown;
  constraint?: unknown;
  driverError?: unknown;
}

function coded(error: unknown): CodedError {
  const outer = (error ?? {}) as CodedError;
  return outer.driverError ?? outer;
}

/** serialization_failure and deadlock_detected: the work itself was fine, only its moment was not. */
const transientCodes = new Set(['40001', '40P01']);

/** read_only_sql_transaction: a fail-over left us with a server that takes no writes any more. */
const readOnlyCode = '25006';

/**
 * What another moment, or another server, may do: connection failures (class 08 and the socket's own codes), shutdown (57P0x),
 * no room left (class 53), too slow (57014), too contended after all repeats, and a server that takes no writes.
 */
const unavailableCodes =
  /^(08...|25006|25P0[34]|40001|40P01|53...|57014|57P0[1-5]|ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const unavailableMessages =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool after|Driver not Connected/i;

export function isTransient(error: unknown): boolean {
  const { code } = coded(error);
  return typeof code === 'string' && transientCodes.has(code);
}

/** The server answers, and refuses every write: its connections are of no use, a new one may reach its successor. */
export function isReadOnly(error: unknown): error is Error {
  return error instanceof Error && coded(error instanceof DomainError ? error.cause : error).code === readOnlyCode;
}

/** As the server itself would say it. */
export function readOnlyError(): Error {
  return Object.assign(new Error('the database takes no writes'), { code: readOnlyCode });
}

function isUnavailable(error: unknown): boolean {
  const { code, errors, message } = coded(error);
  if (Array.isArray(errors) && errors.some(isUnavailable)) return true; // both addresses of localhost refused
  if (typeof code === 'string' && unavailableCodes.test(code)) return true;
  return typeof message === 'string' && unavailableMessages.test(message);
}

/** The violated unique constraint, when that is what went wrong. */
export function violatedUnique(error: unknown): string | undefined {
  const { code, constraint } = coded(error instanceof DomainError ? error.cause : error);
  return code === '23505' && typeof constraint === 'string' ? constraint : undefined;
}

/** A dead database becomes a 503 that says when to come back; everything else stays what it is. */
export function databaseProblem(error: unknown): unknown {
  if (error instanceof DomainError || !isUnavailable(error)) return error;
  return fail('service.unavailable', { retryAfterSeconds: 2, meta: { part: 'database' }, cause: error });
}
