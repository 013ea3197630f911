import type { Change, Reason } from '../../src/modules/tickets/backfill/outcomes.js';
import type { Sql } from './looker.js';

/** What is generated for a kind of thread, and what the backfill has to make of it. */
export interface LegacyKind {
  kind: string;
  expected: Change | Reason;
}

/** Thread i is of kind i modulo their number. `second` names the order of the thread `shared` of its round. */
export const legacyKinds: readonly LegacyKind[] = [
  { kind: 'shared', expected: 'thread-linked' },
  { kind: 'plain', expected: 'thread-linked' },
  { kind: 'silent', expected: 'thread-linked' },
  { kind: 'by-metadata', expected: 'thread-linked' },
  { kind: 'shouting', expected: 'thread-linked' },
  { kind: 'shouted-target', expected: 'thread-linked' },
  { kind: 'ticket-without-thread', expected: 'thread-linked' },
  { kind: 'ticket-without-prescription', expected: 'thread-linked' },
  { kind: 'with-members', expected: 'thread-linked' },
  { kind: 'number', expected: 'order-not-an-id' },
  { kind: 'unnamed', expected: 'no-order' },
  { kind: 'unknown', expected: 'order-unknown' },
  { kind: 'elsewhere', expected: 'other-organization' },
  { kind: 'other-pharmacy', expected: 'other-pharmacy' },
  { kind: 'targetless', expected: 'target-missing' },
  { kind: 'unsent', expected: 'not-sent' },
  { kind: 'two-orders', expected: 'ambiguous' },
  { kind: 'busy-ticket', expected: 'ticket-has-thread' },
  { kind: 'other-doctor', expected: 'other-party' },
  { kind: 'second', expected: 'ticket-has-thread' },
];

export interface LegacyWorld {
  organization: string;
  otherOrganization: string;
  doctor: string;
  /** The one every ticket is at. */
  pharmacy: string;
  /** The one threads of kind `other-pharmacy` are with. */
  otherPharmacy: string;
}

const party = (n: number) => `id_of('party', ${n})`;
const [organization, otherOrganization, doctor, pharmacy, otherPharmacy] = [1, 2, 3, 4, 5].map(party);
const kinds = legacyKinds.length;

/** An id anybody can compute: of a thread, ticket, prescription, patient, party or message, by its number. */
const functions = [
  `CREATE FUNCTION id_of(what text, n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
     SELECT overlay(overlay(md5(what || n) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid $$`,
  `CREATE FUNCTION kind_of(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
     SELECT (ARRAY[${legacyKinds.map(({ kind }) => `'${kind}'`).join(', ')}])[n % ${kinds} + 1] $$`,
  // In one round of five the first thread of an order is silent and the second is not.
  `CREATE FUNCTION speaks(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
     SELECT CASE n / ${kinds} % 5
       WHEN 0 THEN kind_of(n) IN ('shared', 'plain', 'with-members', 'second', 'other-pharmacy', 'ticket-without-thread')
       WHEN 1 THEN kind_of(n) = 'second' ELSE false END $$`,
];

const hasOrder = `kind_of(n) NOT IN ('number', 'unnamed', 'unknown', 'second')`;

/** What a trigger does for each ticket is written here for all at once. `numbers` lists those of some kinds. */
const rows = (numbers: (which: string) => string) => [
  `INSERT INTO organizations (id, name, brand, created_at)
   VALUES (${organization}, 'A', 'A', now()), (${otherOrganization}, 'B', 'B', now())`,
  `INSERT INTO healthcare_tickets (id, organization_id, status, status_since, sent_at, primary_provider_id,
     secondary_provider_id, patient_id, prescription_id, created_at, updated_at)
   SELECT id_of('ticket', n), CASE kind_of(n) WHEN 'elsewhere' THEN ${otherOrganization} ELSE ${organization} END,
     CASE kind_of(n) WHEN 'unsent' THEN 'created' ELSE 'sent' END, now(),
     CASE WHEN kind_of(n) <> 'unsent' THEN now() END, ${doctor}, ${pharmacy}, id_of('patient', n),
     CASE WHEN kind_of(n) <> 'ticket-without-prescription' THEN id_of('prescription', n) END, now(), now()
   FROM ${numbers(hasOrder)}`,
  `INSERT INTO prescriptions (id, organization_id, ticket_id, patient_id, provider_id, pharmacy_id, path, state, state_since,
     source, sender, received_at)
   SELECT prescription.id, organization_id, ticket.id, patient_id, primary_provider_id, secondary_provider_id, 'full',
     'validated', now(), 'json', 'older', now()
   FROM healthcare_tickets ticket
   JOIN (SELECT id_of('ticket', n) AS ticket_id, id_of('prescription', n) AS id FROM ${numbers(hasOrder)}) AS prescription
     ON prescription.ticket_id = ticket.id`,
  `INSERT INTO chat_threads (id, organization_id, ticket_id, order_id, order_type, title, metadata, created_at, updated_at)
   SELECT id, organization_id, id, prescription_id::text, 'prescription', 'Prescription',
     jsonb_build_object('prescription_id', prescription_id, 'target_id', secondary_provider_id), now(), now()
   FROM healthcare_tickets JOIN (SELECT id_of('ticket', n) AS ticket_id
     FROM ${numbers(`kind_of(n) NOT IN ('ticket-without-thread', 'ticket-without-prescription')`)}) AS made ON ticket_id = id`,
  `INSERT INTO chat_members (thread_id, organization_id, party, party_id, joined_at)
   SELECT t.id, k.organization_id, party, party_id, now() FROM chat_threads t JOIN healthcare_tickets k ON k.id = t.ticket_id,
     LATERAL (VALUES ('doctor', primary_provider_id), ('pharmacy', secondary_provider_id), ('patient', patient_id),
       ('ops', k.organization_id)) AS parties(party, party_id)`,
  `INSERT INTO chat_threads (id, organization_id, order_id, order_type, title, metadata, last_seq, last_message_at, created_at, updated_at)
   SELECT id_of('thread', n), ${organization}, CASE kind_of(n)
       WHEN 'number' THEN n::text
       WHEN 'by-metadata' THEN n::text
       WHEN 'unnamed' THEN NULL
       WHEN 'unknown' THEN id_of('nothing', n)::text
       WHEN 'shouting' THEN upper(id_of('prescription', n)::text)
       WHEN 'second' THEN id_of('prescription', n - n % ${kinds})::text
       ELSE id_of('prescription', n)::text END,
     'prescription', 'Order ' || n, jsonb_strip_nulls(jsonb_build_object('source', 'older',
       'target_id', CASE kind_of(n) WHEN 'other-pharmacy' THEN ${otherPharmacy}::text WHEN 'targetless' THEN NULL
         WHEN 'shouted-target' THEN upper(${pharmacy}::text) ELSE ${pharmacy}::text END,
       'prescription_id', CASE kind_of(n) WHEN 'by-metadata' THEN id_of('prescription', n)
         WHEN 'two-orders' THEN id_of('prescription', n - 1) END)),
     -- One kind has lost count of its messages.
     CASE WHEN speaks(n) AND kind_of(n) <> 'plain' THEN 2 ELSE 0 END,
     CASE WHEN speaks(n) AND kind_of(n) <> 'plain' THEN now() END, now(), now()
   FROM ${numbers('true')}`,
  `INSERT INTO chat_members (thread_id, organization_id, party, party_id, joined_at)
   SELECT id_of('thread', n), ${organization}, 'doctor',
     CASE kind_of(n) WHEN 'with-members' THEN ${doctor} ELSE id_of('doctor', n) END, now()
   FROM ${numbers(`kind_of(n) IN ('with-members', 'other-doctor')`)}`,
  `INSERT INTO chat_messages (id, thread_id, organization_id, seq, audience, kind, author_party, author_party_id, created_at)
   SELECT id_of('message' || seq, n), id_of('thread', n), ${organization}, seq,
     CASE seq WHEN 1 THEN 'providers' ELSE 'all' END, 'text', 'doctor', ${doctor}, now()
   FROM generate_series(1, 2) AS seq, ${numbers('speaks(n)')}`,
  `INSERT INTO chat_messages (id, thread_id, organization_id, seq, audience, kind, author_party, author_party_id, created_at)
   SELECT id_of('reply', n), id_of('ticket', n), ${organization}, 1, 'providers', 'text', 'doctor', ${doctor}, now()
   FROM ${numbers(`kind_of(n) = 'busy-ticket'`)}`,
];

/** `count` threads of the older system with what is there of their orders; a multiple of the kinds gives equal shares. */
export async function insertLegacyThreads(sql: Sql, count: number): Promise<LegacyWorld> {
  const numbers = (which: string) => `generate_series(0, ${count - 1}) AS n WHERE ${which}`;
  // Without foreign keys and triggers: what is inserted is known to be right.
  const statements = ['SET LOCAL session_replication_role = replica', ...functions, ...rows(numbers)];
  await sql(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
  await sql('ANALYZE healthcare_tickets, prescriptions, chat_threads, chat_members, chat_messages');
  const [world] = await sql<LegacyWorld & Record<string, string>>(
    `SELECT ${organization} AS organization, ${otherOrganization} AS "otherOrganization", ${doctor} AS doctor,
       ${pharmacy} AS pharmacy, ${otherPharmacy} AS "otherPharmacy"`,
  );
  if (world === undefined) throw new Error('no ids');
  return world;
}
