import { v7, validate } from 'uuid';
import { randomBytesOf } from '../crypto/random-pool.js';

let lastMs = 0;
let sequence = 0;

/**
 * A time-ordered id (UUIDv7), also ordered within a millisecond of this process (RFC 9562, 6.2 method 1). Made here because
 * PostgreSQL before 18 has no function for it.
 */
export function newId(): string {
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    sequence = randomBytesOf(4).readUInt32BE() >>> 1; // the upper half stays free for counting up
  } else {
    sequence += 1;
  }
  return v7({ msecs: lastMs, seq: sequence, random: randomBytesOf(16) });
}

/** Below every id made since then, above every older one: looks up rows by the time their ids were made at. */
export function firstIdSince(time: Date): string {
  return v7({ msecs: time.getTime(), seq: 0, random: new Uint8Array(16) });
}

export function isId(value: unknown): value is string {
  return validate(value);
}

const shape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id as we write it, whatever case it came in (RFC 9562, 4); anything else as it is. */
export function inSmallLetters(value: unknown): unknown {
  return typeof value === 'string' && shape.test(value) ? value.toLowerCase() : value;
}
