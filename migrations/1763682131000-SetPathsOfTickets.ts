import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A ticket may name the path its prescriptions take; without one it is the organization's. */
export class SetPathsOfTickets1763682131000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE healthcare_tickets ADD COLUMN path text
         CONSTRAINT healthcare_tickets_path CHECK (path IN ('full', 'cash', 'direct'))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE healthcare_tickets DROP COLUMN path');
  }
}
