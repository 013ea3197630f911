import { afterOpenMinutes, type Calendar } from './opening-hours.policy.js';

const weekday = ['09:00', '18:00'] as const;
const chicago: Calendar = {
  timeZone: 'America/Chicago',
  openingHours: { mon: weekday, tue: weekday, wed: weekday, thu: weekday, fri: weekday },
  closedOn: ['2026-12-02'],
};
const after = (from: string, hours: number, calendar = chicago) =>
  afterOpenMinutes(new Date(from), hours * 60, calendar).toISOString();

describe('opening hours', () => {
  it('count within a day, from the opening on', () => {
    expect(after('2026-11-23T16:00:00Z', 2)).toBe('2026-11-23T18:00:00.000Z');
    expect(after('2026-11-23T06:00:00Z', 2)).toBe('2026-11-23T17:00:00.000Z');
  });

  it('go on the next day that is open, over nights, weekends, holidays and days of its own', () => {
    expect(after('2026-11-23T23:00:00Z', 2)).toBe('2026-11-24T16:00:00.000Z');
    expect(after('2026-11-27T23:00:00Z', 2)).toBe('2026-11-30T16:00:00.000Z');
    expect(after('2026-11-25T23:00:00Z', 2)).toBe('2026-11-27T16:00:00.000Z');
    expect(after('2026-12-01T23:00:00Z', 2)).toBe('2026-12-03T16:00:00.000Z');
  });

  it('end with the day when it is just enough', () => {
    expect(after('2026-11-23T15:00:00Z', 9)).toBe('2026-11-24T00:00:00.000Z');
  });

  it('are those of the clock on the wall when clocks change', () => {
    const sunday: Calendar = { timeZone: 'America/New_York', openingHours: { sun: ['00:00', '06:00'] }, closedOn: [] };
    // 2026-11-01: two o'clock comes twice, so six hours on the wall are seven.
    expect(after('2026-11-01T04:00:00Z', 7, sunday)).toBe('2026-11-01T11:00:00.000Z');
    // 2026-03-08: two o'clock never comes.
    expect(after('2026-03-08T05:00:00Z', 5, sunday)).toBe('2026-03-08T10:00:00.000Z');
  });

  it('of a pharmacy that never opens end all the same', () => {
    const never = { ...chicago, openingHours: {} };
    expect(after('2026-11-23T16:00:00Z', 1, never)).toBe('2027-01-22T06:00:00.000Z');
  });
});
