import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who had lost a ticket went on reading the prescriptions on it that had no pharmacy of their own yet. */
export class AskTheNextPharmacy1763681950000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    await runner.query(
      `UPDATE prescriptions p SET asked_pharmacy_id = t.secondary_provider_id FROM healthcare_tickets t
       WHERE t.id = p.ticket_id AND p.pharmacy_id IS NULL AND p.asked_pharmacy_id <> t.secondary_provider_id`,
    );
  }

  async down(): Promise<void> {
    // What was shown to the wrong pharmacy is not shown to it again.
  }
}
