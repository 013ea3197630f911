import type { ClaimState, PayerOrder } from './claim.entity.js';
import { currentAttempt, planAnswered, planAsked } from './attempt.policy.js';

const claim = (attempt: number, payerOrder: PayerOrder, state: ClaimState) => ({ attempt, payerOrder, state });

describe('the current attempt', () => {
  it.each([
    ['is the first when there are no claims', [], 1],
    ['goes on while the payer has not answered', [claim(1, 'primary', 'submitted')], 1],
    ['goes on after an unclear answer, with the same number', [claim(1, 'primary', 'unknown')], 1],
    ['goes on when the plan has paid and the worker was interrupted', [claim(1, 'primary', 'paid')], 1],
    ['goes on while the coupon has not answered', [claim(1, 'primary', 'paid'), claim(1, 'secondary', 'submitted')], 1],
    ['is a new one after a reject', [claim(1, 'primary', 'rejected')], 2],
    ['is a new one after a reversal', [claim(1, 'primary', 'reversed')], 2],
    [
      'goes on when cash was taken and the plan reversed',
      [claim(2, 'primary', 'reversed'), claim(2, 'cash', 'paid')],
      2,
    ],
    ['counts from the latest', [claim(1, 'primary', 'rejected'), claim(2, 'primary', 'rejected')], 3],
  ] as const)('%s', (_, claims, number) => {
    expect(currentAttempt(claims).number).toBe(number);
  });

  it('hands over the claims it has, and none of earlier attempts', () => {
    const latest = claim(2, 'primary', 'submitted');
    expect(currentAttempt([claim(1, 'primary', 'rejected'), latest]).claims).toEqual({ primary: latest });
  });
});

describe('the plan', () => {
  const sent = (attempt: number, bin: string | null, payerOrder: PayerOrder = 'primary') => ({
    attempt,
    payerOrder,
    bin,
  });
  const moved = [sent(1, 'A'), sent(1, 'coupon', 'secondary'), sent(2, null), sent(3, 'B'), sent(3, null, 'cash')];

  it('that is asked is that of the newest claim that was sent', () => {
    expect([planAsked([]), planAsked(moved.slice(0, 3)), planAsked(moved)]).toEqual([undefined, 'A', 'B']);
  });

  it.each([
    ['the one asked before it', 2, 'A'],
    ['the last one that was, when a claim could not be made', 3, 'A'],
    ['the newer one, once it was asked', 4, 'B'],
    ['the first it went to, when none had been asked', 1, 'A'],
  ])('a correction answers is %s', (_, attempt, plan) => {
    expect(planAnswered(moved, attempt)).toBe(plan);
  });

  it('is unknown to a correction while none was asked', () => {
    expect(planAnswered([sent(1, null)], 2)).toBeUndefined();
  });
});
