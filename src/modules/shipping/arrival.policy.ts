import { DateTime } from 'luxon';

/** The day it is somewhere. @returns YYYY-MM-DD */
export function dayOf(at: Date, zone: string): string {
  return DateTime.fromJSDate(at, { zone }).toFormat('yyyy-MM-dd');
}

/**
 * Whether the parcel is with the driver now. The order's state does not tell: progress never goes back, so it stays out for
 * delivery after an attempt that failed, and it may have been learnt a day late.
 * @param lastOf when each action happened last
 */
export function comesToday(lastOf: ReadonlyMap<string, Date>, now: Date, zone: string): boolean {
  const out = lastOf.get('scan_out_for_delivery');
  const scanned = lastOf.get('scan');
  if (out === undefined || (scanned !== undefined && scanned > out)) return false;
  return dayOf(out, zone) === dayOf(now, zone);
}
