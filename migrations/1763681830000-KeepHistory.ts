import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a timeline is made of is added to and never edited; what it is about is never deleted. */
export class KeepHistory1763681830000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [rights, tables] of kept) await runner.query(`REVOKE ${rights} ON ${tables} FROM pharmonico_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [rights, tables] of kept) await runner.query(`GRANT ${rights} ON ${tables} TO pharmonico_app`);
  }
}

const kept = [
  ['UPDATE, DELETE', 'prescription_status_events, tracking_events, notification_attempts'],
  ['DELETE', 'healthcare_tickets, prescriptions, prescription_versions, intake_messages, chat_messages'],
] as const;
