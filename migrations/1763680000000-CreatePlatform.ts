import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Outbox, effects and dead letters hold ids and codes only, so no row-level security. */
export class CreatePlatform1763680000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dead_letters, effects, outbox_events');
  }
}

const statements = [
  `CREATE TABLE outbox_events (
    id uuid PRIMARY KEY,
    event text,
    subscriber text NOT NULL,
    queue text NOT NULL,
    aggregate_id uuid,
    organization_id uuid,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    dispatched_at timestamptz,
    dispatch_no integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    done_at timestamptz,
    last_error text,
    dedupe_key text
  )`,
  `CREATE UNIQUE INDEX outbox_events_dedupe ON outbox_events (dedupe_key)`,
  `CREATE INDEX outbox_events_due ON outbox_events (queue, due_at) WHERE done_at IS NULL`,
  `CREATE INDEX outbox_events_aggregate ON outbox_events (aggregate_id) WHERE done_at IS NULL`,
  `CREATE TABLE dead_letters (
    id uuid PRIMARY KEY,
    outbox_id uuid NOT NULL,
    subscriber text NOT NULL,
    queue text NOT NULL,
    aggregate_id uuid,
    organization_id uuid,
    reason text NOT NULL,
    attempts integer NOT NULL,
    created_at timestamptz NOT NULL,
    redriven_at timestamptz,
    redriven_by uuid
  )`,
  `CREATE INDEX dead_letters_open ON dead_letters (organization_id, created_at) WHERE redriven_at IS NULL`,
  `CREATE INDEX dead_letters_aggregate ON dead_letters (aggregate_id)`,
  `CREATE TABLE effects (
    key text PRIMARY KEY,
    kind text NOT NULL,
    state text NOT NULL CONSTRAINT effects_state CHECK (state IN ('sent', 'confirmed', 'unknown', 'refused')),
    request_hash text NOT NULL,
    provider_id text,
    reply jsonb,
    error_code text,
    aggregate_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    attempts integer NOT NULL,
    resumed boolean NOT NULL DEFAULT false,
    held_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  `CREATE INDEX effects_unsettled ON effects (updated_at) WHERE state IN ('sent', 'unknown')`,
  `CREATE INDEX effects_aggregate ON effects (aggregate_id)`,
  `GRANT SELECT, UPDATE ON outbox_events TO pharmonico_relay`,
];
