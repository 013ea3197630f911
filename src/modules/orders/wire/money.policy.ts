/** What an `integer` column holds; no order of medicine comes near. */
const mostCents = 2_147_483_647n;

/**
 * A decimal amount as whole hundredths, half away from zero, by its digits: 1.005 × 100 is 100.49999999999999 in floating
 * point. @returns undefined when it is no amount
 */
export function hundredthsOf(amount: string | number): number | undefined {
  const [, sign = '', whole = '', fraction = ''] =
    /^\s*(-?)\$?(\d{1,12})(?:\.(\d{0,30}))?\s*$/.exec(String(amount)) ?? [];
  if (whole === '') return undefined;
  const digits = fraction.padEnd(3, '0');
  const cents = BigInt(whole) * 100n + BigInt(digits.slice(0, 2)) + (digits.charAt(2) >= '5' ? 1n : 0n);
  if (cents > mostCents) return undefined;
  return Number(sign === '-' ? -cents : cents);
}
