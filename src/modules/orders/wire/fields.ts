import { z } from 'zod';
import { hundredthsOf } from './money.policy.js';

const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2100, 0, 1);

/** A short text, also when it is written as a number. Empty is absent. */
export const text = (most = 200) =>
  z
    .union([z.string().max(most), z.number()])
    .nullish()
    .transform((value) => filled(String(value ?? '')));

/** Somebody's own words, cut where they are too many: what they explain has happened all the same. */
export const freeText = (most: number) =>
  z
    .union([z.string(), z.number()])
    .nullish()
    .transform((value) =>
      filled(
        Array.from(String(value ?? ''))
          .slice(0, most)
          .join(''),
      ),
    );

/** Contact data: whatever stands there is kept as far as it can be stored; whether it can be used is seen later. */
export const contactText = z
  .unknown()
  .optional()
  .transform((value) =>
    typeof value === 'string' || typeof value === 'number' ? filled(String(value).slice(0, 320)) : undefined,
  );

/** An amount as cents, or as hundredths of a percent. */
export const amount = z
  .union([z.string().max(40), z.number()])
  .nullish()
  .transform((value, context) => {
    if (value === null || value === undefined || value === '') return undefined;
    const hundredths = hundredthsOf(value);
    if (hundredths === undefined) context.addIssue({ code: 'custom', message: 'not an amount' });
    return hundredths;
  });

/** An instant as ISO text, in UTC where it says no offset; one that cannot be meant (year 1, year 9999) is none. */
export const instant = z
  .union([z.string().max(60), z.number()])
  .nullish()
  .transform((value) => {
    const time = typeof value === 'number' ? value : millisOf(value ?? '');
    return time >= earliest && time < latest ? new Date(time).toISOString() : undefined;
  });

/** After a time of day: `Z`, `+05:30`, `-0800`, `+02`, `GMT-5`, `GMT-0500 (Eastern Standard Time)`, `EST`. */
const offset = /:\d{2}(?:.*(?:z|utc|gmt|[ecmp][sd]t)|[^+-]*[+-]\d{1,2}(?::?\d{2})?)\s*(?:\(.*\))?$/i;
/** PostgreSQL's own form, which is no ISO date to the engine. */
const hoursAlone = /(:\d{2}(?:\.\d+)?\s*[+-]\d{2})$/;

/** Not in the zone of the host: the time is part of the key an event is known by. @returns NaN when it is no time */
function millisOf(written: string): number {
  const said = written.trim();
  return Date.parse(
    offset.test(said) ? said.replace(hoursAlone, '$1:00') : `${said.replace(/(\d)T(\d)/i, '$1 $2')} UTC`,
  );
}

/** A name by itself, or an object that has one. */
export const named = z
  .union([z.string().max(200), z.object({ code: text(), name: text() })])
  .nullish()
  .transform((value) => (typeof value === 'string' ? filled(value) : (value?.code ?? value?.name)));

/** Of several fields the first that says something. */
export function firstOf<T>(...values: readonly (T | null | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined && value !== null) ?? undefined;
}

/** Without what is undefined, so that equal content is equal JSON. */
export function compact<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined && member !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

/** Half a character, which the sender's own cut leaves: JSON can spell it, PostgreSQL's jsonb cannot hold it. */
const half = /\p{Surrogate}/gu;

function filled(value: string): string | undefined {
  const trimmed = value.trim().replaceAll(half, '\ufffd');
  return trimmed === '' ? undefined : trimmed;
}
