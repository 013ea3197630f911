import type { MigrationInterface, QueryRunner } from 'typeorm';
import { setting, staffOnly, systemOnly } from '../src/platform/db/row-security.js';

/**
 * From `sent` on the pharmacy of a ticket reads its prescription, as it reads the ticket: enrollment may take days until routing
 * chooses, and who is asked about a prescription must see it. Then the one that was chosen counts.
 */
export class ShowSentPrescriptions1763681831000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of down) await runner.query(sql);
  }
}

const pharmacyId = `${setting('pharmacy')}::uuid`;
const policyWith = (asked: string) => {
  const condition = `${systemOnly} OR ${staffOnly}
    OR (organization_id = ${setting('organization')}::uuid AND (
      provider_id = ${setting('provider')}::uuid
      OR pharmacy_id = ${pharmacyId}${asked}
      OR patient_id = ${setting('patient')}::uuid))`;
  return `ALTER POLICY prescriptions_scope ON prescriptions USING (${condition}) WITH CHECK (${condition})`;
};

const up = [
  'ALTER TABLE prescriptions ADD COLUMN asked_pharmacy_id uuid',
  `UPDATE prescriptions p SET asked_pharmacy_id = t.secondary_provider_id FROM healthcare_tickets t
   WHERE t.prescription_id = p.id AND t.sent_at IS NOT NULL AND p.pharmacy_id IS NULL`,
  policyWith(`\n      OR (pharmacy_id IS NULL AND asked_pharmacy_id = ${pharmacyId})`),
];

const down = [policyWith(''), 'ALTER TABLE prescriptions DROP COLUMN asked_pharmacy_id'];
