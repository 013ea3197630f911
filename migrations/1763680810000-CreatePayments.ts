import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Invoices with numbers without gaps, one row per payment link, and what was given back. */
export class CreatePayments1763680810000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE refunds, payments, invoices, invoice_counters');
  }
}

const statements = [
  `CREATE TABLE invoice_counters (
    organization_id uuid PRIMARY KEY REFERENCES organizations ON DELETE RESTRICT,
    last integer NOT NULL
  )`,
  `CREATE TABLE invoices (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    number text NOT NULL,
    status text NOT NULL CONSTRAINT invoices_status
      CHECK (status IN ('draft', 'open', 'paid', 'void', 'refunded', 'partially_refunded')),
    amount_cents integer NOT NULL CONSTRAINT invoices_amount CHECK (amount_cents >= 0),
    currency text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL,
    paid_at timestamptz
  )`,
  `CREATE UNIQUE INDEX invoices_number ON invoices (organization_id, number)`,
  `CREATE UNIQUE INDEX invoices_standing ON invoices (prescription_id) WHERE status <> 'void'`,
  `CREATE INDEX invoices_newest ON invoices (organization_id, id DESC)`,
  `CREATE TABLE payments (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    invoice_id uuid NOT NULL REFERENCES invoices ON DELETE RESTRICT,
    provider text NOT NULL DEFAULT 'stripe',
    origin text NOT NULL CONSTRAINT payments_origin CHECK (origin IN ('request', 'renewal', 'manual')),
    attempt integer NOT NULL,
    status text NOT NULL CONSTRAINT payments_status
      CHECK (status IN ('created', 'open', 'paid', 'expired', 'failed', 'refunded')),
    session_id text,
    payment_intent_id text,
    url_sealed bytea,
    amount_cents integer NOT NULL CONSTRAINT payments_amount CHECK (amount_cents > 0),
    currency text NOT NULL,
    finding text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    checked_at timestamptz,
    paid_at timestamptz
  )`,
  `CREATE UNIQUE INDEX payments_attempt ON payments (prescription_id, attempt)`,
  `CREATE UNIQUE INDEX payments_session ON payments (session_id)`,
  `CREATE INDEX payments_intent ON payments (payment_intent_id)`,
  `CREATE INDEX payments_unsettled ON payments (checked_at) WHERE status = 'open'`,
  `CREATE TABLE refunds (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    invoice_id uuid NOT NULL REFERENCES invoices ON DELETE RESTRICT,
    payment_id uuid NOT NULL REFERENCES payments ON DELETE RESTRICT,
    kind text NOT NULL CONSTRAINT refunds_kind CHECK (kind IN ('requested', 'rest', 'outside')),
    amount_cents integer NOT NULL CONSTRAINT refunds_amount CHECK (amount_cents > 0),
    reason text NOT NULL,
    requested_by uuid,
    provider_id text,
    status text NOT NULL CONSTRAINT refunds_status CHECK (status IN ('created', 'pending', 'succeeded', 'failed')),
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz
  )`,
  `CREATE UNIQUE INDEX refunds_rest ON refunds (payment_id) WHERE kind = 'rest'`,
  `CREATE UNIQUE INDEX refunds_provider ON refunds (provider_id)`,
  `CREATE INDEX refunds_payment ON refunds (payment_id)`,
  `CREATE INDEX refunds_invoice ON refunds (invoice_id)`,
  `CREATE INDEX refunds_unsettled ON refunds (created_at) WHERE status = 'pending'`,
  ...forceRowSecurity('invoice_counters', 'organization'),
  ...forceRowSecurity('invoices', 'of-prescription'),
  ...forceRowSecurity('payments', 'of-prescription'),
  ...forceRowSecurity('refunds', 'of-prescription'),
];
