import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Payments a cardholder's bank took back or asked about. */
export class CreateDisputes1763681601000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE disputes');
  }
}

const statements = [
  `CREATE TABLE disputes (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    invoice_id uuid NOT NULL REFERENCES invoices ON DELETE RESTRICT,
    payment_id uuid NOT NULL REFERENCES payments ON DELETE RESTRICT,
    provider_id text NOT NULL,
    status text NOT NULL CONSTRAINT disputes_status CHECK (status IN ('warning_needs_response', 'warning_under_review',
      'warning_closed', 'needs_response', 'under_review', 'prevented', 'won', 'lost')),
    reason text NOT NULL,
    amount_cents integer NOT NULL CONSTRAINT disputes_amount CHECK (amount_cents > 0),
    evidence_due_at timestamptz,
    opened_at timestamptz NOT NULL,
    reported_at timestamptz NOT NULL
  )`,
  `CREATE UNIQUE INDEX disputes_provider ON disputes (provider_id)`,
  `CREATE INDEX disputes_payment ON disputes (payment_id)`,
  `CREATE INDEX disputes_invoice ON disputes (invoice_id)`,
  ...forceRowSecurity('disputes', 'of-prescription'),
];
