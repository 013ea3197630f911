import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/**
 * Who pays for a patient's medicine, what the patient agreed to, and the magic links through which both are said. Secrets
 * (tokens, codes) stand here as digests; what a message still has to carry is sealed and deleted once it is of no use.
 */
export class CreateEnrollment1763680500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE enrollment_codes, enrollment_sessions, enrollment_links, consents, coverages');
  }
}

const own = (table: string) =>
  `CREATE POLICY ${table}_own ON ${table} FOR SELECT
    USING (patient_id = NULLIF(current_setting('app.patient', true), '')::uuid)`;

const statements = [
  `CREATE TABLE coverages (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patients ON DELETE RESTRICT,
    kind text NOT NULL CONSTRAINT coverages_kind CHECK (kind IN ('insurance', 'cash')),
    bin text,
    pcn text,
    group_id text,
    person_code text,
    relationship text CONSTRAINT coverages_relationship CHECK (relationship IN ('1', '2', '3', '4')),
    cardholder_id_sealed bytea,
    payer_name text,
    government boolean NOT NULL DEFAULT false,
    front_key text,
    back_key text,
    active_from timestamptz NOT NULL,
    ended_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT coverages_card CHECK (kind = 'cash' OR (bin IS NOT NULL AND cardholder_id_sealed IS NOT NULL))
  )`,
  `CREATE UNIQUE INDEX coverages_current ON coverages (patient_id) WHERE ended_at IS NULL`,
  `CREATE INDEX coverages_of_patient ON coverages (patient_id, active_from DESC, id DESC)`,
  `CREATE TABLE consents (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patients ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    text_version text NOT NULL,
    text_sha256 text NOT NULL,
    accepted_at timestamptz NOT NULL,
    ip_digest text,
    user_agent_digest text
  )`,
  `CREATE INDEX consents_of_patient ON consents (patient_id, accepted_at DESC, id DESC)`,
  `CREATE TABLE enrollment_links (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patients ON DELETE RESTRICT,
    token_hash text NOT NULL,
    token_sealed bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_at timestamptz,
    failed_tries integer NOT NULL DEFAULT 0,
    locked_at timestamptz
  )`,
  `CREATE UNIQUE INDEX enrollment_links_token ON enrollment_links (token_hash)`,
  `CREATE UNIQUE INDEX enrollment_links_open ON enrollment_links (prescription_id)
    WHERE revoked_at IS NULL AND used_at IS NULL`,
  `CREATE INDEX enrollment_links_newest ON enrollment_links (prescription_id, created_at DESC, id DESC)`,
  `CREATE INDEX enrollment_links_readable ON enrollment_links (expires_at) WHERE token_sealed IS NOT NULL`,
  `CREATE TABLE enrollment_sessions (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    link_id uuid NOT NULL REFERENCES enrollment_links ON DELETE RESTRICT,
    token_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    code_verified_at timestamptz,
    draft_sealed bytea,
    front_key text,
    back_key text
  )`,
  `CREATE UNIQUE INDEX enrollment_sessions_token ON enrollment_sessions (token_hash)`,
  `CREATE INDEX enrollment_sessions_ending ON enrollment_sessions (expires_at)`,
  `CREATE TABLE enrollment_codes (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    session_id uuid NOT NULL REFERENCES enrollment_sessions ON DELETE CASCADE,
    channel text NOT NULL CONSTRAINT enrollment_codes_channel CHECK (channel IN ('sms', 'email')),
    code_hash text NOT NULL,
    code_sealed bytea,
    tries integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
  )`,
  `CREATE UNIQUE INDEX enrollment_codes_open ON enrollment_codes (session_id) WHERE ended_at IS NULL`,
  ...forceRowSecurity('coverages', 'organization'),
  own('coverages'),
  ...forceRowSecurity('consents', 'organization'),
  own('consents'),
  ...forceRowSecurity('enrollment_links', 'of-prescription'),
  ...forceRowSecurity('enrollment_sessions', 'system'),
  ...forceRowSecurity('enrollment_codes', 'system'),
];
