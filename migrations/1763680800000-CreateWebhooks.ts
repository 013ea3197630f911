import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** The inbox of everything vendors tell us: kept sealed, byte for byte, once per event of theirs. */
export class CreateWebhooks1763680800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_events');
  }
}

const role = `NULLIF(current_setting('app.role', true), '')`;
const organization = `NULLIF(current_setting('app.organization', true), '')::uuid`;

const statements = [
  `CREATE TABLE webhook_events (
    id uuid PRIMARY KEY,
    organization_id uuid,
    source text NOT NULL,
    dedupe_key text NOT NULL,
    event_type text NOT NULL,
    status text NOT NULL CONSTRAINT webhook_events_status
      CHECK (status IN ('received', 'processed', 'parked', 'failed', 'ignored')),
    raw_sealed bytea NOT NULL,
    headers_sealed bytea NOT NULL,
    content_type text,
    received_at timestamptz NOT NULL,
    processed_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    error_code text,
    related jsonb NOT NULL DEFAULT '{}'
  )`,
  `CREATE UNIQUE INDEX webhook_events_once ON webhook_events (source, dedupe_key)`,
  `CREATE INDEX webhook_events_newest ON webhook_events (organization_id, id DESC)`,
  `CREATE INDEX webhook_events_parked ON webhook_events (source) WHERE status = 'parked'`,
  ...forceRowSecurity('webhook_events', 'system'),
  // An event nobody could be matched with yet has no organization, and somebody must see that it lies there. Its content stays sealed.
  `CREATE POLICY webhook_events_read ON webhook_events FOR SELECT USING (
    (${role} IN ('ops', 'admin', 'integrator') AND organization_id = ${organization})
    OR (${role} IN ('ops', 'admin') AND organization_id IS NULL))`,
];
