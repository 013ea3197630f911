import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity, setting, staffOnly, systemOnly } from '../src/platform/db/row-security.js';

/** Messages go to operations and pharmacies too, and may be about a ticket that has no prescription. */
export class AddressNotifications1763681570000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of down) await runner.query(sql);
  }
}

/** What operations are told is theirs alone, and what a pharmacy is told is not the patient's. */
const notificationCondition = `${systemOnly} OR ${staffOnly} OR (organization_id = ${setting('organization')}::uuid
  AND (recipient_kind = 'patient' OR (recipient_kind = 'pharmacy' AND ${setting('role')} IN ('doctor', 'pharmacy')))
  AND CASE WHEN ticket_id IS NULL THEN EXISTS (SELECT 1 FROM prescriptions seen WHERE seen.id = prescription_id)
    ELSE EXISTS (SELECT 1 FROM healthcare_tickets seen WHERE seen.id = ticket_id) END)`;
const attemptCondition = `${systemOnly} OR ${staffOnly}
  OR EXISTS (SELECT 1 FROM notifications seen WHERE seen.id = notification_id)`;

/** As it was, and with what the patient was told of a ticket. */
const recordIds = (more: string) => `CREATE OR REPLACE FUNCTION patient_record_ids(patient uuid) RETURNS uuid[]
  LANGUAGE sql STABLE STRICT
  BEGIN ATOMIC
    WITH ordered AS (SELECT id, ticket_id FROM prescriptions WHERE patient_id = patient),
    tickets AS (
      SELECT ticket_id AS id FROM ordered UNION SELECT id FROM healthcare_tickets WHERE patient_id = patient),
    threads AS (SELECT t.id FROM chat_threads t JOIN tickets ON tickets.id = t.ticket_id)
    SELECT array_agg(own.id) FROM (
      SELECT patient AS id
      UNION SELECT id FROM ordered
      UNION SELECT id FROM tickets
      UNION SELECT id FROM threads
      UNION SELECT a.id FROM chat_attachments a JOIN threads ON threads.id = a.thread_id
      UNION SELECT id FROM coverages WHERE patient_id = patient
      ${['claims', 'shipments', 'notifications', 'invoices', 'payments']
        .map((table) => `UNION SELECT x.id FROM ${table} x JOIN ordered ON ordered.id = x.prescription_id`)
        .join('\n      ')}
      ${more}
    ) own;
  END`;
const toldOfTickets = `UNION SELECT n.id FROM notifications n JOIN tickets ON tickets.id = n.ticket_id
        WHERE n.recipient_kind = 'patient'`;

const up = [
  `ALTER TABLE notifications
    ALTER COLUMN prescription_id DROP NOT NULL,
    ALTER COLUMN patient_id DROP NOT NULL,
    ADD COLUMN ticket_id uuid REFERENCES healthcare_tickets ON DELETE RESTRICT,
    ADD COLUMN recipient_kind text NOT NULL DEFAULT 'patient'
      CONSTRAINT notifications_recipient_kind CHECK (recipient_kind IN ('patient', 'ops', 'pharmacy')),
    ADD COLUMN user_id uuid REFERENCES users ON DELETE RESTRICT,
    ADD COLUMN pharmacy_id uuid REFERENCES pharmacies ON DELETE RESTRICT,
    ADD COLUMN thread_seq bigint,
    ADD CONSTRAINT notifications_about CHECK (num_nonnulls(prescription_id, ticket_id) = 1),
    ADD CONSTRAINT notifications_recipient CHECK ((recipient_kind = 'patient') = (patient_id IS NOT NULL)
      AND (recipient_kind <> 'patient') = (user_id IS NOT NULL) AND (recipient_kind = 'pharmacy') = (pharmacy_id IS NOT NULL))`,
  `CREATE INDEX notifications_ticket ON notifications (ticket_id, recipient_kind, thread_seq) WHERE ticket_id IS NOT NULL`,
  `ALTER TABLE notification_attempts ALTER COLUMN prescription_id DROP NOT NULL`,
  `ALTER POLICY notifications_scope ON notifications
   USING (${notificationCondition}) WITH CHECK (${notificationCondition})`,
  `ALTER POLICY notification_attempts_scope ON notification_attempts
   USING (${attemptCondition}) WITH CHECK (${attemptCondition})`,
  recordIds(toldOfTickets),
];

const down = [
  recordIds(''),
  `DROP POLICY notification_attempts_scope ON notification_attempts`,
  ...forceRowSecurity('notification_attempts', 'of-prescription'),
  `DROP POLICY notifications_scope ON notifications`,
  ...forceRowSecurity('notifications', 'of-prescription'),
  `SELECT set_config('app.role', 'system', true)`,
  `DELETE FROM notification_attempts WHERE prescription_id IS NULL`,
  `DELETE FROM notifications WHERE prescription_id IS NULL`,
  `ALTER TABLE notification_attempts ALTER COLUMN prescription_id SET NOT NULL`,
  `DROP INDEX notifications_ticket`,
  `ALTER TABLE notifications
    DROP CONSTRAINT notifications_about, DROP CONSTRAINT notifications_recipient,
    DROP COLUMN ticket_id, DROP COLUMN recipient_kind, DROP COLUMN user_id, DROP COLUMN pharmacy_id, DROP COLUMN thread_seq,
    ALTER COLUMN prescription_id SET NOT NULL, ALTER COLUMN patient_id SET NOT NULL`,
];
