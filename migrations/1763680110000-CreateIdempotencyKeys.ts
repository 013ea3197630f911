import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** First answers of requests that must not happen twice. Only the platform itself reads and writes them. */
export class CreateIdempotencyKeys1763680110000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_keys');
  }
}

const statements = [
  `CREATE TABLE idempotency_keys (
    id text PRIMARY KEY,
    caller_kind text NOT NULL CONSTRAINT idempotency_keys_caller_kind CHECK (caller_kind IN ('user', 'api-key')),
    caller_id uuid NOT NULL,
    body_hash text NOT NULL,
    status integer,
    body bytea,
    lease_id uuid NOT NULL,
    leased_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_answer CHECK ((status IS NULL) = (body IS NULL))
  )`,
  `CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at)`,
  ...forceRowSecurity('idempotency_keys', 'system'),
];
