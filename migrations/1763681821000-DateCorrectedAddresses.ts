import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a person last corrected the address of a patient: orders from before do not overrule it. */
export class DateCorrectedAddresses1763681821000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE patients ADD COLUMN address_set_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE patients DROP COLUMN address_set_at');
  }
}
