import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Every message to a patient with each try to send it, and the numbers that must not be written to. */
export class CreateNotifications1763681100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE opt_outs, notification_attempts, notifications');
  }
}

const statements = [
  `CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patients ON DELETE RESTRICT,
    event text NOT NULL,
    channel text NOT NULL CONSTRAINT notifications_channel CHECK (channel IN ('email', 'sms')),
    template text NOT NULL,
    template_version integer NOT NULL,
    status text NOT NULL CONSTRAINT notifications_status
      CHECK (status IN ('pending', 'sent', 'delivered', 'failed', 'suppressed')),
    suppressed_reason text,
    failure_code text,
    to_sealed bytea,
    body_sealed bytea,
    provider_id text,
    message_id text,
    round integer NOT NULL DEFAULT 1,
    dedupe_key text NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    delivered_at timestamptz,
    CONSTRAINT notifications_suppression CHECK ((status = 'suppressed') = (suppressed_reason IS NOT NULL))
  )`,
  `CREATE UNIQUE INDEX notifications_dedupe ON notifications (dedupe_key)`,
  `CREATE UNIQUE INDEX notifications_provider ON notifications (provider_id)`,
  `CREATE INDEX notifications_newest ON notifications (organization_id, id DESC)`,
  `CREATE INDEX notifications_prescription ON notifications (prescription_id)`,
  `CREATE INDEX notifications_failed ON notifications (failure_code) WHERE status = 'failed'`,
  `CREATE TABLE notification_attempts (
    id uuid PRIMARY KEY,
    notification_id uuid NOT NULL REFERENCES notifications ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    attempt integer NOT NULL,
    outcome text NOT NULL CONSTRAINT notification_attempts_outcome CHECK (outcome IN ('sent', 'refused', 'unanswered', 'off')),
    code text,
    at timestamptz NOT NULL
  )`,
  `CREATE INDEX notification_attempts_notification ON notification_attempts (notification_id, at)`,
  `CREATE TABLE opt_outs (
    id uuid PRIMARY KEY,
    organization_id uuid REFERENCES organizations ON DELETE RESTRICT,
    phone_index text NOT NULL,
    category text NOT NULL CONSTRAINT opt_outs_category CHECK (category IN ('all', 'unreachable')),
    source text NOT NULL,
    at timestamptz NOT NULL,
    ended_at timestamptz
  )`,
  `CREATE UNIQUE INDEX opt_outs_standing ON opt_outs (phone_index, category) WHERE ended_at IS NULL`,
  ...forceRowSecurity('notifications', 'of-prescription'),
  ...forceRowSecurity('notification_attempts', 'of-prescription'),
  ...forceRowSecurity('opt_outs', 'organization'),
];
