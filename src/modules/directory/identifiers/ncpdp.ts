/** NCPDP 101-A1 BIN number: six digits; leading zeros belong to it. */
export function isValidBin(value: string): boolean {
  return /^\d{6}$/.test(value);
}

/** NCPDP 104-A4 processor control number: up to ten printable characters, no spaces around. */
export function isValidPcn(value: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]{0,8}[\x21-\x7e])?$/.test(value);
}

/**
 * NCPDP provider id of a pharmacy: seven digits. Its last digit is a check digit whose formula NCPDP does not publish, and
 * test partners use ids such as 1234567, so only the shape is held against a sender.
 */
export function isValidNcpdpId(value: string): boolean {
  return /^\d{7}$/.test(value);
}
