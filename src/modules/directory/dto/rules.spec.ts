import { validateSync } from 'class-validator';
import { IsBillableUnit, IsTimeZone } from './rules.js';

class Placed {
  @IsTimeZone()
  readonly timeZone: string;

  constructor(timeZone: string) {
    this.timeZone = timeZone;
  }
}

describe('a time zone', () => {
  it.each(['America/Chicago', 'America/Indiana/Indianapolis', 'US/Eastern', 'Pacific/Honolulu', 'UTC'])(
    'is a place: %s',
    (zone) => {
      expect(validateSync(new Placed(zone))).toEqual([]);
    },
  );

  // ICU knows all but the last; PostgreSQL knows the first two with other rules, the rest not at all.
  it.each(['PST', 'EST5EDT', 'AET', 'US/Pacific-New', 'SystemV/PST8PDT', 'America/Atlantis'])('is not %s', (zone) => {
    expect(validateSync(new Placed(zone))).toHaveLength(1);
  });
});

class Priced {
  @IsBillableUnit()
  readonly unit: string;

  constructor(unit: string) {
    this.unit = unit;
  }
}

describe('the unit of a price', () => {
  it.each(['C48542', 'C28254', 'C48155', 'C64933'])('is one payers count in: %s', (unit) => {
    expect(validateSync(new Priced(unit))).toEqual([]);
  });

  it.each(['C48551', 'C48540', 'C48477', 'C28253', 'C38046', 'c48542', 'tablet', ''])('is not "%s"', (unit) => {
    expect(validateSync(new Priced(unit))).toHaveLength(1);
  });
});
