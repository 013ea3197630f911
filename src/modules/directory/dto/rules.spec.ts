import { validateSync } from 'class-validator';
import { IsTimeZone } from './rules.js';

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
