import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operations look events up by, how long handling took, and which parked ones have a ticket. */
export class SearchWebhooks1763681590000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE webhook_events ADD COLUMN duration_ms integer, ADD COLUMN ticket_id uuid, ADD COLUMN replay_id uuid',
    );
    await runner.query('CREATE INDEX webhook_events_of_source ON webhook_events (source, received_at DESC)');
    // Not jsonb_path_ops: an id is looked for under whatever name it stands.
    await runner.query(
      `CREATE INDEX webhook_events_related ON webhook_events USING gin (related) WHERE related <> '{}'::jsonb`,
    );
    await runner.query(
      'CREATE INDEX webhook_events_replayed ON webhook_events (replay_id) WHERE replay_id IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX webhook_events_replayed, webhook_events_related, webhook_events_of_source');
    await runner.query(
      'ALTER TABLE webhook_events DROP COLUMN duration_ms, DROP COLUMN ticket_id, DROP COLUMN replay_id',
    );
  }
}
