import type { ClaimState, PayerOrder } from './claim.entity.js';
import { currentAttempt } from './attempt.policy.js';

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
