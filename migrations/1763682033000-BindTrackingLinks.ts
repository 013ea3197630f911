import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whose order a link shows. There stays one row for each prescription, found by the same index, so that a process of before
 * this migration goes on making links while it is replaced; it names no patient, which is why a trigger does.
 */
const up = [
  'ALTER TABLE tracking_links ADD COLUMN patient_id uuid REFERENCES patients ON DELETE RESTRICT',
  `SELECT set_config('app.role', 'system', true)`,
  'UPDATE tracking_links l SET patient_id = p.patient_id FROM prescriptions p WHERE p.id = l.prescription_id',
  `CREATE FUNCTION name_patient_of_link() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     NEW.patient_id := (SELECT patient_id FROM prescriptions WHERE id = NEW.prescription_id);
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER tracking_links_patient BEFORE INSERT ON tracking_links
   FOR EACH ROW WHEN (NEW.patient_id IS NULL) EXECUTE FUNCTION name_patient_of_link()`,
];

const down = [
  'DROP TRIGGER tracking_links_patient ON tracking_links',
  'DROP FUNCTION name_patient_of_link()',
  'ALTER TABLE tracking_links DROP COLUMN patient_id',
];

export class BindTrackingLinks1763682033000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}
