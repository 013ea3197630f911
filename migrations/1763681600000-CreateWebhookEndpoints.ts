import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity, setting, systemOnly } from '../src/platform/db/row-security.js';

/** Where integrators want to be told, what they were told with each try, and who listens to which event. */
export class CreateWebhookEndpoints1763681600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_delivery_attempts, webhook_deliveries, webhook_endpoints, event_listeners');
  }
}

const statements = [
  `CREATE TABLE event_listeners (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    subscriber text NOT NULL,
    event text NOT NULL,
    PRIMARY KEY (organization_id, subscriber, event)
  )`,
  // Whoever publishes must find the listeners, a patient or a doctor as well: names of events, nothing else.
  ...forceRowSecurity('event_listeners', {
    condition: `${systemOnly} OR organization_id = ${setting('organization')}::uuid`,
  }),
  `CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    url text NOT NULL,
    description text,
    events text[],
    secret_sealed bytea,
    previous_secret_sealed bytea,
    previous_valid_until timestamptz,
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_reason text CONSTRAINT webhook_endpoints_reason CHECK (disabled_reason IN ('failing', 'gone')),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT webhook_endpoints_disabling CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
    CONSTRAINT webhook_endpoints_secret CHECK ((deleted_at IS NULL) = (secret_sealed IS NOT NULL))
  )`,
  `CREATE INDEX webhook_endpoints_organization ON webhook_endpoints (organization_id, id) WHERE deleted_at IS NULL`,
  `CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE RESTRICT,
    event_id uuid NOT NULL,
    event text NOT NULL,
    body text NOT NULL,
    status text NOT NULL CONSTRAINT webhook_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed')),
    round integer NOT NULL DEFAULT 1,
    tries integer NOT NULL DEFAULT 0,
    failure_code text,
    next_attempt_at timestamptz,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT webhook_deliveries_end CHECK ((status = 'pending') = (ended_at IS NULL))
  )`,
  `CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (endpoint_id, event_id)`,
  `CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (endpoint_id, id)`,
  `CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at)`,
  `CREATE TABLE webhook_delivery_attempts (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    delivery_id uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    round integer NOT NULL,
    started_at timestamptz NOT NULL,
    outcome text NOT NULL CONSTRAINT webhook_delivery_attempts_outcome
      CHECK (outcome IN ('under-way', 'delivered', 'failed', 'interrupted')),
    status_code integer,
    failure_code text,
    duration_ms integer
  )`,
  `CREATE INDEX webhook_delivery_attempts_delivery ON webhook_delivery_attempts (delivery_id, id)`,
  ...['webhook_endpoints', 'webhook_deliveries', 'webhook_delivery_attempts'].flatMap((table) =>
    forceRowSecurity(table, 'organization'),
  ),
];
