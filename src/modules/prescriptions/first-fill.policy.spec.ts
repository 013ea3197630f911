import { firstFillAt } from './first-fill.policy.js';

const now = new Date('2026-03-08T04:30:00Z');

describe('the first day of a fill', () => {
  it.each([
    [null, undefined],
    ['2026-03-06', undefined],
    // 23:30 on the 7th in New York: that day has come, the 8th has not.
    ['2026-03-07', undefined],
    ['2026-03-08', '2026-03-08T12:00:00.000Z'],
    ['2026-04-01', '2026-04-01T12:00:00.000Z'],
    ['no date', undefined],
  ])('%s begins %s', (date, begins) => {
    expect(firstFillAt(date, 'America/New_York', now)?.toISOString()).toBe(begins);
  });

  it('is the day of the pharmacy', () => {
    expect(firstFillAt('2026-03-08', 'Europe/London', now)).toBeUndefined();
  });
});
