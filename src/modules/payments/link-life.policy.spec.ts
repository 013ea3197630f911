import { canBeMade, linkEnd } from './link-life.policy.js';

describe('the life of a payment page', () => {
  const now = new Date('2026-06-01T12:00:00.900Z');

  it.each([
    ['as long as the provider lets it', undefined, '2026-06-02T11:55:00.000Z'],
    ['no longer than the order may be filled', '2026-06-02T04:00:00.000Z', '2026-06-02T04:00:00.000Z'],
    ['not longer for an order with much time', '2026-09-01T04:00:00.000Z', '2026-06-02T11:55:00.000Z'],
    [
      'as short as the provider lets it at the end of the last day',
      '2026-06-01T12:10:00.000Z',
      '2026-06-01T12:36:00.000Z',
    ],
    ['as short when that day is over', '2026-05-31T04:00:00.000Z', '2026-06-01T12:36:00.000Z'],
  ])('is %s', (_, lastFillEnd, end) => {
    const made = linkEnd(now, lastFillEnd === undefined ? undefined : new Date(lastFillEnd));
    expect(made.toISOString()).toBe(end);
    expect(canBeMade(made, now)).toBe(true);
  });

  it('is too short when half an hour is not left of it', () => {
    expect(canBeMade(new Date('2026-06-01T12:31:00.000Z'), now)).toBe(false);
  });
});
