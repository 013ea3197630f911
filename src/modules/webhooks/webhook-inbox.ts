import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring, sha256 } from '../../platform/crypto/index.js';
import { Database, fold, systemContext, type Tx } from '../../platform/db/index.js';
import { fail } from '../../platform/errors/index.js';
import { newId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { foundEventsSql, foundWithinSql, insertEventsSql } from './webhook-inbox.sql.js';
import { processWebhook } from './webhooks.jobs.js';

export interface IncomingWebhook {
  source: string;
  /** The vendor's name for this event; the same key is the same event, for ever. Never a time of ours or a random value. */
  dedupeKey: string;
  eventType: string;
  /** The body as it came, after its signature was checked. */
  raw: Buffer;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of what a person imports: the organization it is kept and handled for. */
  within?: string;
}

export interface ReceivedAnswer {
  eventId: string;
  duplicate: boolean;
}

/** Bodies in memory that no row holds yet: 20 batches, a fraction of a second. Who comes later comes again. */
const mostWaiting = 2_000;
const comeBackSeconds = 1;
/** Of one thing; more say the same. */
const mostTold = 100;
const longestKey = 200;
const longestType = 100;
/** Kept nowhere: they open doors. Everything else may explain a signature later. */
const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key']);
/** Ours to set: no signature was checked, and the event is bound to the organization it is kept for. */
export const importedHeader = 'x-imported';
const droppedHeaders = new Set([...secretHeaders, importedHeader]);

/**
 * Takes what vendors push: one durable statement for all that arrive together, and nothing else inside the request. When
 * the database is gone the sender gets a 503 with Retry-After, never a 2xx.
 */
@Injectable()
export class WebhookInbox {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly keyring: Keyring,
    private readonly outbox: Outbox,
  ) {}

  private readonly folded = fold((items: readonly IncomingWebhook[]) => this.store(items), {
    mostItems: 100,
    // The fewer at a time, the larger each: rows of one statement cost the server less than statements of few rows. One whose
    // answer is late or lost holds up the others for this long.
    mostBatches: 4,
    besideAfterMs: 20,
  });
  private waiting = 0;

  /** @throws DomainError service.unavailable when nothing could be stored, or so many wait that this one would wait too long */
  async receive(incoming: IncomingWebhook): Promise<ReceivedAnswer> {
    if (this.waiting >= mostWaiting) throw fail('service.unavailable', { retryAfterSeconds: comeBackSeconds });
    this.waiting += 1;
    try {
      return await this.folded(incoming);
    } finally {
      this.waiting -= 1;
    }
  }

  /**
   * Hands parked events of a source that name one of `related` to their handler again, in the transaction that made the thing
   * they waited for. @returns how many
   */
  async release(tx: Tx, source: string, ...related: readonly Readonly<Record<string, string>>[]): Promise<number> {
    const released = await tx.query<{ id: string }>(
      `UPDATE webhook_events SET status = 'received', processed_at = NULL
       WHERE status = 'parked' AND source = $1 AND related @> ANY($2::jsonb[]) RETURNING id`,
      [source, related.map((names) => JSON.stringify(names))],
    );
    for (const { id } of released) {
      await this.outbox.enqueue(tx, processWebhook, { webhookEventId: id }, { aggregateId: id });
    }
    return released.length;
  }

  /** What events of a source were found to name, of those that name `related`; oldest first. */
  async told(tx: Tx, source: string, related: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]> {
    const rows = await tx.query<{ related: Record<string, unknown> }>(
      `SELECT related FROM webhook_events
       WHERE source = $1 AND related @> $2::jsonb AND related <> '{}'::jsonb ORDER BY id LIMIT ${mostTold}`,
      [source, JSON.stringify(related)],
    );
    return rows.map((row) => row.related);
  }

  /** Which of these there are among the events of a source that came in a time: still to be handled, and could not be. */
  async unread(
    tx: Tx,
    source: string,
    { from, to }: { from: Date; to: Date },
  ): Promise<ReadonlySet<'received' | 'failed'>> {
    const rows = await tx.query<{ status: 'received' | 'failed' }>(
      `SELECT DISTINCT status FROM webhook_events
       WHERE source = $1 AND received_at BETWEEN $2 AND $3 AND status IN ('received', 'failed')`,
      [source, from, to],
    );
    return new Set(rows.map(({ status }) => status));
  }

  /** The ids of those that are known, in the order asked for. */
  async find(items: readonly IncomingWebhook[]): Promise<(string | undefined)[]> {
    const keys = items.map(keyOf);
    const ids = await this.found(keys);
    return keys.map((key) => ids.get(key));
  }

  /** The ids of those that are known where they are imported, in the order asked for. What others have is not told. */
  async findImported(items: readonly (IncomingWebhook & { within: string })[]): Promise<(string | undefined)[]> {
    if (items.length === 0) return [];
    const names = items.flatMap(({ within, ...item }, at) =>
      [keyOf(item), keyOf({ ...item, within })].map((key) => ({ at, within, source: item.source, key })),
    );
    const rows = await this.db.tx(systemContext, (tx) =>
      tx.run<{ at: number; id: string }>(foundWithinSql, [
        names.map(({ at }) => at),
        names.map(({ source }) => source),
        names.map(({ key }) => dedupeKeyOf(key)),
        names.map(({ within }) => within),
      ]),
    );
    const ids = new Map(rows.map(({ at, id }) => [at, id]));
    return items.map((_, at) => ids.get(at));
  }

  private async store(items: readonly IncomingWebhook[]): Promise<ReceivedAnswer[]> {
    const keyed = items.map((item) => ({ item, key: keyOf(item) }));
    // One statement cannot insert a key twice; a fixed order keeps two batches from waiting for each other. Ids are dealt
    // before: in the order in which things came they are handled.
    const unique = [...new Map(keyed.map((entry) => [entry.key, entry])).values()]
      .map((entry) => ({ ...entry, id: newId(), jobId: newId() }))
      .sort((left, right) => (left.key < right.key ? -1 : 1));
    const values = [
      unique.map(({ id }) => id),
      unique.map(({ item }) => item.source),
      unique.map(({ key }) => dedupeKeyOf(key)),
      unique.map(({ item }) => item.eventType.slice(0, longestType)),
      unique.map(({ id, item }) => this.keyring.seal(rawPlace(id), item.raw)),
      unique.map(({ id, item }) => this.keyring.seal(headersPlace(id), JSON.stringify(keptHeaders(item)))),
      unique.map(({ item }) => contentTypeOf(item)),
      unique.map(({ jobId }) => jobId),
      unique.map(({ item }) => item.within ?? null),
      this.clock.now(),
      processWebhook.name,
      processWebhook.queue,
    ];
    // A statement is a transaction by itself, in one trip. Had its asker died, the sender's next push finds what it left.
    const inserted = await this.db.query<{ id: string }>(systemContext, insertEventsSql, values);
    if (inserted.length > 0) this.outbox.ring();
    const fresh = new Set(inserted.map(({ id }) => id));
    const ids = await this.found(unique.filter(({ id }) => !fresh.has(id)).map(({ key }) => key));
    for (const { key, id } of unique) if (fresh.has(id)) ids.set(key, id);
    return answers(keyed, ids, fresh);
  }

  /** Ids by key (`keyOf`), of those that are known. */
  private async found(keys: readonly string[]): Promise<Map<string, string>> {
    if (keys.length === 0) return new Map();
    const rows = await this.db.query<FoundEvent>(systemContext, foundEventsSql, [
      keys.map(sourceOf),
      keys.map(dedupeKeyOf),
    ]);
    return new Map(rows.map(({ source, dedupeKey, id }) => [`${source}\n${dedupeKey}`, id]));
  }
}

interface FoundEvent {
  source: string;
  dedupeKey: string;
  id: string;
}

/** Where an event's bytes are sealed. */
export const rawPlace = (id: string) => ({ table: 'webhook_events', column: 'raw_sealed', row: id });
export const headersPlace = (id: string) => ({ table: 'webhook_events', column: 'headers_sealed', row: id });

function answers(
  keyed: readonly { key: string }[],
  ids: ReadonlyMap<string, string>,
  fresh: ReadonlySet<string>,
): ReceivedAnswer[] {
  const told = new Set<string>();
  return keyed.map(({ key }) => {
    const eventId = ids.get(key);
    if (eventId === undefined) throw new Error('a webhook event vanished');
    const duplicate = !fresh.has(eventId) || told.has(key);
    told.add(key);
    return { eventId, duplicate };
  });
}

/**
 * What nobody signed takes no name away from the vendor: until it is proven to be about the importer's own (`settleSql`), the
 * same event may still come in by the door, or be imported by whom it belongs to.
 */
function keyOf({ source, dedupeKey, within }: IncomingWebhook): string {
  const name = dedupeKey.length > longestKey ? sha256(dedupeKey) : dedupeKey;
  return `${source}\n${within === undefined ? name : `${within} ${name}`}`;
}

/** The key without the organization it was imported for. */
export function vendorsNameOf(dedupeKey: string, organizationId: string): string {
  const prefix = `${organizationId} `;
  return dedupeKey.startsWith(prefix) ? dedupeKey.slice(prefix.length) : dedupeKey;
}

function sourceOf(key: string): string {
  return key.slice(0, key.indexOf('\n'));
}

function dedupeKeyOf(key: string): string {
  return key.slice(key.indexOf('\n') + 1);
}

function keptHeaders({ headers, within }: IncomingWebhook): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const plain = name.toLowerCase();
    if (value === undefined || droppedHeaders.has(plain)) continue;
    kept[plain] = typeof value === 'string' ? value : value.join(', ');
  }
  if (within !== undefined) kept[importedHeader] = 'true';
  return kept;
}

function contentTypeOf({ headers }: IncomingWebhook): string | null {
  const type = headers['content-type'];
  return typeof type === 'string' ? type.slice(0, longestType) : null;
}
