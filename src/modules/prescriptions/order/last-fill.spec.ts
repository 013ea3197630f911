import { lastFillOf, lawfulLastFill } from './last-fill.js';

describe('the last day of a fill', () => {
  it.each([
    ['II', undefined, '2026-08-30'],
    ['III', undefined, '2026-12-01'],
    ['IV', undefined, '2026-12-01'],
    ['V', undefined, '2026-12-01'],
    [null, undefined, '2027-06-01'],
    ['IV', '2026-07-01', '2026-07-01'],
    ['IV', '2027-07-01', '2026-12-01'],
    [null, 'soon', '2027-06-01'],
  ])('of schedule %s, limited to %s, is %s', (schedule, latestFillDate, last) => {
    const medication = latestFillDate === undefined ? {} : { latestFillDate };
    expect(lastFillOf({ writtenDate: '2026-06-01', medication }, schedule, 90)).toBe(last);
  });

  it('is the prescriber’s word alone without a date written, and unknown without either', () => {
    expect(lastFillOf({ medication: { latestFillDate: '2026-07-01' } }, 'II', 90)).toBe('2026-07-01');
    expect(lastFillOf({ writtenDate: '2026-02-30', medication: {} }, 'II', 90)).toBeUndefined();
  });

  it('goes by the days that are set for schedule II', () => {
    expect(lawfulLastFill('2026-06-01', 'II', 30)).toBe('2026-07-01');
    expect(lastFillOf({ writtenDate: '2026-06-01', medication: {} }, 'II', 30)).toBe('2026-07-01');
  });
});
