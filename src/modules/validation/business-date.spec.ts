import { businessDateOf } from './business-date.js';

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
