import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { fail } from '../errors/index.js';
import { isId } from '../ids/index.js';
import { IsId } from './is-id.js';
import { Optional } from './optional.js';

export const defaultPageLimit = 50;

const cursorDescription = '`nextCursor` of the page before';
/** Of a list in the order of a time of its rows. */
export const exampleCursor = cursorAt({
  at: new Date('2026-11-21T01:28:00.000Z'),
  id: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57',
});

/** How many rows a page of a list has at the most: `@PageLimit() limit: number = defaultPageLimit`. */
export function PageLimit(most = 200): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ minimum: 1, maximum: most, default: defaultPageLimit, example: defaultPageLimit }),
    Optional(),
    Type(() => Number),
    IsInt(),
    Min(1),
    Max(most),
  );
}

/** The cursor of a list in the order of its ids, which are time-ordered: the id of the last row is all it needs. */
export function IdCursor(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description: cursorDescription, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' }),
    Optional(),
    IsId(),
  );
}

/** The cursor of a list in the order of a time of its rows, see `cursorAt`. */
export function PositionCursor(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description: cursorDescription,
      example: exampleCursor,
    }),
    Optional(),
    IsString(),
    MaxLength(200),
  );
}

export interface PageRequest {
  /** Id of the last row of the page before. */
  cursor?: string | undefined;
  limit: number;
}

export interface Page<Row> {
  items: Row[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** A page of a list in the order of its ids. @param rows one more than asked for */
export function pageOf<Row extends { id: string }>(rows: readonly Row[], limit: number): Page<Row> {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Where a page ended: the time that orders the list, and the id for rows of the same moment. */
export interface Position {
  at: Date;
  id: string;
}

export function cursorAt({ at, id }: Position): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');
}

/** Undefined when it is not a cursor of ours. */
export function positionOf(cursor: string): Position | undefined {
  const [time = '', id] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const at = new Date(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(time) ? time : NaN);
  return isId(id) && !Number.isNaN(at.getTime()) ? { at, id } : undefined;
}

/** @throws DomainError request.invalid when it is not a cursor of ours */
export function knownPosition(cursor: string): Position {
  const position = positionOf(cursor);
  if (position !== undefined) return position;
  throw fail('request.invalid', {
    meta: { errors: [{ pointer: '/cursor', code: 'is-cursor', message: 'cursor must be one this list gave' }] },
  });
}

/** A page of a list in the order of a time of its rows. @param rows one more than asked for */
export function positionedPage<Row extends { id: string; occurredAt: Date }>(
  rows: readonly Row[],
  limit: number,
): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, nextCursor: more ? cursorAt({ at: last.occurredAt, id: last.id }) : null };
}
