import pg from 'pg';
import { newId } from '../ids/index.js';

const defaultGatherMs = 5;
const reconnectMs = 1_000;
/** A payload has less than 8,000 bytes; a word is an id. */
const mostWords = 200;

/** A NOTIFY is written to the log like any commit; one that may be lost need not wait for the disk. */
const notifyText = `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`;

export interface ChannelOptions {
  /** Lower case letters and underscores. */
  name: string;
  databaseUrl: string;
  notify: (text: string, values: readonly string[]) => Promise<unknown>;
  /** NOTIFY takes a lock at every commit: words on the heels of one share the next, so long after it. 5 ms unless told. */
  gatherMs?: number | undefined;
}

/** What was said by other processes; `missed` when something may have been said that was not heard. */
export type Hear = (words: readonly string[] | 'missed') => void;

/**
 * Ids called from process to process over PostgreSQL. May lose words: whoever listens also looks by itself from time to
 * time. One connection per process listens, however many listeners there are behind it.
 */
export class Channel {
  private readonly sender = newId();
  private readonly waiting = new Set<string>();
  private gathering: NodeJS.Timeout | undefined;
  private pause: NodeJS.Timeout | undefined;
  private client: pg.Client | undefined;
  private stopped = false;

  constructor(private readonly options: ChannelOptions) {}

  /** The first word leaves at once, those on its heels together. For after a commit; nobody waits for it. */
  send(words: readonly string[]): void {
    for (const word of words) this.waiting.add(word);
    if (this.gathering === undefined) this.flush();
  }

  /** Until `stop`. */
  listen(hear: Hear): void {
    void this.listenOnce(hear)
      .catch(() => undefined)
      .then(() => {
        if (this.stopped) return;
        this.pause = setTimeout(() => this.listen(hear), reconnectMs);
        this.pause.unref();
      });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.gathering);
    clearTimeout(this.pause);
    await this.client?.end().catch(() => undefined);
  }

  private flush(): void {
    this.gathering = undefined;
    const words = [...this.waiting].slice(0, mostWords);
    if (words.length === 0 || this.stopped) return;
    for (const word of words) this.waiting.delete(word);
    this.options.notify(notifyText, [this.options.name, [this.sender, ...words].join(' ')]).catch(() => undefined);
    this.gathering = setTimeout(() => this.flush(), this.options.gatherMs ?? defaultGatherMs);
  }

  /** Ends when its connection does. */
  private async listenOnce(hear: Hear): Promise<void> {
    const { name, databaseUrl } = this.options;
    const client = new pg.Client({ connectionString: databaseUrl, application_name: name, keepAlive: true });
    const ended = new Promise<void>((resolve) => client.once('end', resolve).on('error', () => resolve()));
    client.on('notification', ({ payload = '' }) => {
      const [sender, ...words] = payload.split(' ');
      if (sender !== this.sender) hear(words);
    });
    this.client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(name)}`);
      hear('missed');
      await ended;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
