import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Prescriptions, the versions of what was ordered (sealed), their history, and every intake message byte for byte. */
export class CreatePrescriptions1763680400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY patients_of_doctor ON patients');
    await runner.query('DROP TABLE intake_messages, prescription_status_events, prescription_versions, prescriptions');
    await runner.query('DROP SEQUENCE rx_numbers');
  }
}

const states = [
  'received',
  'validated',
  'validation_issue',
  'awaiting_enrollment',
  'awaiting_routing',
  'routing_issue',
  'awaiting_pharmacy_selection',
  'pharmacy_selected',
  'adjudicated',
  'adjudication_issue',
  'awaiting_payment',
  'paid',
  'sent_to_pharmacy',
  'pharmacy_received',
  'processing',
  'ready_for_pickup',
  'shipped',
  'in_transit',
  'out_for_delivery',
  'delivered',
  'completed',
  'cancelled',
  'failed',
  'returned',
];

const statements = [
  `CREATE SEQUENCE rx_numbers START 1000001`,
  `CREATE TABLE prescriptions (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT,
    ticket_id uuid NOT NULL REFERENCES healthcare_tickets ON DELETE RESTRICT,
    patient_id uuid,
    provider_id uuid,
    pharmacy_id uuid,
    rx_number bigint NOT NULL DEFAULT nextval('rx_numbers'),
    path text NOT NULL CONSTRAINT prescriptions_path CHECK (path IN ('full', 'cash', 'direct')),
    state text NOT NULL CONSTRAINT prescriptions_state CHECK (state IN (${states.map((state) => `'${state}'`).join(', ')})),
    state_since timestamptz NOT NULL,
    outcome_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    order_version integer NOT NULL DEFAULT 1,
    source text NOT NULL,
    sender text NOT NULL,
    message_id text,
    prescriber_order_number text,
    drug_description text,
    ndc text,
    schedule text,
    quantity numeric(12,3),
    quantity_unit text,
    days_supply integer,
    refills integer,
    written_date date,
    service_level text NOT NULL DEFAULT 'standard',
    owed_cents integer,
    currency text NOT NULL DEFAULT 'USD',
    metadata jsonb NOT NULL DEFAULT '{}',
    received_at timestamptz NOT NULL,
    completed_at timestamptz
  )`,
  `CREATE UNIQUE INDEX prescriptions_rx_number ON prescriptions (rx_number)`,
  `CREATE INDEX prescriptions_newest ON prescriptions (organization_id, received_at DESC, id DESC)`,
  `CREATE INDEX prescriptions_by_state ON prescriptions (organization_id, state, received_at DESC, id DESC)`,
  `CREATE INDEX prescriptions_of_patient ON prescriptions (patient_id, received_at DESC, id DESC)`,
  `CREATE INDEX prescriptions_of_provider ON prescriptions (provider_id, received_at DESC, id DESC)`,
  `CREATE INDEX prescriptions_of_pharmacy ON prescriptions (pharmacy_id, received_at DESC, id DESC)`,
  `CREATE INDEX prescriptions_message ON prescriptions (organization_id, sender, message_id)`,
  `CREATE INDEX prescriptions_order_number ON prescriptions (organization_id, sender, prescriber_order_number)`,
  `CREATE INDEX prescriptions_ticket ON prescriptions (ticket_id)`,
  `CREATE TABLE prescription_versions (
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    version integer NOT NULL,
    organization_id uuid NOT NULL,
    order_sealed bytea NOT NULL,
    findings jsonb,
    validated_at timestamptz,
    reason text,
    created_by uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (prescription_id, version)
  )`,
  `CREATE TABLE prescription_status_events (
    id uuid PRIMARY KEY,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL,
    action text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    version integer,
    moved boolean NOT NULL DEFAULT true,
    actor_kind text NOT NULL,
    actor_id text,
    trigger text NOT NULL CONSTRAINT prescription_status_events_trigger
      CHECK (trigger IN ('user', 'worker', 'webhook', 'schedule', 'reconciler')),
    reason text,
    event text NOT NULL,
    webhook_event_id uuid,
    job_id uuid,
    source_key text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL
  )`,
  `CREATE INDEX prescription_status_events_timeline ON prescription_status_events (prescription_id, occurred_at, id)`,
  `CREATE UNIQUE INDEX prescription_status_events_once ON prescription_status_events (prescription_id, source_key)
    WHERE source_key IS NOT NULL`,
  `CREATE TABLE intake_messages (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    prescription_id uuid,
    format text NOT NULL,
    sender text NOT NULL,
    dedupe_key text NOT NULL,
    body_hash text NOT NULL,
    raw_sealed bytea NOT NULL,
    content_type text NOT NULL,
    answer_status integer NOT NULL,
    answer_sealed bytea NOT NULL,
    received_at timestamptz NOT NULL
  )`,
  `CREATE UNIQUE INDEX intake_messages_once ON intake_messages (organization_id, sender, dedupe_key)`,
  `CREATE INDEX intake_messages_prescription ON intake_messages (prescription_id)`,
  ...forceRowSecurity('prescriptions', 'parties'),
  ...forceRowSecurity('prescription_versions', 'of-prescription'),
  ...forceRowSecurity('prescription_status_events', 'of-prescription'),
  ...forceRowSecurity('intake_messages', 'organization'),
  // A doctor reads the patients of the prescriptions that name the doctor, and changes none.
  `CREATE POLICY patients_of_doctor ON patients FOR SELECT USING (
    NULLIF(current_setting('app.provider', true), '') IS NOT NULL AND EXISTS (
      SELECT 1 FROM prescriptions seen WHERE seen.patient_id = patients.id
        AND seen.provider_id = NULLIF(current_setting('app.provider', true), '')::uuid))`,
];
