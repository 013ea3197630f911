import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/**
 * What each body about a written prescription told, as orders and subscriptions have it: of several bodies the latest that tells
 * a thing counts, and what only one of them tells is kept. Of what is there already one body was kept.
 */
export class KeepPrescriptionReports1763682045000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE external_prescription_reports');
  }
}

const told = 'contact_id, order_reference, drug_name, quantity, status, digest, written_at, webhook_event_id';

const up = [
  `CREATE TABLE external_prescription_reports (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    external_prescription_id uuid NOT NULL REFERENCES external_prescriptions ON DELETE RESTRICT,
    contact_id uuid REFERENCES customer_contacts ON DELETE RESTRICT,
    order_reference text,
    drug_name text,
    quantity text,
    status text,
    digest text NOT NULL,
    written_at timestamptz NOT NULL,
    webhook_event_id uuid NOT NULL,
    CONSTRAINT external_prescription_reports_once UNIQUE (external_prescription_id, digest)
  )`,
  `INSERT INTO external_prescription_reports (id, organization_id, external_prescription_id, ${told})
   SELECT id, organization_id, id, ${told} FROM external_prescriptions`,
  ...forceRowSecurity('external_prescription_reports', 'organization'),
];
