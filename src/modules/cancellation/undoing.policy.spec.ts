import { undoneFrom } from './undoing.policy.js';

describe('undoing what was not delivered', () => {
  const since = new Date('2026-11-21T12:00:00Z');

  it.each([
    ['failed', 'carrier', '2026-11-28T12:00:00.000Z'],
    ['returned', 'carrier', '2026-11-22T12:00:00.000Z'],
    ['failed', 'pharmacy', '2026-11-21T12:00:00.000Z'],
    ['returned', 'pharmacy', '2026-11-21T12:00:00.000Z'],
    ['cancelled', 'carrier', '2026-11-21T12:00:00.000Z'],
    ['failed', undefined, '2026-11-21T12:00:00.000Z'],
  ] as const)('begins, when it %s and the %s says so, at %s', (state, saidBy, from) => {
    expect(undoneFrom({ state, since, saidBy }, since).toISOString()).toBe(from);
  });

  it('does not wait for a clock that is ahead of ours', () => {
    const now = new Date(since.getTime() - 3_600_000);
    expect(undoneFrom({ state: 'cancelled', since, saidBy: 'pharmacy' }, now)).toEqual(now);
  });

  it('leaves at least a week of the 14 days in which payers take a claim back', () => {
    for (const state of ['failed', 'returned'] as const) {
      const days = (undoneFrom({ state, since, saidBy: 'carrier' }, since).getTime() - since.getTime()) / 86_400_000;
      expect(days).toBeLessThanOrEqual(7);
    }
  });
});
