import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Claims, what was changed before each retry, prior authorizations, and the coupons an organization may bill. */
export class CreateAdjudication1763680700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE prior_authorizations, claim_corrections, claims, coupons');
  }
}

const statements = [
  `CREATE TABLE claims (
    id uuid PRIMARY KEY,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL,
    pharmacy_id uuid NOT NULL,
    attempt integer NOT NULL,
    payer_order text NOT NULL CONSTRAINT claims_payer_order CHECK (payer_order IN ('primary', 'secondary', 'cash')),
    bin text,
    pcn text,
    transaction_code text NOT NULL CONSTRAINT claims_transaction CHECK (transaction_code IN ('B1', 'B2')),
    state text NOT NULL CONSTRAINT claims_state
      CHECK (state IN ('submitted', 'paid', 'rejected', 'reversed', 'unknown')),
    date_of_service date NOT NULL,
    authorization_number text,
    submitted_cents integer,
    cash_price_cents integer,
    patient_pay_cents integer,
    plan_pay_cents integer,
    deductible_cents integer,
    copay_cents integer,
    coinsurance_cents integer,
    reject_codes text[] NOT NULL DEFAULT '{}',
    reject_class text,
    next_step text,
    conflict boolean NOT NULL DEFAULT false,
    next_fill_date date,
    coupon_decision text,
    messages_sealed bytea,
    request_sealed bytea,
    request_hash text,
    created_at timestamptz NOT NULL,
    answered_at timestamptz,
    reversed_at timestamptz,
    CONSTRAINT claims_attempt UNIQUE (prescription_id, attempt, payer_order)
  )`,
  `CREATE TABLE claim_corrections (
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    attempt integer NOT NULL,
    organization_id uuid NOT NULL,
    pay_cash boolean NOT NULL DEFAULT false,
    prior_auth_number text,
    dur_reason text,
    dur_service text,
    dur_result text,
    created_by text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (prescription_id, attempt)
  )`,
  `CREATE TABLE prior_authorizations (
    id uuid PRIMARY KEY,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL,
    claim_id uuid NOT NULL REFERENCES claims ON DELETE RESTRICT,
    status text NOT NULL CONSTRAINT prior_authorizations_status
      CHECK (status IN ('opened', 'in_process', 'approved', 'denied')),
    number text,
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT prior_authorizations_one UNIQUE (prescription_id)
  )`,
  `CREATE TABLE coupons (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    ndc text NOT NULL,
    bin text NOT NULL,
    pcn text NOT NULL,
    group_id text,
    cardholder_prefix text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    CONSTRAINT coupons_one UNIQUE (organization_id, ndc)
  )`,
  ...forceRowSecurity('claims', 'of-prescription'),
  ...forceRowSecurity('claim_corrections', 'of-prescription'),
  ...forceRowSecurity('prior_authorizations', 'of-prescription'),
  ...forceRowSecurity('coupons', 'organization'),
];
