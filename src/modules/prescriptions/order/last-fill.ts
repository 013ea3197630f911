import { addTo, isCalendarDate } from './calendar.js';
import { scheduleNamed, type DeaSchedule } from './schedules.js';

/** What of an order limits it, YYYY-MM-DD. */
interface DatedOrder {
  writtenDate?: string;
  medication: { latestFillDate?: string };
}

/** For schedule II a setting says it: no federal limit, states set 30 to 90 days and more. */
type Lifetime = (schedule2MaxAgeDays: number) => { days?: number; months?: number; years?: number };

/** How long after the date written an order may be filled; schedule V is treated like III and IV (21 CFR 1306.22(a)). */
const lifetimes: Readonly<Record<DeaSchedule | 'none', Lifetime>> = {
  II: (days) => ({ days }),
  III: () => ({ months: 6 }),
  IV: () => ({ months: 6 }),
  V: () => ({ months: 6 }),
  // Most states let a prescription live for one year.
  none: () => ({ years: 1 }),
};

/** The last day on which the law lets an order written that day be filled. @param written YYYY-MM-DD */
export function lawfulLastFill(
  written: string,
  schedule: DeaSchedule | undefined,
  schedule2MaxAgeDays: number,
): string {
  return addTo(written, lifetimes[schedule ?? 'none'](schedule2MaxAgeDays));
}

/**
 * The last day of a fill, YYYY-MM-DD: the prescriber may limit it more than the law does. Undefined where nothing says.
 * @param schedule of the prescription, as validated
 */
export function lastFillOf(
  { writtenDate, medication }: DatedOrder,
  schedule: string | null,
  schedule2MaxAgeDays: number,
): string | undefined {
  const named = schedule === null ? undefined : scheduleNamed(schedule);
  const controlled = named === 'I' || named === 'none' ? undefined : named;
  const limits = [
    ...(isDate(writtenDate) ? [lawfulLastFill(writtenDate, controlled, schedule2MaxAgeDays)] : []),
    ...(isDate(medication.latestFillDate) ? [medication.latestFillDate] : []),
  ];
  return limits.toSorted()[0];
}

function isDate(date: string | undefined): date is string {
  return date !== undefined && isCalendarDate(date);
}
