import type { MigrationInterface, QueryRunner } from 'typeorm';
import { setting } from '../src/platform/db/row-security.js';

/**
 * The sealed chain of the audit trail, and a patient's right to see who looked at the own record. Nobody but the sealer numbers
 * an entry, it does so once, and nobody at all changes or deletes what is sealed: there is no grant for it.
 */
export class SealAudit1763681510000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...chain, ...rights, ...reading]) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of undone) await runner.query(sql);
  }
}

/** Entries without an organization form a chain of their own under this id. */
const nobody = `'00000000-0000-0000-0000-000000000000'::uuid`;
const organization = `${setting('organization')}::uuid`;

const chain = [
  `ALTER TABLE audit_entries ADD COLUMN hash bytea`,
  `ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_sealed CHECK ((seq IS NULL) = (hash IS NULL))`,
  `CREATE INDEX audit_entries_unsealed ON audit_entries (occurred_at, id) WHERE seq IS NULL`,
  `CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (coalesce(organization_id, ${nobody}), seq) WHERE seq IS NOT NULL`,
  `CREATE TABLE audit_anchors (
    chain uuid NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (chain, seq)
  )`,
  `ALTER TABLE audit_anchors ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE audit_anchors FORCE ROW LEVEL SECURITY`,
  `CREATE FUNCTION audit_link(previous bytea, head bytea, entry text) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(coalesce(previous, head) || convert_to(entry, 'UTF8'))`,
  // As an aggregate over an ordered window it walks a chain once; a recursive query would scan the batch for every entry.
  `CREATE AGGREGATE audit_chain(head bytea, entry text) (SFUNC = audit_link, STYPE = bytea)`,
];

const rights = [
  `ALTER POLICY audit_entries_append ON audit_entries WITH CHECK (seq IS NULL AND hash IS NULL)`,
  `GRANT SELECT, UPDATE (seq, hash) ON audit_entries TO pharmonico_sealer`,
  `CREATE POLICY audit_entries_look ON audit_entries FOR SELECT TO pharmonico_sealer USING (true)`,
  `CREATE POLICY audit_entries_seal ON audit_entries FOR UPDATE TO pharmonico_sealer
    USING (seq IS NULL) WITH CHECK (seq IS NOT NULL)`,
  `REVOKE ALL ON audit_anchors FROM pharmonico_app`,
  `GRANT SELECT, INSERT ON audit_anchors TO pharmonico_sealer`,
  `CREATE POLICY audit_anchors_look ON audit_anchors FOR SELECT TO pharmonico_sealer USING (true)`,
  `CREATE POLICY audit_anchors_append ON audit_anchors FOR INSERT TO pharmonico_sealer WITH CHECK (true)`,
];

/** Whatever an audit entry may name that is about this patient. Row-level security of each table holds inside, too. */
const recordIds = `CREATE FUNCTION patient_record_ids(patient uuid) RETURNS uuid[] LANGUAGE sql STABLE STRICT
  BEGIN ATOMIC
    WITH ordered AS (SELECT id, ticket_id FROM prescriptions WHERE patient_id = patient),
    tickets AS (
      SELECT ticket_id AS id FROM ordered UNION SELECT id FROM healthcare_tickets WHERE patient_id = patient),
    threads AS (SELECT t.id FROM chat_threads t JOIN tickets ON tickets.id = t.ticket_id)
    SELECT array_agg(own.id) FROM (
      SELECT patient AS id
      UNION SELECT id FROM ordered
      UNION SELECT id FROM tickets
      UNION SELECT id FROM threads
      UNION SELECT a.id FROM chat_attachments a JOIN threads ON threads.id = a.thread_id
      UNION SELECT id FROM coverages WHERE patient_id = patient
      ${['claims', 'shipments', 'notifications', 'invoices', 'payments']
        .map((table) => `UNION SELECT x.id FROM ${table} x JOIN ordered ON ordered.id = x.prescription_id`)
        .join('\n      ')}
    ) own;
  END`;

/**
 * Each arm can be answered by an index (by_time, by_entity): an arm that compares settings alone would make PostgreSQL read the
 * whole trail. For whom an arm is not meant, it compares with NULL.
 */
const staff = `organization_id = CASE WHEN ${setting('role')} IN ('admin', 'auditor') THEN ${organization} END`;
const patient = `organization_id = ${organization}
    AND entity_ids && (SELECT patient_record_ids(${setting('patient')}::uuid))
    AND action IN ('read', 'search', 'export') AND outcome = 'success'`;

const reading = [
  recordIds,
  `DROP POLICY audit_entries_scope ON audit_entries`,
  `CREATE POLICY audit_entries_scope ON audit_entries FOR SELECT TO pharmonico_app USING (${staff})`,
  `CREATE POLICY audit_entries_of_patient ON audit_entries FOR SELECT TO pharmonico_app USING (${patient})`,
];

const undone = [
  `DROP POLICY audit_entries_of_patient ON audit_entries`,
  `DROP POLICY audit_entries_scope ON audit_entries`,
  `CREATE POLICY audit_entries_scope ON audit_entries FOR SELECT USING (
    ${setting('role')} = 'system' OR (organization_id = ${organization} AND ${setting('role')} IN ('admin', 'auditor')))`,
  `DROP FUNCTION patient_record_ids(uuid)`,
  `DROP POLICY audit_entries_seal ON audit_entries`,
  `DROP POLICY audit_entries_look ON audit_entries`,
  `REVOKE ALL ON audit_entries FROM pharmonico_sealer`,
  `REVOKE UPDATE (seq, hash) ON audit_entries FROM pharmonico_sealer`,
  `ALTER POLICY audit_entries_append ON audit_entries WITH CHECK (true)`,
  `DROP AGGREGATE audit_chain(bytea, text)`,
  `DROP FUNCTION audit_link(bytea, bytea, text)`,
  `DROP TABLE audit_anchors`,
  `DROP INDEX audit_entries_unsealed, audit_entries_chain`,
  // The numbers mean nothing without their hashes.
  `ALTER TABLE audit_entries DROP COLUMN hash, DROP COLUMN seq`,
  `ALTER TABLE audit_entries ADD COLUMN seq bigint`,
];
