import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The Idempotency-Key a refund was asked under stands with the refund: a key's stored answer may be lost, the money was given. */
export class AskRefundsOnce1763681870000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE refunds ADD COLUMN asked_as text');
    await runner.query('CREATE UNIQUE INDEX refunds_asked ON refunds (asked_as) WHERE asked_as IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE refunds DROP COLUMN asked_as');
  }
}
