import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happens while an endpoint is disabled is kept for it, and sent in order when its owner asks. */
export class HoldWebhooks1763681700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of down) await runner.query(sql);
  }
}

const checks = (statuses: string, open: string) => [
  `ALTER TABLE webhook_deliveries DROP CONSTRAINT webhook_deliveries_status, DROP CONSTRAINT webhook_deliveries_end`,
  `ALTER TABLE webhook_deliveries ADD CONSTRAINT webhook_deliveries_status CHECK (status IN (${statuses})),
     ADD CONSTRAINT webhook_deliveries_end CHECK ((${open}) = (ended_at IS NULL))`,
];

const up = [
  ...checks(`'pending', 'delivered', 'failed', 'held'`, `status IN ('pending', 'held')`),
  `CREATE INDEX webhook_deliveries_held ON webhook_deliveries (created_at) WHERE status = 'held'`,
  `CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (endpoint_id, event_id)
     WHERE status = 'pending' AND next_attempt_at IS NULL`,
  'ALTER TABLE webhook_endpoints ADD COLUMN recovering_id uuid',
  // Organizations were not listened to for disabled endpoints.
  `INSERT INTO event_listeners (organization_id, subscriber, event)
     SELECT organization_id, 'webhook-endpoints.hear', unnest(coalesce(events, ARRAY['*'])) FROM webhook_endpoints
     WHERE deleted_at IS NULL AND disabled_at IS NOT NULL
   ON CONFLICT DO NOTHING`,
];

const down = [
  'ALTER TABLE webhook_endpoints DROP COLUMN recovering_id',
  'DROP INDEX webhook_deliveries_waiting, webhook_deliveries_held',
  `DELETE FROM webhook_deliveries WHERE status = 'held' OR (status = 'pending' AND next_attempt_at IS NULL)`,
  ...checks(`'pending', 'delivered', 'failed'`, `status = 'pending'`),
];
