import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a job has been told to come later, and when a refund was last asked about. */
export class CountPatience1763681975000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox_events ADD COLUMN postponed_since timestamptz');
    await runner.query('ALTER TABLE refunds ADD COLUMN checked_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE refunds DROP COLUMN checked_at');
    await runner.query('ALTER TABLE outbox_events DROP COLUMN postponed_since');
  }
}
