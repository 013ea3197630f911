/** A 4xx that a later try may fare better with: time-out, conflict, too early, too many. */
const passing: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** Whether an answer of this status says nothing for good. */
export const isPassing = (status: number): boolean => status >= 500 || passing.has(status);

/** Nobody is believed who wants to be left alone for longer. */
const longestMs = 10 * 60_000;

/**
 * How long a vendor wants to be left alone, by its `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
 * @returns undefined when it does not say, or names a moment that is over
 */
export function retryAfterMs(header: string | null | undefined, now = new Date()): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now.getTime() : seconds * 1_000;
  return ms > 0 ? Math.min(ms, longestMs) : undefined;
}
