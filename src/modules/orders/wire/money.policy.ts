/** What an `integer` column holds; no order of medicine comes near. */
const mostCents = 2_147_483_647n;

/**
 * A decimal amount as whole hundredths, half away from zero, by its digits: 1.005 × 100 is 100.49999999999999 in floating
 * point. Beyond a millionth a number holds nothing but residues of the sender's sums: 59.97 − 3 × 19.99 leaves 7.1e-15.
 * @returns undefined when it is no amount
 */
export function hundredthsOf(amount: string | number): number | undefined {
  const written = typeof amount === 'number' ? amount.toFixed(6) : amount;
  const [, sign = '', whole = '', fraction = ''] = /^\s*(-?)\$?(\d{1,12})(?:\.(\d{0,30}))?\s*$/.exec(written) ?? [];
  if (whole === '') return undefined;
  const digits = fraction.padEnd(3, '0');
  const cents = BigInt(whole) * 100n + BigInt(digits.slice(0, 2)) + (digits.charAt(2) >= '5' ? 1n : 0n);
  if (cents > mostCents) return undefined;
  return Number(sign === '-' ? -cents : cents);
}
