import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Accounts, their sign-ins, keys of programs, and the counters that slow down guessing. Secrets are stored as digests only. */
export class CreateAuth1763680100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rate_limits, api_keys, refresh_tokens, sessions, users');
  }
}

const statements = [
  `CREATE TABLE users (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    email text NOT NULL CONSTRAINT users_email_lower CHECK (email = lower(email)),
    password_hash text NOT NULL,
    role text NOT NULL CONSTRAINT users_role CHECK (role IN ('patient', 'doctor', 'pharmacy', 'ops', 'admin', 'auditor')),
    provider_id uuid,
    pharmacy_id uuid,
    patient_id uuid,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  `CREATE UNIQUE INDEX users_email ON users (email)`,
  `CREATE INDEX users_organization ON users (organization_id, id)`,
  `CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL CONSTRAINT sessions_user REFERENCES users,
    kind text NOT NULL CONSTRAINT sessions_kind CHECK (kind IN ('token', 'page')),
    cookie_hash text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text
  )`,
  `CREATE UNIQUE INDEX sessions_cookie ON sessions (cookie_hash) WHERE cookie_hash IS NOT NULL`,
  `CREATE INDEX sessions_user_open ON sessions (user_id) WHERE revoked_at IS NULL`,
  `CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL CONSTRAINT refresh_tokens_session REFERENCES sessions,
    token_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
  )`,
  `CREATE UNIQUE INDEX refresh_tokens_hash ON refresh_tokens (token_hash)`,
  `CREATE INDEX refresh_tokens_session_id ON refresh_tokens (session_id)`,
  `CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    key_hash text NOT NULL,
    scopes text[] NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
  )`,
  `CREATE UNIQUE INDEX api_keys_hash ON api_keys (key_hash)`,
  `CREATE INDEX api_keys_organization ON api_keys (organization_id, id)`,
  `CREATE TABLE rate_limits (
    key text PRIMARY KEY,
    count integer NOT NULL,
    window_ends_at timestamptz NOT NULL
  )`,
  ...forceRowSecurity('users', 'organization'),
  ...forceRowSecurity('sessions', 'organization'),
  ...forceRowSecurity('refresh_tokens', 'system'),
  ...forceRowSecurity('api_keys', 'organization'),
  ...forceRowSecurity('rate_limits', 'system'),
];
