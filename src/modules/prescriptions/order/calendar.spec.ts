import { isCalendarDate } from './calendar.js';

describe('isCalendarDate', () => {
  it.each([
    ['2028-02-29', true],
    ['0001-01-01', true],
    ['2026-02-30', false],
    ['0000-06-01', false],
    ['2026-6-1', false],
  ])('of %s is %s', (date, expected) => {
    expect(isCalendarDate(date)).toBe(expected);
  });
});
