import { DateTime } from 'luxon';

/** Where a sender's day begins first. UTC's, by which many systems date, is never ahead of it. */
const firstZone = 'Pacific/Guam';

/** The calendar day (YYYY-MM-DD) of an instant in an IANA zone. @throws Error when the zone is unknown */
export function businessDateOf(instant: Date, timeZone: string): string {
  const day = DateTime.fromJSDate(instant, { zone: timeZone });
  if (!day.isValid) throw new Error(`unknown time zone ${timeZone}`);
  return day.toFormat('yyyy-MM-dd');
}

/** The latest day it may be for a sender: in the organization's zone, in UTC, or on Guam. */
export function latestDateOf(instant: Date, timeZone: string): string {
  const [own, first] = [businessDateOf(instant, timeZone), businessDateOf(instant, firstZone)];
  return own > first ? own : first;
}
