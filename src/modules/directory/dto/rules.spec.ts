import { validateSync } from 'class-validator';
import { IsBillableUnit, IsNetworkTiers, IsOpeningHours, IsTimeZone } from './rules.js';

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

class Listed {
  @IsNetworkTiers()
  readonly networks: unknown;

  @IsOpeningHours()
  readonly openingHours: unknown;

  constructor(networks: unknown, openingHours: unknown) {
    this.networks = networks;
    this.openingHours = openingHours;
  }
}

describe('networks and opening hours', () => {
  it.each([
    [{}, {}],
    [{ '990011': 1 }, { mon: ['09:00', '18:00'] }],
  ])('are %j and %j', (networks, openingHours) => {
    expect(validateSync(new Listed(networks, openingHours))).toEqual([]);
  });

  it.each([[[]], [[{}]], [null], ['x'], [{ x: 1 }]])('are not %j', (value) => {
    expect(validateSync(new Listed(value, value))).toHaveLength(2);
  });
});
