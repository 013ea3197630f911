import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a pharmacy works, and until when a ticket may stay in its status. */
export class ClockTickets1763681560000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE pharmacies
         ADD COLUMN opening_hours jsonb NOT NULL DEFAULT '{"mon": ["09:00", "18:00"], "tue": ["09:00", "18:00"], "wed": ["09:00", "18:00"], "thu": ["09:00", "18:00"], "fri": ["09:00", "18:00"]}',
         ADD COLUMN closed_on date[] NOT NULL DEFAULT '{}'`,
    );
    await runner.query(
      'ALTER TABLE healthcare_tickets ADD COLUMN breach_at timestamptz, ADD COLUMN escalated_at timestamptz',
    );
    await runner.query(
      `CREATE INDEX healthcare_tickets_unclocked ON healthcare_tickets (id)
       WHERE breach_at IS NULL AND status IN ('sent', 'received', 'processing', 'ready')`,
    );
    await runner.query(
      `CREATE INDEX healthcare_tickets_breach ON healthcare_tickets (breach_at)
       WHERE escalated_at IS NULL AND status IN ('sent', 'received', 'processing', 'ready')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE healthcare_tickets DROP COLUMN breach_at, DROP COLUMN escalated_at');
    await runner.query('ALTER TABLE pharmacies DROP COLUMN opening_hours, DROP COLUMN closed_on');
  }
}
