import { DateTime } from 'luxon';

const LAST_DAY = '9999-12-31';

/** Business dates are days without a clock, so arithmetic runs in UTC where no day is short. */
function dayOf(date: string): DateTime {
  return DateTime.fromISO(date, { zone: 'utc' });
}

/** A real day written YYYY-MM-DD ("2026-02-30" is none; PostgreSQL knows no year 0). */
export function isCalendarDate(date: string): boolean {
  return /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(date) && dayOf(date).isValid;
}

/** A day later; a span beyond the calendar ends with the calendar. */
export function addTo(date: string, span: { days?: number; months?: number; years?: number }): string {
  const later = dayOf(date).plus(span);
  return later.isValid && later.year <= 9999 ? later.toFormat('yyyy-MM-dd') : LAST_DAY;
}

/** Completed years of life. */
export function ageOn(birthDate: string, date: string): number {
  return Math.floor(dayOf(date).diff(dayOf(birthDate), 'years').years);
}
