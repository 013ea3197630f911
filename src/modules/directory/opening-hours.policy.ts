import { DateTime } from 'luxon';
import { isFederalHoliday } from './federal-holidays.policy.js';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** From and to, `HH:MM` of the pharmacy's own clock. A day that is absent is closed. */
export type OpeningHours = Readonly<Partial<Record<Weekday, readonly [string, string]>>>;

export interface Calendar {
  timeZone: string;
  openingHours: OpeningHours;
  /** Business dates, YYYY-MM-DD, on which it is closed all the same, besides the federal holidays. */
  closedOn: readonly string[];
}

/** A pharmacy that never opens keeps nobody waiting for a breach for ever: after so many days the time is counted anyway. */
const mostDays = 60;

/**
 * The moment at which so many minutes of opening hours have passed since `from`. Days are those of the pharmacy's zone, so
 * that a day on which clocks change counts the hours it is really open.
 */
export function afterOpenMinutes(from: Date, minutes: number, calendar: Calendar): Date {
  let day = DateTime.fromJSDate(from, { zone: calendar.timeZone }).startOf('day');
  let left = minutes * 60_000;
  for (let count = 0; count < mostDays; count += 1) {
    const span = openOn(day, calendar);
    if (span !== undefined) {
      const start = Math.max(span.opens, from.getTime());
      const open = Math.max(0, span.closes - start);
      if (open >= left && open > 0) return new Date(start + left);
      left -= open;
    }
    day = day.plus({ days: 1 }).startOf('day');
  }
  return day.toJSDate();
}

function openOn(day: DateTime, { openingHours, closedOn }: Calendar): { opens: number; closes: number } | undefined {
  const hours = openingHours[weekdays[day.weekday - 1] ?? 'mon'];
  if (hours === undefined || isFederalHoliday(day) || closedOn.includes(day.toFormat('yyyy-MM-dd'))) return undefined;
  const [opens, closes] = hours.map((time) => atClock(day, time));
  return opens === undefined || closes === undefined || closes <= opens ? undefined : { opens, closes };
}

function atClock(day: DateTime, time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return day.set({ hour, minute }).toMillis();
}
