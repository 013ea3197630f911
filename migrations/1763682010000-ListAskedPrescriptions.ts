import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The list of a pharmacy holds what it is asked about as well, by the same rule and in the same order. */
export class ListAskedPrescriptions1763682010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX prescriptions_read_by_pharmacy
         ON prescriptions (coalesce(pharmacy_id, asked_pharmacy_id), received_at DESC, id DESC)
         WHERE coalesce(pharmacy_id, asked_pharmacy_id) IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX prescriptions_read_by_pharmacy');
  }
}
