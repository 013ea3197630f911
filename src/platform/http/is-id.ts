import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsUUID } from 'class-validator';
import { inSmallLetters } from '../ids/index.js';

/**
 * An id in a body or a query, read in any case. PostgreSQL finds the row either way, but what is sealed, keyed or compared by
 * the id as text would not know a second spelling. `IsUUID` alone lets one through.
 */
export function IsId({ each = false }: { each?: boolean } = {}): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }): unknown =>
      each && Array.isArray(value) ? value.map(inSmallLetters) : inSmallLetters(value),
    ),
    IsUUID(undefined, { each }),
  );
}
