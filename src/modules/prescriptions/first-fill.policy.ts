import { DateTime } from 'luxon';

/** A fill of that day begins when the pharmacy opens: before, nobody there would see it. */
const openingHour = 8;

/**
 * What a prescriber dated ahead is not filled before that day, which begins in the pharmacy's zone: 21 CFR 1306.12(b)(1)(ii) for
 * the prescriptions of a schedule II series, and the prescriber's word for any other.
 * @param earliestFillDate YYYY-MM-DD
 * @returns when the fill may begin; undefined when it may now
 */
export function firstFillAt(earliestFillDate: string | null, zone: string, now: Date): Date | undefined {
  if (earliestFillDate === null) return undefined;
  const day = DateTime.fromISO(earliestFillDate, { zone });
  if (!day.isValid || day.toMillis() <= now.getTime()) return undefined;
  return day.set({ hour: openingHour }).toJSDate();
}
