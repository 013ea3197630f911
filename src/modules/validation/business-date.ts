import { DateTime } from 'luxon';

/** The calendar day (YYYY-MM-DD) of an instant in an IANA zone. @throws Error when the zone is unknown */
export function businessDateOf(instant: Date, timeZone: string): string {
  const day = DateTime.fromJSDate(instant, { zone: timeZone });
  if (!day.isValid) throw new Error(`unknown time zone ${timeZone}`);
  return day.toFormat('yyyy-MM-dd');
}
