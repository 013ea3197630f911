import { businessDateOf, latestDateOf } from './business-date.js';

describe('the business date', () => {
  it.each([
    ['2026-11-21T02:00:00Z', 'America/New_York', '2026-11-20'],
    ['2026-11-21T05:00:00Z', 'America/New_York', '2026-11-21'],
    ['2026-11-21T05:00:00Z', 'Pacific/Honolulu', '2026-11-20'],
    // An hour before and after the clocks change.
    ['2026-03-08T06:59:00Z', 'America/New_York', '2026-03-08'],
    ['2026-11-01T05:30:00Z', 'America/New_York', '2026-11-01'],
  ])('of %s in %s is %s', (instant, zone, day) => {
    expect(businessDateOf(new Date(instant), zone)).toBe(day);
  });

  it('is never guessed for a zone that does not exist', () => {
    expect(() => businessDateOf(new Date(), 'Mars/Olympus')).toThrow('unknown time zone');
  });
});

describe('the latest date of a sender', () => {
  it.each([
    ['an evening in New York, past midnight in UTC', '2026-11-22T01:30:00Z', 'America/New_York', '2026-11-22'],
    ['a day begun on Guam', '2026-11-21T14:00:00Z', 'America/New_York', '2026-11-22'],
    ['a day begun nowhere', '2026-11-21T13:59:59Z', 'America/New_York', '2026-11-21'],
    ['a zone before Guam', '2026-11-21T12:00:00Z', 'Pacific/Auckland', '2026-11-22'],
  ])('is, on %s, the day there', (_, instant, zone, day) => {
    expect(latestDateOf(new Date(instant), zone)).toBe(day);
  });
});
