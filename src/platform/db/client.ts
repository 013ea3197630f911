import type { Socket } from 'node:net';
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

/** `statement_timeout` ends what runs for 30 s: a server that says nothing for longer is gone, whatever TCP believes. */
const silenceMs = 35_000;

/**
 * While a connection is lent out, silence ends it: a frozen server, or a network that swallows packets, refuses nothing and
 * would hold a request for many minutes. @returns what ends the watch
 */
export function watchSilence(client: pg.ClientBase, withinMs = silenceMs): () => void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  const cut = () => stream.destroy(new Error('Connection terminated: the server has fallen silent'));
  stream.setTimeout(withinMs, cut);
  return () => {
    stream.setTimeout(0);
    stream.off('timeout', cut);
  };
}
