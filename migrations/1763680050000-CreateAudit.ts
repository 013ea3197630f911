import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Append-only: the app role may insert, and admins and auditors of the organization may read. Every role writes in its own
 * transaction, so inserting is not bound to a scope; reading is.
 */
export class CreateAudit1763680050000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_entries');
  }
}

const statements = [
  `CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    organization_id uuid,
    actor_kind text NOT NULL
      CONSTRAINT audit_entries_actor_kind CHECK (actor_kind IN ('user', 'api-key', 'system', 'webhook', 'anonymous')),
    actor_id uuid,
    actor_role text,
    action text NOT NULL,
    entity text NOT NULL,
    entity_ids uuid[] NOT NULL,
    outcome text NOT NULL CONSTRAINT audit_entries_outcome CHECK (outcome IN ('success', 'denied', 'failure')),
    reason text,
    request_id text,
    ip inet,
    occurred_at timestamptz NOT NULL,
    seq bigint
  )`,
  `CREATE INDEX audit_entries_by_time ON audit_entries (organization_id, occurred_at DESC, id DESC)`,
  `CREATE INDEX audit_entries_by_entity ON audit_entries USING gin (entity_ids)`,
  `CREATE INDEX audit_entries_by_actor ON audit_entries (organization_id, actor_id, occurred_at DESC)`,
  `ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY audit_entries_append ON audit_entries FOR INSERT WITH CHECK (true)`,
  `CREATE POLICY audit_entries_scope ON audit_entries FOR SELECT USING (
    NULLIF(current_setting('app.role', true), '') = 'system'
    OR (organization_id = NULLIF(current_setting('app.organization', true), '')::uuid
        AND NULLIF(current_setting('app.role', true), '') IN ('admin', 'auditor')))`,
  `REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM pharmonico_app`,
];
