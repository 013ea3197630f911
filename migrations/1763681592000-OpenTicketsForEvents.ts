import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A ticket may come from an event nobody knew what to do with. */
export class OpenTicketsForEvents1763681592000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE healthcare_tickets DROP CONSTRAINT healthcare_tickets_origin');
    await runner.query(
      `ALTER TABLE healthcare_tickets ADD CONSTRAINT healthcare_tickets_origin
         CHECK (origin IN ('intake', 'desk', 'backfill', 'inbox'))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    await runner.query(`UPDATE healthcare_tickets SET origin = 'desk' WHERE origin = 'inbox'`);
    await runner.query('ALTER TABLE healthcare_tickets DROP CONSTRAINT healthcare_tickets_origin');
    await runner.query(
      `ALTER TABLE healthcare_tickets ADD CONSTRAINT healthcare_tickets_origin
         CHECK (origin IN ('intake', 'desk', 'backfill'))`,
    );
  }
}
