import { backoffMs, retryPolicies, type RetryPolicy } from './retry.js';

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
