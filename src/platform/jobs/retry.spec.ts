import { askedWaitMs, backoffMs, spreadMs, retryPolicies, type RetryPolicy } from './retry.js';

const hour = 3_600_000;

describe('the patience of a job', () => {
  const inAll = (policy: RetryPolicy, random: number) =>
    Array.from({ length: policy.attempts - 1 }, (_, at) => backoffMs(policy, at + 1, 1, () => random)).reduce(
      (sum, wait) => sum + wait,
      0,
    );

  it('outlasts a mail server that is away for days when it sends a letter, and asks it every hour', () => {
    expect(inAll(retryPolicies.letter, 0.5)).toBeGreaterThan(72 * hour);
    expect(backoffMs(retryPolicies.letter, retryPolicies.letter.attempts - 1, 1, () => 1)).toBe(hour);
  });

  it('outlasts a vendor that is away for an evening', () => {
    expect(inAll(retryPolicies.vendor, 0)).toBeGreaterThan(4 * hour);
    expect(inAll(retryPolicies.vendor, 1)).toBeLessThan(9 * hour);
  });
});

describe('a wait that was asked for', () => {
  it('ends somewhat later for each, never sooner', () => {
    expect([0, 0.5, 1].map((random) => spreadMs(2_000, () => random))).toEqual([2_000, 2_500, 3_000]);
    expect(spreadMs(3_600_000, () => 1)).toBe(3_630_000);
    expect(spreadMs(0)).toBe(0);
  });

  it('is read from a failure that names one', () => {
    expect(askedWaitMs({ waitMs: 60_000 })).toBeGreaterThanOrEqual(60_000);
    expect([new Error('x'), null, undefined, { waitMs: undefined }].map(askedWaitMs)).toEqual([0, 0, 0, 0]);
  });
});
