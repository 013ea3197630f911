import { parsePhoneNumberFromString } from 'libphonenumber-js';

export type NormalizedPhone =
  | { kind: 'ok'; e164: string; extension?: string }
  /** `unreadable`: not a phone number at all; `impossible`: shaped like one, but no such number can exist. */
  | { kind: 'invalid'; reason: 'unreadable' | 'impossible' };

/** Reads a phone number as a US sender would write it; numbers of other countries need their +prefix. */
export function normalizePhone(value: string): NormalizedPhone {
  const phone = parsePhoneNumberFromString(value, 'US');
  if (!phone) return { kind: 'invalid', reason: 'unreadable' };
  if (!phone.isValid()) return { kind: 'invalid', reason: 'impossible' };
  return { kind: 'ok', e164: phone.number, ...(phone.ext !== undefined && { extension: phone.ext }) };
}

/**
 * As US forms show it, `(512) 555-0100`, without an extension.
 * @returns undefined for what cannot be written so: the number of another country, or none at all
 */
export function nationalPhone(value: string): string | undefined {
  const phone = normalizePhone(value);
  if (phone.kind !== 'ok' || !phone.e164.startsWith('+1')) return undefined;
  return parsePhoneNumberFromString(phone.e164)?.formatNational();
}

/** True for a number that is already in E.164 (ITU-T) and can exist. */
export function isE164(value: string): boolean {
  const phone = normalizePhone(value);
  return phone.kind === 'ok' && phone.e164 === value;
}
