import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** What a cancel has undone so far: one row per finished step, so a crash in the middle goes on behind the last one. */
export class CreateCancellations1763681300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE cancellation_steps');
  }
}

const statements = [
  `CREATE TABLE cancellation_steps (
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    step text NOT NULL,
    organization_id uuid NOT NULL,
    outcome text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (prescription_id, step)
  )`,
  ...forceRowSecurity('cancellation_steps', 'of-prescription'),
];
