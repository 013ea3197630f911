import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a payer says beside its reject codes: its help desk and the codes of its alerts, and sealed what it wrote of these. */
export class KeepPayersWords1763682025000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE claims ADD COLUMN help_desk_phone text, ADD COLUMN dur_alerts jsonb, ADD COLUMN dur_sealed bytea',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE claims DROP COLUMN help_desk_phone, DROP COLUMN dur_alerts, DROP COLUMN dur_sealed',
    );
  }
}
