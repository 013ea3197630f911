const minuteMs = 60_000;
/** Five minutes less than the provider's longest (24 h), because its clock is not ours. */
const longestMs = (24 * 60 - 5) * minuteMs;
/** The provider wants a page to live 30 minutes at least when it is made. */
const shortestMs = 31 * minuteMs;
/** What making it may take before another attempt is due. */
const makingMs = 5 * minuteMs;

/**
 * When a payment page made now is over: with the last day of a fill, or as late as the provider lets it live; in the last
 * half an hour of that day as early as the provider lets it end. In whole seconds, which is what the provider keeps.
 */
export function linkEnd(now: Date, lastFillEnd?: Date): Date {
  const from = now.getTime();
  const wanted = Math.min(from + longestMs, lastFillEnd?.getTime() ?? Infinity);
  return new Date(Math.floor(Math.max(wanted, from + shortestMs + makingMs) / 1000) * 1000);
}

/** Whether the provider would still make a page with this end. */
export function canBeMade(expiresAt: Date, now: Date): boolean {
  return expiresAt.getTime() - now.getTime() >= shortestMs;
}
