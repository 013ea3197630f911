import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Organizations, patients, providers, pharmacies and drugs. Contact data of patients is sealed; digests find it again. */
export class CreateDirectory1763680200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE patient_reviews, patients, providers, pharmacies, drugs, organizations');
  }
}

const paths = `('full', 'cash', 'direct')`;

/** Doctor, pharmacy and patient read who is who; only staff of the organization writes. */
const isParty = ['provider', 'pharmacy', 'patient']
  .map((party) => `NULLIF(current_setting('app.${party}', true), '') IS NOT NULL`)
  .join(' OR ');

const statements = [
  `CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    brand text NOT NULL,
    default_path text NOT NULL DEFAULT 'full' CONSTRAINT organizations_path CHECK (default_path IN ${paths}),
    auto_enrollment boolean NOT NULL DEFAULT true,
    support_phone text,
    time_zone text NOT NULL DEFAULT 'America/New_York',
    created_at timestamptz NOT NULL
  )`,
  `CREATE TABLE patients (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    external_id text,
    first_name text NOT NULL,
    last_name text NOT NULL,
    gender text,
    state text,
    profile_sealed bytea NOT NULL,
    email_index text,
    phone_index text,
    email_birth_index text,
    phone_birth_index text,
    name_birth_zip_index text,
    preferred_pharmacy_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  `CREATE UNIQUE INDEX patients_external ON patients (organization_id, external_id) WHERE external_id IS NOT NULL`,
  `CREATE INDEX patients_email_birth ON patients (organization_id, email_birth_index)`,
  `CREATE INDEX patients_phone_birth ON patients (organization_id, phone_birth_index)`,
  `CREATE INDEX patients_name_birth_zip ON patients (organization_id, name_birth_zip_index)`,
  `CREATE INDEX patients_email ON patients (organization_id, email_index)`,
  `CREATE INDEX patients_phone ON patients (organization_id, phone_index)`,
  `CREATE TABLE patient_reviews (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    patient_id uuid NOT NULL REFERENCES patients,
    other_patient_id uuid NOT NULL REFERENCES patients,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by uuid,
    resolution text,
    CONSTRAINT patient_reviews_pair UNIQUE (patient_id, other_patient_id, reason)
  )`,
  `CREATE TABLE providers (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    npi text NOT NULL,
    dea text,
    spi text,
    first_name text NOT NULL,
    last_name text NOT NULL,
    email text,
    phone text,
    created_at timestamptz NOT NULL,
    CONSTRAINT providers_npi UNIQUE (organization_id, npi)
  )`,
  `CREATE TABLE pharmacies (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL,
    npi text NOT NULL,
    ncpdp_id text NOT NULL,
    kind text NOT NULL CONSTRAINT pharmacies_kind CHECK (kind IN ('platform_label', 'partner')),
    phone text,
    street text NOT NULL,
    city text NOT NULL,
    state text NOT NULL,
    zip text NOT NULL,
    time_zone text NOT NULL,
    licensed_states text[] NOT NULL,
    schedules text[] NOT NULL,
    forms text[] NOT NULL,
    specialty boolean NOT NULL DEFAULT false,
    networks jsonb NOT NULL DEFAULT '{}',
    open_for_orders boolean NOT NULL DEFAULT true,
    daily_capacity integer NOT NULL,
    turnaround_hours integer NOT NULL,
    dispensing_fee_cents integer NOT NULL,
    price_factor numeric(6,3) NOT NULL DEFAULT 1,
    lifefile_practice_id text,
    created_at timestamptz NOT NULL,
    CONSTRAINT pharmacies_ncpdp UNIQUE (organization_id, ncpdp_id)
  )`,
  `CREATE TABLE drugs (
    ndc text PRIMARY KEY,
    name text NOT NULL,
    generic_name text NOT NULL,
    strength text NOT NULL,
    form text NOT NULL,
    unit text NOT NULL,
    schedule text CONSTRAINT drugs_schedule CHECK (schedule IN ('II', 'III', 'IV', 'V')),
    specialty boolean NOT NULL DEFAULT false,
    unit_price_cents integer NOT NULL,
    created_at timestamptz NOT NULL
  )`,
  ...forceRowSecurity('patients', 'organization'),
  `CREATE POLICY patients_own ON patients USING (id = NULLIF(current_setting('app.patient', true), '')::uuid)`,
  ...forceRowSecurity('patient_reviews', 'organization'),
  ...['pharmacies', 'providers'].flatMap((table) => [
    ...forceRowSecurity(table, 'organization'),
    `CREATE POLICY ${table}_seen_by_parties ON ${table} FOR SELECT USING (${isParty})`,
  ]),
];
