import { cardCheckRule, currentReject, mostCardChecks, type RejectedClaim } from './card-check.policy.js';

const rejected = (rejectCodes: string[], change: Partial<RejectedClaim> = {}): RejectedClaim => ({
  payerOrder: 'primary',
  state: 'rejected',
  rejectCodes,
  conflict: false,
  ...change,
});

describe('asking the patient to check the card', () => {
  it.each(['01', '04', '06', '07', '08', '09', '10', '41', '62', '65', '600', 'M1', 'N1', 'coverage.missing'])(
    'follows a reject %s',
    (code) => {
      expect(cardCheckRule([rejected([code])])).toBe('ask');
    },
  );

  it.each(['25', '56', '71', '21', '54', '77', '75', '79', 'R8', 'patient.incomplete'])(
    'does not follow %s: that is for others',
    (code) => {
      expect(cardCheckRule([rejected([code])])).toBe('not-asked-for');
    },
  );

  it('comes before whatever else the payer found', () => {
    expect(cardCheckRule([rejected(['21', '25', '65'])])).toBe('ask');
  });

  it('ends after two identical answers, and begins anew with another one', () => {
    const same = Array.from({ length: mostCardChecks + 1 }, () => rejected(['07', '65']));
    expect(cardCheckRule(same.slice(0, mostCardChecks))).toBe('ask');
    expect(cardCheckRule(same)).toBe('exhausted');
    expect(cardCheckRule([...same, rejected(['65', '07'])])).toBe('exhausted');
    expect(cardCheckRule([...same, rejected(['06'])])).toBe('ask');
  });

  it('counts neither a payer that also said paid nor the coupon', () => {
    const odd = [rejected(['65'], { conflict: true }), rejected(['65'], { payerOrder: 'secondary' })];
    expect(cardCheckRule(odd)).toBe('not-asked-for');
    expect(cardCheckRule([...odd, ...odd, rejected(['65'])])).toBe('ask');
    expect(currentReject([rejected(['65']), rejected(['70'], { payerOrder: 'secondary' })])?.rejectCodes).toEqual([
      '65',
    ]);
  });

  it('is not needed while no claim stands rejected', () => {
    expect(cardCheckRule([])).toBe('not-asked-for');
    expect(cardCheckRule([rejected([], { state: 'paid' })])).toBe('not-asked-for');
  });
});
