import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Parcels, what carriers and pharmacies report of them, orders at partner pharmacies, and patients' tracking links. */
export class CreateShipping1763680900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE tracking_links, partner_orders, tracking_events, shipments');
  }
}

const shipmentStatuses = `('pre_transit', 'in_transit', 'out_for_delivery', 'delivered', 'failure', 'returned', 'unknown', 'voided')`;
const trackingStatuses = shipmentStatuses.replace(`, 'voided'`, '');

const statements = [
  `CREATE TABLE shipments (
    id uuid PRIMARY KEY,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL,
    pharmacy_id uuid,
    kind text NOT NULL CONSTRAINT shipments_kind CHECK (kind IN ('platform_label', 'partner')),
    carrier text,
    service_level text,
    tracking_number text NOT NULL,
    status text NOT NULL CONSTRAINT shipments_status CHECK (status IN ${shipmentStatuses}),
    label_key text,
    rate_id text,
    transaction_id text,
    cost_cents integer,
    currency text,
    signature_required boolean NOT NULL DEFAULT false,
    estimated_delivery date,
    purchased_at timestamptz,
    shipped_at timestamptz,
    handed_over_at timestamptz,
    delivered_at timestamptz,
    voided_at timestamptz,
    last_polled_at timestamptz,
    next_poll_at timestamptz,
    created_at timestamptz NOT NULL
  )`,
  `CREATE UNIQUE INDEX shipments_transaction ON shipments (transaction_id)`,
  `CREATE UNIQUE INDEX shipments_parcel ON shipments (prescription_id, tracking_number)`,
  `CREATE INDEX shipments_tracking_number ON shipments (tracking_number)`,
  `CREATE INDEX shipments_poll_due ON shipments (next_poll_at) WHERE next_poll_at IS NOT NULL`,
  `CREATE TABLE tracking_events (
    id uuid PRIMARY KEY,
    shipment_id uuid NOT NULL REFERENCES shipments ON DELETE RESTRICT,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL,
    source text NOT NULL CONSTRAINT tracking_events_source CHECK (source IN ('shippo', 'lifefile', 'poll')),
    status text NOT NULL CONSTRAINT tracking_events_status CHECK (status IN ${trackingStatuses}),
    substatus text,
    city text,
    state text,
    estimated_delivery date,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    dedupe_key text NOT NULL
  )`,
  `CREATE UNIQUE INDEX tracking_events_once ON tracking_events (shipment_id, dedupe_key)`,
  `CREATE INDEX tracking_events_of_prescription ON tracking_events (prescription_id, occurred_at, id)`,
  `CREATE TABLE partner_orders (
    id uuid PRIMARY KEY,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL,
    pharmacy_id uuid NOT NULL,
    lifefile_order_id text NOT NULL,
    fill_id text,
    rx_number text,
    reference_id text NOT NULL,
    sent_at timestamptz NOT NULL,
    cancelled_at timestamptz
  )`,
  `CREATE UNIQUE INDEX partner_orders_once ON partner_orders (prescription_id, lifefile_order_id)`,
  `CREATE INDEX partner_orders_lifefile ON partner_orders (lifefile_order_id)`,
  `CREATE TABLE tracking_links (
    id uuid PRIMARY KEY,
    prescription_id uuid NOT NULL REFERENCES prescriptions ON DELETE RESTRICT,
    organization_id uuid NOT NULL,
    token_hash text NOT NULL,
    token_sealed bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL
  )`,
  `CREATE UNIQUE INDEX tracking_links_token ON tracking_links (token_hash)`,
  `CREATE UNIQUE INDEX tracking_links_prescription ON tracking_links (prescription_id)`,
  ...forceRowSecurity('shipments', 'of-prescription'),
  ...forceRowSecurity('tracking_events', 'of-prescription'),
  ...forceRowSecurity('partner_orders', 'of-prescription'),
  ...forceRowSecurity('tracking_links', 'of-prescription'),
];
