import { unnested, type Statement } from '../../platform/db/index.js';
import { processWebhook } from './webhooks.jobs.js';

const uuidLength = 36;

/** The row was imported and is not proven to be the importer's: it has a key of its own (`keyOf`). */
export const isUnprovenSql = (row: string) => `starts_with(${row}.dedupe_key, ${row}.organization_id::text || ' ')`;

/** What the vendor calls it. */
export const vendorsNameSql = (row: string) => `substr(${row}.dedupe_key, ${uuidLength + 2})`;

/** Whether the same event is there under the vendor's own name as well. @param whose what must hold of that, `o` */
export const hasVendorsOwnSql = (row: string, whose = 'true') =>
  `EXISTS (SELECT 1 FROM webhook_events o
    WHERE ${isUnprovenSql(row)} AND o.source = ${row}.source AND o.dedupe_key = ${vendorsNameSql(row)} AND ${whose})`;

/**
 * Of an imported row: the same event came in by the door, or was proven to be the importer's, after it was stored. Had it before,
 * the import would have called it a duplicate; it may know of the same ones (`foundWithinSql`).
 */
export const isRepeatSql = (row: string) =>
  hasVendorsOwnSql(row, `(o.organization_id = ${row}.organization_id OR o.organization_id IS NULL)`);

/** Whether a dead letter is that of an event's job. */
export const isOfEventSql = (letter: string) => `${letter}.subscriber = '${processWebhook.name}'`;

/**
 * The event `event` of a dead letter, if it is one's. Whose the event is may come out long after its job was written, so the letter
 * is whose the event is.
 */
export const joinEventOfLetterSql = (letter: string, event: string) =>
  `LEFT JOIN webhook_events ${event} ON ${isOfEventSql(letter)} AND ${event}.id = ${letter}.aggregate_id`;

/** Parked, and nobody has been told. What was imported only where it is not there under the vendor's own name as well. */
export const isLeftParkedSql = (row: string) =>
  `${row}.status = 'parked' AND ${row}.ticket_id IS NULL AND NOT ${hasVendorsOwnSql(row)}`;

const endsIn = (row: string, ...endings: readonly string[]) =>
  `${row}.error_code LIKE ANY (ARRAY[${endings.map((ending) => `'%.${ending}'`).join(', ')}])`;

/** Parked for its form: it says nothing we can read, so no two such events of a source differ for us. */
const isUnreadBodySql = (row: string) => endsIn(row, 'undocumented-body', 'unreadable');

/** Parked for what it says, not for what it names: each source's verdict of such a kind ends so. */
export const isNotUnderstoodSql = (row: string) =>
  `(${endsIn(row, 'unknown-word', 'unknown-event')} OR ${isUnreadBodySql(row)})`;

/** The kind of event that was not understood; null of a body of another form, of which one is as good as the other. */
export const kindNotUnderstoodSql = (row: string) =>
  `CASE WHEN ${isUnreadBodySql(row)} THEN NULL ELSE ${row}.event_type END`;

/** Events and the jobs that will handle them, in one statement; what is known already inserts neither. */
export const insertEventsSql: Statement = {
  name: 'webhooks_insert',
  text: `WITH given AS (
      SELECT * FROM ${unnested(1, 'uuid', 'text', 'text', 'text', 'bytea', 'bytea', 'text', 'uuid', 'uuid')}
        AS g(id, source, dedupe_key, event_type, raw_sealed, headers_sealed, content_type, job_id, organization_id)
    ), inserted AS (
      INSERT INTO webhook_events (id, organization_id, source, dedupe_key, event_type, status, raw_sealed, headers_sealed,
        content_type, received_at)
      SELECT id, organization_id, source, dedupe_key, event_type, 'received', raw_sealed, headers_sealed, content_type,
        $10::timestamptz FROM given
      ON CONFLICT (source, dedupe_key) DO NOTHING
      RETURNING id
    )
    INSERT INTO outbox_events (id, subscriber, queue, aggregate_id, payload, occurred_at, due_at)
    SELECT given.job_id, $11, $12, given.id, jsonb_build_object('webhookEventId', given.id), $10, $10
    FROM given JOIN inserted USING (id)
    RETURNING aggregate_id AS id`,
};

/** A statement of its own: it must see what another transaction inserted while the first one waited for it. */
export const foundEventsSql: Statement = {
  name: 'webhooks_found',
  text: `SELECT e.source, e.dedupe_key AS "dedupeKey", e.id
    FROM ${unnested(1, 'text', 'text')} AS known(source, dedupe_key)
    JOIN webhook_events e ON e.source = known.source AND e.dedupe_key = known.dedupe_key`,
};

/** Of those asked for what an organization may know of: its own, and what belongs to nobody yet. */
export const foundWithinSql: Statement = {
  name: 'webhooks_found_within',
  text: `SELECT known.at, e.id FROM ${unnested(1, 'int', 'text', 'text', 'uuid')} AS known(at, source, dedupe_key, within)
    JOIN webhook_events e ON e.source = known.source AND e.dedupe_key = known.dedupe_key
    WHERE e.organization_id = known.within OR e.organization_id IS NULL`,
};
