import type { DateTime } from 'luxon';

/** Month and day. */
const fixed: readonly (readonly [number, number])[] = [
  [1, 1],
  [6, 19],
  [7, 4],
  [11, 11],
  [12, 25],
];

/** Month, weekday (1: Monday), and which of the month. */
const floating: readonly (readonly [number, number, number | 'last'])[] = [
  [1, 1, 3],
  [2, 1, 3],
  [5, 1, 'last'],
  [9, 1, 1],
  [10, 1, 2],
  [11, 4, 4],
];

/**
 * Whether a day is a legal public holiday of the United States, or the weekday on which one that falls on a weekend is kept:
 * 5 U.S.C. 6103 (a) and (b), Executive Order 11582.
 */
export function isFederalHoliday(day: DateTime): boolean {
  const keptFor = day.weekday === 5 ? day.plus({ days: 1 }) : day.weekday === 1 ? day.minus({ days: 1 }) : day;
  return [day, keptFor].some(isFixed) || isFloating(day);
}

function isFixed(date: DateTime): boolean {
  return fixed.some(([month, day]) => date.month === month && date.day === day);
}

function isFloating(date: DateTime): boolean {
  const isLast = date.plus({ weeks: 1 }).month !== date.month;
  return floating.some(
    ([month, weekday, which]) =>
      date.month === month &&
      date.weekday === weekday &&
      (which === 'last' ? isLast : Math.ceil(date.day / 7) === which),
  );
}
