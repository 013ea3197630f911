import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The day a prescriber dated the fill for: claim and hand-over wait for it. */
export class KeepEarliestFill1763681820000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE prescriptions ADD COLUMN earliest_fill_date date');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE prescriptions DROP COLUMN earliest_fill_date');
  }
}
