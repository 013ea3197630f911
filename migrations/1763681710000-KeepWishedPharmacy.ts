import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which pharmacy a ticket was opened for. One open ticket for an appointment, doctor, pharmacy and patient is a promise about
 * that wish: routing may bring two of them to the same pharmacy.
 */
export class KeepWishedPharmacy1763681710000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of down) await runner.query(sql);
  }
}

const nobody = `'00000000-0000-0000-0000-000000000000'`;
const oneOpen = (
  pharmacy: string,
) => `CREATE UNIQUE INDEX healthcare_tickets_one_open ON healthcare_tickets (organization_id,
    ticket_type, coalesce(appointment_id, ${nobody}), primary_provider_id, coalesce(${pharmacy}, ${nobody}), patient_id)
  WHERE origin = 'desk' AND status NOT IN ('closed', 'cancelled')`;

const up = [
  'ALTER TABLE healthcare_tickets ADD COLUMN wished_pharmacy_id uuid',
  `UPDATE healthcare_tickets SET wished_pharmacy_id = secondary_provider_id WHERE origin = 'desk'`,
  'DROP INDEX healthcare_tickets_one_open',
  oneOpen('wished_pharmacy_id'),
];

const down = [
  'DROP INDEX healthcare_tickets_one_open',
  oneOpen('secondary_provider_id'),
  'ALTER TABLE healthcare_tickets DROP COLUMN wished_pharmacy_id',
];
