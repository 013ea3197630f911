import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Since when a row that was handed out waits to be begun. Its `due_at` is the end of the lease by then, so that a queue nobody
 * works on looked as if nothing were late.
 */
export class OutboxWaitingSince1763681860000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox_events ADD COLUMN waiting_since timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox_events DROP COLUMN waiting_since');
  }
}
