/**
 * NCPDP provider id of a pharmacy: seven digits. Its last digit is a check digit whose formula NCPDP does not publish, and
 * test partners use ids such as 1234567, so only the shape is held against a sender.
 */
export function isValidNcpdpId(value: string): boolean {
  return /^\d{7}$/.test(value);
}
