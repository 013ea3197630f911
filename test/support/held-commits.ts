import { Transform, type TransformCallback } from 'node:stream';

/** Type and length of a message of PostgreSQL to its client; the length counts itself, not the type. */
const headBytes = 5;
/** CommandComplete begins with the word of what is complete (PostgreSQL, "Message Formats"). */
const commandComplete = 0x43;
const readyForQuery = 0x5a;
/** The status of a connection that is in no transaction: whatever was written before it is committed. */
const idle = 0x49;
/** A single INSERT is a transaction by itself. */
const writes = /^(COMMIT|INSERT)\b/;

/**
 * Stands in the way of PostgreSQL's answers: while it holds, what is committed stays committed, and whoever asked for it
 * never hears so.
 */
export class HeldCommits {
  private holding = false;

  hold(): void {
    this.holding = true;
  }

  /** For connections made from now on; those that were held stay silent. */
  letGo(): void {
    this.holding = false;
  }

  /** The way of one connection's answers. */
  readonly answers = (): Transform => {
    let [rest, silent, last] = [Buffer.alloc(0), false, ''];
    const transform = (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void => {
      rest = Buffer.concat([rest, chunk]);
      const passed: Buffer[] = [];
      while (!silent && rest.length >= headBytes) {
        const end = 1 + rest.readInt32BE(1);
        if (rest.length < end) break;
        const message = rest.subarray(0, end);
        if (message[0] === commandComplete) last = message.toString('latin1', headBytes);
        const isCommitted = message[0] === readyForQuery && message[headBytes] === idle && writes.test(last);
        silent = this.holding && isCommitted;
        if (message[0] === readyForQuery) last = '';
        if (!silent) passed.push(message);
        rest = rest.subarray(end);
      }
      if (silent) rest = Buffer.alloc(0);
      done(null, Buffer.concat(passed));
    };
    return new Transform({ transform });
  };
}
