import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from '../src/platform/db/row-security.js';

/** Customers of CarePortals, each way they were named, and the doubts a person settles. Contact data is sealed. */
export class CreateCustomers1763681580000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE customer_reviews, customer_contacts, customers');
  }
}

const organization = 'organization_id uuid NOT NULL REFERENCES organizations ON DELETE RESTRICT';

const statements = [
  `CREATE TABLE customers (
    id uuid PRIMARY KEY,
    ${organization},
    identity text NOT NULL,
    patient_id uuid REFERENCES patients ON DELETE RESTRICT,
    first_name text,
    last_name text,
    phone_unreachable boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    CONSTRAINT customers_identity UNIQUE (organization_id, identity)
  )`,
  `CREATE INDEX customers_patient ON customers (patient_id)`,
  `CREATE TABLE customer_contacts (
    id uuid PRIMARY KEY,
    ${organization},
    customer_id uuid REFERENCES customers ON DELETE RESTRICT,
    fingerprint text NOT NULL,
    external_id text,
    email_index text,
    phone_index text,
    contact_sealed bytea NOT NULL,
    said_at timestamptz NOT NULL,
    CONSTRAINT customer_contacts_once UNIQUE (organization_id, fingerprint)
  )`,
  `CREATE INDEX customer_contacts_email ON customer_contacts (organization_id, email_index)`,
  `CREATE INDEX customer_contacts_external ON customer_contacts (organization_id, external_id)`,
  `CREATE INDEX customer_contacts_phone ON customer_contacts (organization_id, phone_index)`,
  `CREATE INDEX customer_contacts_customer ON customer_contacts (customer_id)`,
  `CREATE TABLE customer_reviews (
    id uuid PRIMARY KEY,
    ${organization},
    customer_id uuid NOT NULL REFERENCES customers ON DELETE CASCADE,
    other_customer_id uuid NOT NULL REFERENCES customers ON DELETE CASCADE,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by uuid,
    resolution text CONSTRAINT customer_reviews_resolution CHECK (resolution IN ('different_people', 'same_person')),
    CONSTRAINT customer_reviews_pair UNIQUE (customer_id, other_customer_id, reason)
  )`,
  `CREATE INDEX customer_reviews_organization ON customer_reviews (organization_id, id)`,
  `CREATE INDEX customer_reviews_other ON customer_reviews (other_customer_id)`,
  ...['customers', 'customer_contacts', 'customer_reviews'].flatMap((table) => forceRowSecurity(table, 'organization')),
];
