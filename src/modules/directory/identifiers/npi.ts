/** Prefix 80840 of the card issuer standard, already folded into the Luhn sum (45 CFR 162.406; CMS check digit requirements). */
const PREFIX_SUM = 24;

/** Luhn check digit of the first nine digits of an NPI. */
export function npiCheckDigit(firstNine: string): number {
  const sum = Array.from(firstNine).reduce((total, digit, index) => {
    const value = Number(digit);
    if (index % 2 === 1) return total + value;
    const doubled = value * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, PREFIX_SUM);
  return (10 - (sum % 10)) % 10;
}

/** Ten digits beginning with 1 or 2 whose last digit is the check digit. */
export function isValidNpi(value: string): boolean {
  return /^[12]\d{9}$/.test(value) && npiCheckDigit(value.slice(0, 9)) === Number(value[9]);
}
