import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When an event was handed to its handler once more, because it was parked at the moment its thing appeared. */
export class LookAtParkedAgain1763681890000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_events ADD COLUMN looked_again_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_events DROP COLUMN looked_again_at');
  }
}
