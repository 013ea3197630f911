import { normalizePhone } from '../../directory/identifiers/index.js';

const readers: readonly [RegExp, (parts: string[]) => string][] = [
  // ISO 8601; with a time an offset must say which day is meant.
  [/^(\d{4})-(\d{2})-(\d{2})$/, ([y, m, d]) => `${y}-${m}-${d}`],
  [
    /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/i,
    ([y, m, d]) => `${y}-${m}-${d}`,
  ],
  // CCYYMMDD of SCRIPT 8 and of claims.
  [/^(\d{4})(\d{2})(\d{2})$/, ([y, m, d]) => `${y}-${m}-${d}`],
  [/^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, ([m = '', d = '', y]) => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`],
];

/**
 * A business date as YYYY-MM-DD where it can be read, else as received. Of a date with a time it is the day the sender
 * wrote, in the sender's own offset.
 */
export function readDate(text: string): string {
  for (const [pattern, write] of readers) {
    const match = pattern.exec(text);
    const date = match ? write(match.slice(1)) : '';
    if (isCalendarDate(date)) return date;
  }
  return text;
}

/** True for a YYYY-MM-DD that is in the calendar; PostgreSQL knows no year 0. */
export function isCalendarDate(date: string): boolean {
  const time = /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

const instant = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})$/i;

/** A moment with its offset as ISO 8601 in UTC, fractions cut to milliseconds; undefined when it cannot be read. */
export function readInstant(text: string): string | undefined {
  const [, date = '', hours = '', seconds = '00', fraction = '', offset = ''] = instant.exec(text) ?? [];
  if (!isCalendarDate(date)) return undefined;
  const zone = /^z$/i.test(offset) ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(-2)}`;
  const time = new Date(`${date}T${hours}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** E.164 where the number can exist, else as received. */
export function readPhone(text: string): string {
  const phone = normalizePhone(text);
  return phone.kind === 'ok' ? phone.e164 : text;
}

/** Ten digits, as North American wires carry a number; others as they are. */
export function nationalPhone(phone: string): string {
  const national = phone.slice(2);
  return /^\+1\d{10}$/.test(phone) && readPhone(national) === phone ? national : phone;
}

/** Nine bare digits are a ZIP+4 without its hyphen. */
export function readZip(text: string): string {
  return /^\d{9}$/.test(text) ? `${text.slice(0, 5)}-${text.slice(5)}` : text;
}

export function readState(text: string): string {
  return /^[a-z]{2}$/i.test(text) ? text.toUpperCase() : text;
}

/** NaN when the text is not a decimal number, so that the order's schema names the field. */
export function readNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[+-]?(?:\d{1,12}(?:\.\d{0,9})?|\.\d{1,9})$/.test(text) ? Number(text) : Number.NaN;
}

/** A type whose fields may all still be undefined. */
export type Draft<T> = { [K in keyof T]?: T[K] | undefined };

/** A type whose possibly undefined fields are left out instead. */
export type Filled<T> = {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };

/** The object without its undefined fields, or undefined when nothing is left. */
export function some<T extends object>(draft: T): Filled<T> | undefined {
  const known = filled(draft);
  return Object.keys(known).length > 0 ? known : undefined;
}

/** The object without its undefined fields. */
export function filled<T extends object>(draft: T): Filled<T> {
  const entries: [string, unknown][] = Object.entries(draft).filter(([, value]) => value !== undefined);
  // Only fields that were there and are defined go back in, which is what the type says.
  return Object.fromEntries(entries) as Filled<T>;
}
