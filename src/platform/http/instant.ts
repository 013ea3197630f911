import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsDate } from 'class-validator';

/** RFC 3339, also without seconds; a day counts from midnight UTC. */
const written = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * How a time of a request becomes a Date. `new Date` alone also reads years that PostgreSQL cannot store, takes February 30th
 * for March and a time without its zone for local time; what validators of ISO 8601 let pass (weeks) it does not read at all.
 */
export function IsInstant(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }): unknown => (typeof value === 'string' ? instantOf(value) : value)),
    IsDate(),
  );
}

/** @returns an invalid Date for what is not an instant of the years 1 to 9999 */
export function instantOf(text: string): Date {
  const date = written.exec(text)?.[1];
  return new Date(date !== undefined && isDayOfCalendar(date) ? text : NaN);
}

function isDayOfCalendar(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !date.startsWith('0000') && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}
