/** What the first letter of a DEA number says about its holder (DEA Diversion Control, registrant type codes). */
export type DeaRegistrant = 'practitioner' | 'mid-level' | 'distributor' | 'data-2000-waiver' | 'unknown';

export type DeaNumber =
  | {
      kind: 'ok';
      /** Without the suffix of a supervised prescriber. */
      number: string;
      /** Internal code a hospital gives to a prescriber under its registration (21 CFR 1301.22(c)). */
      suffix?: string;
      registrant: DeaRegistrant;
      /** First letter of the registered last name, or 9 for a business. */
      nameLetter: string;
    }
  | { kind: 'invalid'; reason: 'format' | 'check-digit' };

const registrantByLetter: Readonly<Record<string, DeaRegistrant>> = {
  A: 'practitioner',
  B: 'practitioner',
  F: 'practitioner',
  G: 'practitioner',
  M: 'mid-level',
  P: 'distributor',
  R: 'distributor',
  X: 'data-2000-waiver',
};

/** Check digit of the first six digits of a DEA number: (d1+d3+d5) + 2(d2+d4+d6), last digit. */
export function deaCheckDigit(firstSix: string): number {
  const sum = Array.from(firstSix).reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 2),
    0,
  );
  return sum % 10;
}

/** Reads a DEA registration number, with or without the suffix of a supervised prescriber ("F91234563-001AB"). */
export function parseDea(value: string): DeaNumber {
  const match = /^([A-Z])([A-Z9])(\d{6})(\d)(?:-(.+))?$/.exec(value.trim().toUpperCase());
  const [, letter = '', nameLetter = '', firstSix = '', checkDigit = '', suffix] = match ?? [];
  if (!match) return { kind: 'invalid', reason: 'format' };
  if (deaCheckDigit(firstSix) !== Number(checkDigit)) return { kind: 'invalid', reason: 'check-digit' };
  return {
    kind: 'ok',
    number: `${letter}${nameLetter}${firstSix}${checkDigit}`,
    ...(suffix !== undefined && { suffix }),
    registrant: registrantByLetter[letter] ?? 'unknown',
    nameLetter,
  };
}

export function isValidDea(value: string): boolean {
  return parseDea(value).kind === 'ok';
}

/** The second letter is the initial of the last name at registration; a later change of name leaves it as it was. */
export function deaNameAgrees(nameLetter: string, lastName: string): boolean {
  const initial = lastName
    .normalize('NFD')
    .replace(/[^a-zA-Z]/g, '')
    .charAt(0)
    .toUpperCase();
  return nameLetter === '9' || initial === '' || initial === nameLetter;
}
