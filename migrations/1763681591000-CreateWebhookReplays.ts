import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Ranges of events that were handed to their handlers again. */
export class CreateWebhookReplays1763681591000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_replays');
  }
}

const statements = [
  `CREATE TABLE webhook_replays (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    unmatched boolean NOT NULL,
    source text NOT NULL,
    status text,
    event_type text,
    received_from timestamptz,
    received_to timestamptz NOT NULL,
    matching integer NOT NULL,
    handed_out integer NOT NULL DEFAULT 0,
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    handed_out_at timestamptz
  )`,
  ...forceRowSecurity('webhook_replays', 'organization'),
];
