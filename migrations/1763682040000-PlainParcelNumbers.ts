import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Parcels are on file by the number their carrier reports, not as a pharmacy spelled it. One that is there plainly as well stays. */
export class PlainParcelNumbers1763682040000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    await runner.query(
      `UPDATE shipments s SET tracking_number = first.plain
       FROM (
         SELECT DISTINCT ON (prescription_id, plain) id, prescription_id, plain FROM (
           SELECT id, prescription_id, created_at, upper(regexp_replace(tracking_number, '[[:space:]-]+', '', 'g')) AS plain
           FROM shipments WHERE tracking_number ~ '[[:space:][:lower:]-]'
         ) written WHERE plain <> '' ORDER BY prescription_id, plain, created_at, id
       ) first
       WHERE s.id = first.id AND NOT EXISTS (SELECT 1 FROM shipments known
         WHERE known.prescription_id = first.prescription_id AND known.tracking_number = first.plain)`,
    );
  }

  async down(): Promise<void> {
    // A plain number is found by every version.
  }
}
