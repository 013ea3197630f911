import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Two people may have one email: which patient is meant is told by each contact. Until they are next looked at, as before. */
export class TellContactsApart1763682035000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    await runner.query(
      'ALTER TABLE customer_contacts ADD COLUMN patient_id uuid REFERENCES patients ON DELETE RESTRICT',
    );
    await runner.query(
      `UPDATE customer_contacts c SET patient_id = customers.patient_id FROM customers
       WHERE customers.id = c.customer_id AND customers.patient_id IS NOT NULL`,
    );
    await runner.query('CREATE INDEX customer_contacts_patient ON customer_contacts (patient_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE customer_contacts DROP COLUMN patient_id');
  }
}
