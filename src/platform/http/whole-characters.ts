import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { fail } from '../errors/index.js';
import { escapePointer } from './validation.js';

const half = /\p{Surrogate}/u;
/** Routes without a shape of their own read vendors' bodies, where a cut text is no reason to lose an event. */
const shapeless: readonly unknown[] = [undefined, Object, Array, String, Buffer];

/**
 * Refuses texts that hold half a character. JSON can spell it (`"\ud800"`); PostgreSQL's jsonb, and the rules that count a
 * text's bytes, break on it.
 */
@Injectable()
export class WholeCharacters implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' || shapeless.includes(metatype)) return value;
    const pointer = pointerOfHalf(value);
    if (pointer === undefined) return value;
    throw fail('request.invalid', {
      meta: { errors: [{ pointer, code: 'broken-character', message: 'The text holds half a character.' }] },
    });
  }
}

/** @returns the JSON Pointer of the first text with half a character; of the object, when it is the name of a member */
export function pointerOfHalf(value: unknown, pointer = ''): string | undefined {
  if (typeof value === 'string') return half.test(value) ? pointer : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (half.test(name)) return pointer;
    const found = pointerOfHalf(member, `${pointer}/${escapePointer(name)}`);
    if (found !== undefined) return found.slice(0, 200);
  }
  return undefined;
}
