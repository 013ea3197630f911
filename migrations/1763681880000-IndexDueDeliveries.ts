import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every hour deliveries are looked for that were due long ago: few are pending, many are kept. */
export class IndexDueDeliveries1763681880000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX webhook_deliveries_due');
  }
}
