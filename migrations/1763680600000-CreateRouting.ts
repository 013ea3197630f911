import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** What routing found, each time it was asked, and which pharmacy was taken from it: today's count of a pharmacy, too. */
export class CreateRouting1763680600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE recommendations');
  }
}

const statements = [
  `CREATE TABLE recommendations (
    id uuid PRIMARY KEY,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    order_version integer NOT NULL,
    ranked jsonb NOT NULL,
    excluded jsonb NOT NULL,
    named jsonb NOT NULL DEFAULT '{}',
    selected_pharmacy_id uuid,
    selected_at timestamptz
  )`,
  `CREATE INDEX recommendations_latest ON recommendations (prescription_id, requested_at DESC, id DESC)`,
  `CREATE INDEX recommendations_load ON recommendations (selected_pharmacy_id, selected_at)
    WHERE selected_pharmacy_id IS NOT NULL`,
  ...forceRowSecurity('recommendations', 'of-prescription'),
];
