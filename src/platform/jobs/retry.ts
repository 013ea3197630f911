import { DomainError } from '../errors/index.js';

/** How often and how fast a failed job is tried again. The waiting lives in PostgreSQL (`due_at`), not in the queue. */
export interface RetryPolicy {
  attempts: number;
  /** Wait before the second attempt; doubles each time. */
  baseMs: number;
  mostMs: number;
}

export const retryPolicies = {
  /** Work on our own tables fails for a moment or for good. */
  step: { attempts: 8, baseMs: 1_000, mostMs: 60_000 },
  /** A vendor may be away for an evening: about six hours in all. */
  vendor: { attempts: 16, baseMs: 2_000, mostMs: 2 * 3_600_000 },
  /** What is still true days later: about three days in all, hourly at the end. What is stale by then its sender ends. */
  letter: { attempts: 108, baseMs: 2_000, mostMs: 3_600_000 },
  /** A question the next round asks again anyway: about an hour in all. */
  poll: { attempts: 12, baseMs: 2_000, mostMs: 3_600_000 },
} as const satisfies Record<string, RetryPolicy>;

/** A failure no repetition can mend: wrong data, a refusal. Goes to the dead letters at once, with its code. */
export class Unrecoverable extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Unrecoverable';
  }
}

/** Try again, not before the given time and without counting as a failure: a neighbour said when, or a lease is held. */
export class TryLater extends Error {
  constructor(
    readonly code: string,
    readonly afterMs: number,
    options?: ErrorOptions,
  ) {
    super(`${code}: again in ${afterMs} ms`, options);
    this.name = 'TryLater';
  }
}

/** Who has too much to do said so, to all who asked in the same moment: the wait is spread. */
export class Busy extends TryLater {}

/** Full jitter on the upper half, so that a thousand failures of one second do not come back in one second. */
export function backoffMs(policy: RetryPolicy, attempt: number, scale: number, random = Math.random): number {
  const ceiling = Math.min(policy.mostMs, policy.baseMs * 2 ** Math.max(0, attempt - 1)) * scale;
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}

const mostJitterMs = 30_000;

/** Half as long again at most: those who were sent away together do not come back together, nor too early. */
export function spreadMs(afterMs: number, random = Math.random): number {
  return Math.round(afterMs + Math.min(afterMs / 2, mostJitterMs) * random());
}

/** What who failed said of when to come again; 0 when nothing. */
export function askedWaitMs(error: unknown): number {
  const waitMs = (error as { waitMs?: unknown } | null | undefined)?.waitMs;
  return typeof waitMs === 'number' ? spreadMs(waitMs) : 0;
}

const neverMends = new Set([400, 401, 403, 404, 405, 410, 413, 415, 422]);

/** 4xx will not get better by repetition; 408, 409, 425, 429, 5xx and network errors may. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof Unrecoverable) return true;
  if (error instanceof DomainError) return neverMends.has(error.spec.status);
  return false;
}

/** What made a part unavailable: a slow statement and a server that is gone want different remedies. For logs. */
export function causeOf(error: unknown): string | undefined {
  return error instanceof DomainError && error.cause !== undefined ? codeOf(error.cause) : undefined;
}

/** A code for logs, dead letters and metrics: never a message, which could hold data. */
export function codeOf(error: unknown): string {
  if (error instanceof DomainError || error instanceof Unrecoverable || error instanceof TryLater) return error.code;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && /^[\w.-]{1,60}$/.test(code)) return code;
  return error instanceof Error ? error.name : 'unknown';
}
