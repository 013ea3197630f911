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

/** True for a number that is already in E.164 (ITU-T) and can exist. */
export function isE164(value: string): boolean {
  const phone = normalizePhone(value);
  return phone.kind === 'ok' && phone.e164 === value;
}
