import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity, ownParty, setting, staffOnly, systemOnly } from '../src/platform/db/row-security.js';

/**
 * The ticket as the hub: what is said on it, by whom, for whom, and what happened to it. A ticket and its thread are made by
 * one statement, whoever opens the ticket: a trigger keeps thread and members what the ticket says they are.
 */
export class CreateThreads1763681500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...tickets, ...threads, ...messages, ...events, ...triggers, ...backfill])
      await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of undo) await runner.query(sql);
  }
}

/** A pharmacy sees a ticket from the moment its prescription was sent; everybody else sees theirs from the start. */
const ticketCondition = `${systemOnly} OR ${staffOnly} OR (organization_id = ${setting('organization')}::uuid AND (
  primary_provider_id = ${setting('provider')}::uuid
  OR patient_id = ${setting('patient')}::uuid
  OR (secondary_provider_id = ${setting('pharmacy')}::uuid AND sent_at IS NOT NULL)))`;

const tickets = [
  `ALTER TABLE healthcare_tickets
    ADD COLUMN origin text NOT NULL DEFAULT 'intake'
      CONSTRAINT healthcare_tickets_origin CHECK (origin IN ('intake', 'desk', 'backfill')),
    ADD COLUMN priority text NOT NULL DEFAULT 'normal'
      CONSTRAINT healthcare_tickets_priority CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    ADD COLUMN assignee_id uuid REFERENCES users ON DELETE SET NULL,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN status_since timestamptz,
    ADD COLUMN sent_at timestamptz,
    ADD COLUMN pharmacy_finding jsonb,
    ADD CONSTRAINT healthcare_tickets_type
      CHECK (ticket_type IN ('prescription', 'lab_request', 'referral', 'refill', 'support'))`,
  `SELECT set_config('app.role', 'system', true)`,
  `UPDATE healthcare_tickets SET status_since = updated_at,
     sent_at = CASE WHEN status IN ('sent', 'received', 'processing', 'ready', 'closed') THEN updated_at END`,
  `ALTER TABLE healthcare_tickets ALTER COLUMN status_since SET NOT NULL`,
  // One open ticket for an appointment, doctor, pharmacy and patient: fifty calls at once find one another here.
  `CREATE UNIQUE INDEX healthcare_tickets_one_open ON healthcare_tickets (organization_id, ticket_type,
     coalesce(appointment_id, '00000000-0000-0000-0000-000000000000'), primary_provider_id,
     coalesce(secondary_provider_id, '00000000-0000-0000-0000-000000000000'), patient_id)
   WHERE origin = 'desk' AND status NOT IN ('closed', 'cancelled')`,
  `CREATE INDEX healthcare_tickets_at_pharmacy ON healthcare_tickets (secondary_provider_id, created_at DESC, id DESC)`,
  `CREATE INDEX healthcare_tickets_of_doctor ON healthcare_tickets (primary_provider_id, created_at DESC, id DESC)`,
  `CREATE INDEX healthcare_tickets_of_patient ON healthcare_tickets (patient_id, created_at DESC, id DESC)`,
  `CREATE INDEX healthcare_tickets_prescription ON healthcare_tickets (prescription_id)`,
  `ALTER POLICY healthcare_tickets_scope ON healthcare_tickets USING (${ticketCondition}) WITH CHECK (${ticketCondition})`,
];

const ticketIsSeen = 'EXISTS (SELECT 1 FROM healthcare_tickets seen WHERE seen.id = ticket_id)';
const threadIsSeen = 'EXISTS (SELECT 1 FROM chat_threads seen WHERE seen.id = thread_id)';

const threads = [
  `CREATE TABLE chat_threads (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    ticket_id uuid CONSTRAINT chat_threads_one_per_ticket UNIQUE REFERENCES healthcare_tickets ON DELETE RESTRICT,
    order_id text,
    order_type text,
    title text,
    metadata jsonb NOT NULL DEFAULT '{}',
    last_seq bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  `CREATE INDEX chat_threads_order ON chat_threads (order_id, (metadata ->> 'target_id'))`,
  `CREATE INDEX chat_threads_unlinked ON chat_threads (id) WHERE ticket_id IS NULL`,
  ...forceRowSecurity('chat_threads', {
    condition: `${systemOnly} OR ${staffOnly} OR ${ticketIsSeen}
      OR (ticket_id IS NULL AND organization_id = ${setting('organization')}::uuid
          AND metadata ->> 'target_id' = ${setting('pharmacy')})`,
  }),
  `CREATE TABLE chat_members (
    thread_id uuid NOT NULL REFERENCES chat_threads ON DELETE RESTRICT,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    party text NOT NULL CONSTRAINT chat_members_party CHECK (party IN ('doctor', 'pharmacy', 'patient', 'ops')),
    party_id uuid NOT NULL,
    joined_at timestamptz NOT NULL,
    left_at timestamptz,
    PRIMARY KEY (thread_id, party, party_id)
  )`,
  ...forceRowSecurity('chat_members', { condition: `${systemOnly} OR ${staffOnly} OR ${threadIsSeen}` }),
  `CREATE TABLE chat_reads (
    thread_id uuid NOT NULL REFERENCES chat_threads ON DELETE RESTRICT,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    party text NOT NULL CONSTRAINT chat_reads_party CHECK (party IN ('doctor', 'pharmacy', 'patient', 'ops')),
    last_read_seq bigint NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (thread_id, user_id)
  )`,
  ...forceRowSecurity('chat_reads', { condition: `${systemOnly} OR ${staffOnly} OR ${threadIsSeen}` }),
];

/**
 * Who reads a message beside being on its ticket: `providers` is doctor, pharmacy and the organization, `all` the patient
 * too, `internal` the author's own house.
 */
const audienceCondition = `${systemOnly} OR (${threadIsSeen} AND (
  audience = 'all'
  OR (audience = 'providers' AND ${setting('role')} IN ('doctor', 'pharmacy', 'ops', 'admin', 'integrator'))
  OR (audience = 'internal' AND ${ownParty('author_party', 'author_party_id')})))`;
const messageIsSeen = 'EXISTS (SELECT 1 FROM chat_messages seen WHERE seen.id = message_id)';

const messages = [
  `CREATE TABLE chat_messages (
    id uuid PRIMARY KEY,
    thread_id uuid NOT NULL REFERENCES chat_threads ON DELETE RESTRICT,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    seq bigint NOT NULL,
    audience text NOT NULL CONSTRAINT chat_messages_audience CHECK (audience IN ('providers', 'all', 'internal')),
    kind text NOT NULL CONSTRAINT chat_messages_kind CHECK (kind IN ('text', 'system')),
    author_party text NOT NULL
      CONSTRAINT chat_messages_author CHECK (author_party IN ('doctor', 'pharmacy', 'patient', 'ops', 'system')),
    author_party_id uuid,
    author_user_id uuid REFERENCES users ON DELETE SET NULL,
    body_sealed bytea,
    code text,
    status_ref text,
    client_message_id text,
    request_hash text,
    blocks boolean NOT NULL DEFAULT false,
    awaits text CONSTRAINT chat_messages_awaits CHECK (awaits IN ('doctor', 'pharmacy', 'patient', 'ops')),
    answers uuid REFERENCES chat_messages ON DELETE RESTRICT,
    answered_at timestamptz,
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    deleted_at timestamptz,
    CONSTRAINT chat_messages_order UNIQUE (thread_id, seq)
  )`,
  `CREATE UNIQUE INDEX chat_messages_sent_once ON chat_messages (thread_id, author_user_id, client_message_id)
   WHERE client_message_id IS NOT NULL`,
  `CREATE INDEX chat_messages_open_questions ON chat_messages (thread_id) WHERE blocks AND answered_at IS NULL`,
  ...forceRowSecurity('chat_messages', { condition: audienceCondition }),
  `CREATE TABLE chat_message_versions (
    message_id uuid NOT NULL REFERENCES chat_messages ON DELETE RESTRICT,
    version integer NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    body_sealed bytea,
    change text NOT NULL CONSTRAINT chat_message_versions_change CHECK (change IN ('edited', 'deleted')),
    changed_by uuid,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, version)
  )`,
  ...forceRowSecurity('chat_message_versions', { condition: `${systemOnly} OR ${messageIsSeen}` }),
  `REVOKE UPDATE, DELETE ON chat_message_versions FROM pharmonico_app`,
  `CREATE TABLE chat_attachments (
    id uuid PRIMARY KEY,
    thread_id uuid NOT NULL REFERENCES chat_threads ON DELETE RESTRICT,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    message_id uuid REFERENCES chat_messages ON DELETE RESTRICT,
    uploaded_by uuid REFERENCES users ON DELETE SET NULL,
    file_key text NOT NULL,
    media_type text NOT NULL,
    size_bytes bigint NOT NULL,
    name_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
  )`,
  `CREATE INDEX chat_attachments_message ON chat_attachments (message_id)`,
  `CREATE INDEX chat_attachments_file_key ON chat_attachments (file_key)`,
  // Not yet part of a message: the one who uploaded it.
  ...forceRowSecurity('chat_attachments', {
    condition: `${systemOnly} OR ${messageIsSeen} OR (message_id IS NULL AND uploaded_by = ${setting('user')}::uuid AND ${threadIsSeen})`,
  }),
];

const events = [
  `CREATE TABLE ticket_events (
    id uuid PRIMARY KEY,
    ticket_id uuid NOT NULL REFERENCES healthcare_tickets ON DELETE RESTRICT,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    code text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text,
    trigger text NOT NULL,
    reason text,
    details jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL
  )`,
  `CREATE INDEX ticket_events_ticket ON ticket_events (ticket_id, occurred_at, id)`,
  ...forceRowSecurity('ticket_events', { condition: `${systemOnly} OR ${staffOnly} OR ${ticketIsSeen}` }),
  // What happened is never edited.
  `REVOKE UPDATE, DELETE ON ticket_events FROM pharmonico_app`,
];

const triggers = [
  // Who left stays in the list with its time: what it wrote is still its own.
  `CREATE FUNCTION keep_ticket_thread(ticket healthcare_tickets) RETURNS void LANGUAGE plpgsql AS $$
   DECLARE
     parties jsonb := jsonb_strip_nulls(
       jsonb_build_object('prescription_id', ticket.prescription_id, 'target_id', ticket.secondary_provider_id));
     thread uuid;
   BEGIN
     INSERT INTO chat_threads AS t (id, organization_id, ticket_id, order_id, order_type, title, metadata, created_at, updated_at)
     VALUES (ticket.id, ticket.organization_id, ticket.id, ticket.prescription_id::text, ticket.ticket_type,
       initcap(replace(ticket.ticket_type, '_', ' ')), parties, ticket.created_at, ticket.updated_at)
     ON CONFLICT (ticket_id) DO UPDATE SET order_id = coalesce(t.order_id, EXCLUDED.order_id),
       metadata = t.metadata || parties, updated_at = EXCLUDED.updated_at
     RETURNING id INTO thread;
     UPDATE chat_members m SET left_at = ticket.updated_at
     WHERE m.thread_id = thread AND m.left_at IS NULL AND m.party_id IS DISTINCT FROM (CASE m.party
       WHEN 'doctor' THEN ticket.primary_provider_id WHEN 'pharmacy' THEN ticket.secondary_provider_id
       WHEN 'patient' THEN ticket.patient_id ELSE ticket.organization_id END);
     INSERT INTO chat_members (thread_id, organization_id, party, party_id, joined_at)
     SELECT thread, ticket.organization_id, party, party_id, ticket.updated_at
     FROM (VALUES ('doctor', ticket.primary_provider_id), ('pharmacy', ticket.secondary_provider_id),
       ('patient', ticket.patient_id), ('ops', ticket.organization_id)) AS parties(party, party_id)
     WHERE party_id IS NOT NULL
     ON CONFLICT (thread_id, party, party_id) DO UPDATE SET left_at = NULL WHERE chat_members.left_at IS NOT NULL;
   END $$`,
  `CREATE FUNCTION follow_ticket_parties() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM keep_ticket_thread(NEW); RETURN NULL; END $$`,
  // A ticket of an intake has nobody to talk yet: its thread comes with its first party.
  `CREATE TRIGGER healthcare_tickets_opened AFTER INSERT ON healthcare_tickets
   FOR EACH ROW WHEN (NEW.origin <> 'intake') EXECUTE FUNCTION follow_ticket_parties()`,
  `CREATE TRIGGER healthcare_tickets_parties
   AFTER UPDATE OF primary_provider_id, secondary_provider_id, patient_id, prescription_id ON healthcare_tickets
   FOR EACH ROW WHEN ((OLD.primary_provider_id, OLD.secondary_provider_id, OLD.patient_id, OLD.prescription_id)
     IS DISTINCT FROM (NEW.primary_provider_id, NEW.secondary_provider_id, NEW.patient_id, NEW.prescription_id))
   EXECUTE FUNCTION follow_ticket_parties()`,
];

/** Tickets of before get theirs; forced policies bind the owner too, so it says who it is. */
const backfill = [
  `SELECT set_config('app.role', 'system', true)`,
  `SELECT keep_ticket_thread(t) FROM healthcare_tickets t`,
];

const undo = [
  'DROP TRIGGER healthcare_tickets_parties ON healthcare_tickets',
  'DROP TRIGGER healthcare_tickets_opened ON healthcare_tickets',
  'DROP FUNCTION follow_ticket_parties()',
  'DROP FUNCTION keep_ticket_thread(healthcare_tickets)',
  ...['ticket_events', 'chat_attachments', 'chat_message_versions', 'chat_messages'].map(
    (name) => `DROP TABLE ${name}`,
  ),
  ...['chat_reads', 'chat_members', 'chat_threads'].map((name) => `DROP TABLE ${name}`),
  `DROP POLICY healthcare_tickets_scope ON healthcare_tickets`,
  ...forceRowSecurity('healthcare_tickets', 'parties', {
    provider_id: 'primary_provider_id',
    pharmacy_id: 'secondary_provider_id',
  }),
  ...['one_open', 'at_pharmacy', 'of_doctor', 'of_patient', 'prescription'].map(
    (name) => `DROP INDEX healthcare_tickets_${name}`,
  ),
  `ALTER TABLE healthcare_tickets DROP CONSTRAINT healthcare_tickets_type, DROP COLUMN origin, DROP COLUMN priority,
     DROP COLUMN assignee_id, DROP COLUMN snoozed_until, DROP COLUMN status_since, DROP COLUMN sent_at,
     DROP COLUMN pharmacy_finding`,
];
