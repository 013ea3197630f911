import { applyDecorators } from '@nestjs/common';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  isObject,
} from 'class-validator';
import { DateTime, IANAZone } from 'luxon';
import { isStateCode, isValidNcpdpId, isValidNpi, zip5Of } from '../identifiers/index.js';
import { quantityUnitOf } from '../quantity-units/index.js';
import { weekdays } from '../opening-hours.policy.js';

/** One line people wrote: something in it, no control characters (PostgreSQL refuses the null character in text). */
export function Text(maxLength: number): PropertyDecorator {
  return applyDecorators(
    IsString(),
    MaxLength(maxLength),
    Matches(/^(?=.*\S)[^\p{Cc}]+$/u, { message: '$property must be one line of text' }),
  );
}

export function Texts(most: number, maxLength: number): PropertyDecorator {
  return applyDecorators(
    IsArray(),
    ArrayMaxSize(most),
    IsString({ each: true }),
    MaxLength(maxLength, { each: true }),
    Matches(/^(?=.*\S)[^\p{Cc}]+$/u, { each: true, message: 'each of $property must be one line of text' }),
  );
}

/** Whole numbers that fit PostgreSQL's integer. */
export function Whole(min: number, max = 2_147_483_647): PropertyDecorator {
  return applyDecorators(IsInt(), Min(min), Max(max));
}

function rule(name: string, test: (value: string) => boolean, message: string) {
  return (options: { each?: boolean } = {}): PropertyDecorator =>
    ValidateBy(
      {
        name,
        validator: {
          validate: (value: unknown) => typeof value === 'string' && test(value),
          defaultMessage: () => (options.each === true ? `each of $property ${message}` : `$property ${message}`),
        },
      },
      { each: options.each === true },
    );
}

export const IsNpi = rule('isNpi', isValidNpi, 'must be an NPI: ten digits with the check digit of 45 CFR 162.406');
export const IsNcpdpId = rule('isNcpdpId', isValidNcpdpId, 'must be an NCPDP provider id of seven digits');
export const IsUsState = rule('isUsState', isStateCode, 'must be two capital letters of a US state or territory');
export const IsZip = rule('isZip', (zip) => zip5Of(zip) !== undefined, 'must be a ZIP of five or nine digits');
/** A price per bottle would be multiplied by the tablets of an order, or by nothing. */
export const IsBillableUnit = rule(
  'isBillableUnit',
  (code) => quantityUnitOf(code)?.code === code && quantityUnitOf(code)?.billed !== undefined,
  'must be the NCI code of a unit payers count in, such as C48542 (tablet), C28254 (mL), C48155 (gram) or C64933 (each)',
);
export const IsCalendarDate = rule(
  'isCalendarDate',
  (date) => /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(date) && DateTime.fromISO(date).isValid,
  'must be a date, YYYY-MM-DD',
);
/**
 * By place: abbreviations (PST) have daylight saving time for ICU and none for PostgreSQL, which knows others (AET) not at all and
 * then computes nothing for the whole organization.
 */
const placedZone =
  /^(UTC|(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|US(?!\/Pacific-New$))\/.+)$/;
export const IsTimeZone = rule(
  'isTimeZone',
  (zone) => placedZone.test(zone) && IANAZone.isValidZone(zone),
  'must be an IANA time zone, such as America/New_York',
);

/** A plan's BIN to the tier it has the pharmacy in; 1 is preferred. */
export function IsNetworkTiers(): PropertyDecorator {
  return ValidateBy({
    name: 'isNetworkTiers',
    validator: {
      validate: (value: unknown) =>
        isObject(value) &&
        Object.keys(value).length <= 2000 &&
        Object.entries(value).every(([bin, tier]) => /^\d{6}$/.test(bin) && [1, 2, 3].includes(tier as number)),
      defaultMessage: () => '$property must map BINs of six digits to the tiers 1, 2 or 3',
    },
  });
}

/** Weekdays to from and to, each `HH:MM`, from before to. */
export function IsOpeningHours(): PropertyDecorator {
  return ValidateBy({
    name: 'isOpeningHours',
    validator: {
      validate: (value: unknown) =>
        isObject(value) &&
        Object.entries(value).every(([day, hours]) => (weekdays as readonly string[]).includes(day) && isSpan(hours)),
      defaultMessage: () => '$property must map mon, tue, … to two times such as ["09:00", "18:00"]',
    },
  });
}

function isSpan(hours: unknown): boolean {
  if (!Array.isArray(hours) || hours.length !== 2) return false;
  const [from, to] = hours as unknown[];
  return isClockTime(from) && isClockTime(to) && from < to;
}

function isClockTime(value: unknown): value is string {
  return typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value);
}
