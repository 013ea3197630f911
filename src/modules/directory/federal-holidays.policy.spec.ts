import { DateTime } from 'luxon';
import { isFederalHoliday } from './federal-holidays.policy.js';

/** As the Office of Personnel Management lists them, with the weekday one of a weekend is kept on. */
const listed: Readonly<Record<number, readonly string[]>> = {
  2026: ['01-01', '01-19', '02-16', '05-25', '06-19', '07-03', '07-04', '09-07', '10-12', '11-11', '11-26', '12-25'],
  2027: [
    ...['01-01', '01-18', '02-15', '05-31', '06-18', '06-19', '07-04', '07-05', '09-06', '10-11', '11-11', '11-25'],
    ...['12-24', '12-25', '12-31'],
  ],
  2028: ['01-01', '01-17', '02-21', '05-29', '06-19', '07-04', '09-04', '10-09', '11-10', '11-11', '11-23', '12-25'],
  2030: ['01-01', '01-21', '02-18', '05-27', '06-19', '07-04', '09-02', '10-14', '11-11', '11-28', '12-25'],
};

describe('federal holidays', () => {
  it.each(Object.entries(listed))('of %s are those that are listed', (year, dates) => {
    const first = DateTime.utc(Number(year), 1, 1);
    const days = Array.from({ length: first.daysInYear }, (_, count) => first.plus({ days: count }));
    expect(days.filter(isFederalHoliday).map((day) => day.toFormat('MM-dd'))).toEqual(dates);
  });
});
