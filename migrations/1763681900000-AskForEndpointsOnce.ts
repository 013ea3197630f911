import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The Idempotency-Key a webhook endpoint was asked for under stands with it: a key's stored answer may be lost, and two would be told everything twice. */
export class AskForEndpointsOnce1763681900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_endpoints ADD COLUMN asked_as text');
    await runner.query(
      'CREATE UNIQUE INDEX webhook_endpoints_asked ON webhook_endpoints (asked_as) WHERE asked_as IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_endpoints DROP COLUMN asked_as');
  }
}
