import { sayerOf, undoneFrom, type LastWord } from './undoing.policy.js';

describe('undoing what was not delivered', () => {
  const since = new Date('2026-11-21T12:00:00Z');

  it.each([
    ['failed', 'carrier', '2026-11-28T12:00:00.000Z', '2026-12-04T12:00:00.000Z'],
    ['returned', 'carrier', '2026-11-22T12:00:00.000Z', '2026-12-04T12:00:00.000Z'],
    ['failed', 'pharmacy', '2026-11-21T12:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['returned', 'pharmacy', '2026-11-21T12:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['cancelled', 'carrier', '2026-11-21T12:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['failed', undefined, '2026-11-21T12:00:00.000Z', '2026-11-21T12:00:00.000Z'],
  ] as const)(
    'begins, when it %s and the %s says so, at %s, and while another parcel is on its way at %s',
    (state, saidBy, from, later) => {
      const at = (mayArrive: boolean) => undoneFrom({ state, since, saidBy, mayArrive }, since).toISOString();
      expect([at(false), at(true)]).toEqual([from, later]);
    },
  );

  it('does not wait for a clock that is ahead of ours', () => {
    const now = new Date(since.getTime() - 3_600_000);
    expect(undoneFrom({ state: 'cancelled', since, saidBy: 'pharmacy', mayArrive: false }, now)).toEqual(now);
  });

  it.each([
    [false, 7],
    [true, 1],
  ])(
    'leaves of the 14 days in which payers take a claim back, something being on its way: %s, %i',
    (mayArrive, left) => {
      for (const state of ['failed', 'returned'] as const) {
        const from = undoneFrom({ state, since, saidBy: 'carrier', mayArrive }, since);
        expect((from.getTime() - since.getTime()) / 86_400_000).toBeLessThanOrEqual(14 - left);
      }
    },
  );

  it.each<[string | undefined, string]>([
    ['carrier', 'failed carrier'],
    ['pharmacy', 'failed carrier, failed pharmacy'],
    ['pharmacy', 'failed pharmacy, failed carrier'],
    ['user', 'delivered carrier, failed carrier, failed user'],
    ['carrier', 'failed pharmacy, delivered carrier, failed carrier'],
    ['carrier', 'failed pharmacy, returned pharmacy, failed carrier'],
    [undefined, ''],
  ])('is %s’s to begin after: %s', (sayer, said) => {
    const words = said.split(', ').flatMap((word): LastWord[] => {
      const [outcome, saidBy] = word.split(' ') as [LastWord['outcome'], LastWord['saidBy'] | undefined];
      return saidBy === undefined ? [] : [{ outcome, saidBy }];
    });
    expect(sayerOf('failed', words)).toBe(sayer);
  });
});
