import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Payments a cardholder's bank took back or asked about, and what patients answer to text messages. */
export class KeepDisputesAndTexts1763681601000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE inbound_texts, disputes');
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
  `CREATE TABLE inbound_texts (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    patient_id uuid REFERENCES patients ON DELETE RESTRICT,
    notification_id uuid REFERENCES notifications ON DELETE RESTRICT,
    prescription_id uuid REFERENCES prescriptions ON DELETE RESTRICT,
    webhook_event_id uuid NOT NULL,
    meaning text NOT NULL CONSTRAINT inbound_texts_meaning
      CHECK (meaning IN ('stop', 'start', 'help', 'revocation', 'words')),
    body_sealed bytea NOT NULL,
    received_at timestamptz NOT NULL,
    handled_at timestamptz,
    handled_by uuid
  )`,
  `CREATE UNIQUE INDEX inbound_texts_once ON inbound_texts (webhook_event_id)`,
  `CREATE INDEX inbound_texts_newest ON inbound_texts (organization_id, id)`,
  `CREATE INDEX inbound_texts_open ON inbound_texts (organization_id, id) WHERE handled_at IS NULL`,
  ...forceRowSecurity('inbound_texts', 'organization'),
];
