import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Prescriptions a CancelRx may mean that named no message of ours: for a person to decide. */
export class CreateCancelSuggestions1763681450000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE cancel_suggestions');
  }
}

const statements = [
  `CREATE TABLE cancel_suggestions (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    message_id uuid NOT NULL REFERENCES intake_messages ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    suggested_at timestamptz NOT NULL
  )`,
  `CREATE INDEX cancel_suggestions_prescription ON cancel_suggestions (prescription_id)`,
  `CREATE INDEX cancel_suggestions_organization ON cancel_suggestions (organization_id, id)`,
  ...forceRowSecurity('cancel_suggestions', 'organization'),
];
