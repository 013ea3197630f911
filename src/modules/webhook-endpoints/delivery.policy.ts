const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;
const days = 24 * hours;

/** Waits after the first try, the second and so on (Standard Webhooks' recommendation); after the last one it has failed. */
export const retryWaitsMs = [5 * seconds, 5 * minutes, 30 * minutes, 2 * hours, 5 * hours, 10 * hours, 10 * hours];

/** Without one success for as long, an endpoint is given up: nobody seems to be there. */
export const failingMs = 5 * days;

/** So long a former secret signs beside the new one. */
export const rotationMs = 24 * hours;

/**
 * Ended deliveries are kept so long, to be looked at and sent again; so are held ones: whoever has not enabled an endpoint
 * by then reads what happened by the API, and an endpoint nobody comes back to does not fill the table.
 */
export const keptMs = 30 * days;

/** A try that is due as long and has no job was lost with it. */
export const overdueMs = hours;

export interface Answer {
  statusCode: number;
}

/** Nothing was answered; a code of ours that says why. */
export interface Unanswered {
  failureCode: FailureCode;
}

export type FailureCode =
  | 'address-refused'
  | 'connection-refused'
  | 'connection-lost'
  | 'name-unknown'
  | 'not-http'
  | 'timeout'
  | 'tls'
  | 'unreachable';

const codes: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  EAI_FAIL: 'name-unknown',
  EAI_NODATA: 'name-unknown',
  ENODATA: 'name-unknown',
  ETIMEDOUT: 'timeout',
};

/** A code of Node's as one of ours. */
export function failureCodeOf(code: string): FailureCode {
  if (code.startsWith('HPE_')) return 'not-http';
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) return 'tls';
  return codes[code] ?? 'unreachable';
}

export interface Verdict {
  outcome: 'delivered' | 'failed';
  failureCode: string | null;
  /** The receiver is gone for good (410), so the endpoint is too. */
  isGone: boolean;
}

/** Every 2xx is a success, everything else is not; a redirect is not followed, the address itself has to be right. */
export function verdictOf(answer: Answer | Unanswered): Verdict {
  if ('failureCode' in answer) return { outcome: 'failed', failureCode: answer.failureCode, isGone: false };
  const { statusCode } = answer;
  if (statusCode >= 200 && statusCode < 300) return { outcome: 'delivered', failureCode: null, isGone: false };
  if (statusCode === 410) return { outcome: 'failed', failureCode: 'gone', isGone: true };
  const isRedirect = statusCode >= 300 && statusCode < 400;
  return { outcome: 'failed', failureCode: isRedirect ? 'redirected' : 'refused', isGone: false };
}

/** @param tries of this round, the one that just failed among them. @returns undefined when there is none left */
export function waitAfter(tries: number, scale: number): number | undefined {
  const wait = retryWaitsMs[tries - 1];
  return wait === undefined ? undefined : Math.round(wait * scale);
}

export function isGivenUp(failingSince: Date, now: Date): boolean {
  return now.getTime() - failingSince.getTime() >= failingMs;
}
