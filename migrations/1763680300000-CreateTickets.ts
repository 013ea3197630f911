import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** The hub of a prescription: who takes part and where it stands. Tickets are never deleted. */
export class CreateTickets1763680300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE healthcare_tickets');
  }
}

const statements = [
  `CREATE TABLE healthcare_tickets (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    ticket_type text NOT NULL DEFAULT 'prescription',
    status text NOT NULL CONSTRAINT healthcare_tickets_status
      CHECK (status IN ('created', 'sent', 'received', 'processing', 'ready', 'closed', 'cancelled')),
    primary_provider_id uuid,
    secondary_provider_id uuid,
    patient_id uuid,
    appointment_id uuid,
    prescription_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  `CREATE INDEX healthcare_tickets_pharmacy ON healthcare_tickets (secondary_provider_id, status, created_at DESC, id DESC)`,
  `CREATE INDEX healthcare_tickets_organization ON healthcare_tickets (organization_id, created_at DESC, id DESC)`,
  ...forceRowSecurity('healthcare_tickets', 'parties', {
    provider_id: 'primary_provider_id',
    pharmacy_id: 'secondary_provider_id',
  }),
];
