import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Orders, written prescriptions and stopped subscriptions of CarePortals, with everything that was said of them. */
export class CreateOrders1763681581000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${tables.toReversed().join(', ')}`);
  }
}

const organization = 'organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT';
const order = 'uuid NOT NULL REFERENCES orders ON DELETE RESTRICT';
const contact = 'contact_id uuid REFERENCES customer_contacts ON DELETE RESTRICT';
const words = `('pending', 'processing', 'approved', 'pharmacy', 'shipped', 'delivered', 'cancelled', 'refunded')`;
const reductions = `('dollar', 'percent')`;
const stops = `('cancelled', 'paused')`;

const tables = [
  'orders',
  'order_reports',
  'order_line_items',
  'order_addresses',
  'order_events',
  'external_prescriptions',
  'subscriptions',
  'subscription_events',
];

const statements = [
  `CREATE TABLE orders (
    id uuid PRIMARY KEY,
    ${organization},
    external_id text,
    number text,
    ${contact},
    status text NOT NULL CONSTRAINT orders_status CHECK (status IN ${words}),
    status_at timestamptz NOT NULL,
    source text,
    coupon text,
    currency text NOT NULL DEFAULT 'USD',
    base_cents integer,
    discount_cents integer,
    credit_cents integer,
    total_cents integer,
    reduction_type text CONSTRAINT orders_reduction_type CHECK (reduction_type IN ${reductions}),
    findings jsonb NOT NULL DEFAULT '[]',
    tracking_number text,
    carrier text,
    tracking_url text,
    estimated_delivery date,
    placed_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL
  )`,
  `CREATE UNIQUE INDEX orders_external ON orders (organization_id, external_id) WHERE external_id IS NOT NULL`,
  `CREATE INDEX orders_number ON orders (organization_id, number)`,
  `CREATE INDEX orders_newest ON orders (organization_id, id)`,
  `CREATE INDEX orders_contact ON orders (contact_id)`,
  `CREATE TABLE order_reports (
    id uuid PRIMARY KEY,
    ${organization},
    order_id ${order},
    ${contact},
    digest text NOT NULL,
    said_at timestamptz NOT NULL,
    part_sealed bytea NOT NULL,
    webhook_event_id uuid NOT NULL,
    CONSTRAINT order_reports_once UNIQUE (order_id, digest)
  )`,
  `CREATE TABLE order_line_items (
    id uuid PRIMARY KEY,
    ${organization},
    order_id ${order},
    position integer NOT NULL,
    product_id text,
    sku text,
    name text,
    drug_name text,
    quantity integer NOT NULL,
    list_price_cents integer,
    price_cents integer,
    discount_cents integer,
    reduction_hundredths integer,
    reduction_type text CONSTRAINT order_line_items_reduction_type CHECK (reduction_type IN ${reductions}),
    discount_reference text,
    is_subscription boolean NOT NULL,
    CONSTRAINT order_line_items_position UNIQUE (order_id, position)
  )`,
  `CREATE TABLE order_addresses (
    id uuid PRIMARY KEY,
    ${organization},
    order_id ${order},
    kind text NOT NULL CONSTRAINT order_addresses_kind_known CHECK (kind IN ('shipping', 'billing')),
    state text,
    address_sealed bytea NOT NULL,
    CONSTRAINT order_addresses_kind UNIQUE (order_id, kind)
  )`,
  `CREATE TABLE order_events (
    id uuid PRIMARY KEY,
    ${organization},
    order_id ${order},
    kind text NOT NULL CONSTRAINT order_events_kind CHECK (kind IN ('status', 'move', 'prescription')),
    word text CONSTRAINT order_events_word CHECK (word IN ${words}),
    prescription_id uuid REFERENCES prescriptions ON DELETE RESTRICT,
    source_key text NOT NULL,
    webhook_event_id uuid,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT order_events_once UNIQUE (order_id, source_key)
  )`,
  `CREATE TABLE external_prescriptions (
    id uuid PRIMARY KEY,
    ${organization},
    external_id text NOT NULL,
    ${contact},
    order_reference text,
    order_id uuid REFERENCES orders ON DELETE RESTRICT,
    prescription_id uuid REFERENCES prescriptions ON DELETE RESTRICT,
    drug_name text,
    quantity text,
    status text,
    digest text NOT NULL,
    written_at timestamptz NOT NULL,
    webhook_event_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT external_prescriptions_external UNIQUE (organization_id, external_id)
  )`,
  `CREATE INDEX external_prescriptions_contact ON external_prescriptions (contact_id)`,
  `CREATE INDEX external_prescriptions_order ON external_prescriptions (order_id)`,
  `CREATE INDEX external_prescriptions_prescription ON external_prescriptions (prescription_id)`,
  `CREATE TABLE subscriptions (
    id uuid PRIMARY KEY,
    ${organization},
    external_id text NOT NULL,
    ${contact},
    status text NOT NULL CONSTRAINT subscriptions_status CHECK (status IN ${stops}),
    status_at timestamptz NOT NULL,
    product text,
    source text,
    coupon text,
    reason text,
    total_cents integer,
    started_at timestamptz,
    reminders_suppressed boolean NOT NULL,
    ops_resumed_at timestamptz,
    resumed_at timestamptz,
    resumed_by text CONSTRAINT subscriptions_resumed_by CHECK (resumed_by IN ('ops', 'order')),
    created_at timestamptz NOT NULL,
    CONSTRAINT subscriptions_external UNIQUE (organization_id, external_id)
  )`,
  `CREATE INDEX subscriptions_newest ON subscriptions (organization_id, id)`,
  `CREATE INDEX subscriptions_contact ON subscriptions (contact_id)`,
  `CREATE TABLE subscription_events (
    id uuid PRIMARY KEY,
    ${organization},
    subscription_id uuid NOT NULL REFERENCES subscriptions ON DELETE RESTRICT,
    ${contact},
    digest text NOT NULL,
    word text NOT NULL CONSTRAINT subscription_events_word CHECK (word IN ${stops}),
    facts jsonb NOT NULL,
    webhook_event_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT subscription_events_once UNIQUE (subscription_id, digest)
  )`,
  ...tables.flatMap((table) => forceRowSecurity(table, 'organization')),
];
