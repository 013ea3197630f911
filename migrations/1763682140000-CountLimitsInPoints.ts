import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The columns of `rate-limiter-flexible`. Counters last for minutes; those of this moment begin anew. */
export class CountLimitsInPoints1763682140000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('TRUNCATE rate_limits');
    await runner.query(`ALTER TABLE rate_limits DROP COLUMN count, DROP COLUMN window_ends_at,
      ADD COLUMN points integer NOT NULL, ADD COLUMN expire bigint NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('TRUNCATE rate_limits');
    await runner.query(`ALTER TABLE rate_limits DROP COLUMN points, DROP COLUMN expire,
      ADD COLUMN count integer NOT NULL, ADD COLUMN window_ends_at timestamptz NOT NULL`);
  }
}
