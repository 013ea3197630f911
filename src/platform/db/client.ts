import type { Writable } from 'node:stream';
import pg from 'pg';

/** Texts beyond so many stay unprepared: a text made anew for each request must not fill the server's memory. */
const mostPrepared = 1_000;
const names = new Map<string, string>();

/**
 * A connection that prepares what it is asked with values, also by TypeORM: parsing and planning a statement under row-level
 * security costs the server several times what running it does. Statements of one turn of the event loop leave in one
 * packet: on a local server a packet costs as much as a small statement, on both sides.
 */
export class PreparingClient extends pg.Client {
  constructor(options?: pg.ClientConfig) {
    super(options);
    const plain = this.query.bind(this) as (...given: unknown[]) => unknown;
    this.query = ((...given: unknown[]) => {
      this.gatherWrites();
      return plain(...prepared(given));
    }) as pg.Client['query'];
  }

  private gatherWrites(): void {
    // Not in pg's types: the connection and its socket are what a client is made of.
    const { stream } = (this as unknown as { connection: { stream: Writable } }).connection;
    if (stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }
}

/** Text with values gets a name; what has one already, a cursor and a statement without values stay as they are. */
function prepared(given: readonly unknown[]): readonly unknown[] {
  const [text, values, ...rest] = given;
  if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) return given;
  const name = nameOf(text);
  return name === undefined ? given : [{ name, text, values: values as unknown[] }, ...rest];
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= mostPrepared) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}
