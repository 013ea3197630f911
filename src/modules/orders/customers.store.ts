import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { PatientCandidate } from './customer-patient.policy.js';
import type { ReviewReason } from './customers.policy.js';

export interface NewContact {
  id: string;
  organizationId: string;
  fingerprint: string;
  externalId: string | null;
  emailIndex: string | null;
  phoneIndex: string | null;
  contactSealed: Buffer;
  saidAt: Date;
}

export interface ConnectedContact {
  id: string;
  customerId: string | null;
  fingerprint: string;
  externalId: string | null;
  emailIndex: string | null;
  phoneIndex: string | null;
}

/** @returns its id; that of the one who was there, when somebody was named so before */
export async function addContact(tx: Tx, contact: NewContact): Promise<string> {
  const row = await tx.one<{ id: string }>(
    `INSERT INTO customer_contacts (id, organization_id, fingerprint, external_id, email_index, phone_index, contact_sealed, said_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT ON CONSTRAINT customer_contacts_once
       DO UPDATE SET said_at = greatest(customer_contacts.said_at, excluded.said_at)
     RETURNING id`,
    [
      contact.id,
      contact.organizationId,
      contact.fingerprint,
      contact.externalId,
      contact.emailIndex,
      contact.phoneIndex,
      contact.contactSealed,
      contact.saidAt,
    ],
  );
  return row?.id ?? contact.id;
}

/**
 * What more contacts than this have in common is nobody's own: a clinic's phone, a placeholder. A household is smaller. Counted
 * in contacts, which are never deleted, so what tells nobody apart will never tell somebody apart again.
 */
const mostSharing = 20;

type SharedKey = 'external_id' | 'phone_index';

/** How many contacts have the value of this row; counted no further than needed. */
const sharing = (table: string, key: SharedKey) =>
  `(SELECT count(*) FROM (SELECT 1 FROM customer_contacts s
     WHERE s.organization_id = ${table}.organization_id AND s.${key} = ${table}.${key} LIMIT ${mostSharing + 2}) counted)`;

/** The value, where it says something of who it is. */
const telling = (table: string, key: SharedKey) =>
  `CASE WHEN ${sharing(table, key)} <= ${mostSharing} THEN ${table}.${key} END`;

/** What a contact may share with others. */
const valuesOf = (table: string) =>
  `CROSS JOIN LATERAL (SELECT * FROM (VALUES ('email', ${table}.email_index), ('id', ${telling(table, 'external_id')}),
     ('phone', ${telling(table, 'phone_index')})) told(kind, value) WHERE value IS NOT NULL) v`;

const columnOf = { email: 'email_index', id: 'external_id', phone: 'phone_index' } as const;

/** The contacts that have a value; a branch for each kind, so that each finds its index. */
const carriersOf = (shared: string) => {
  const branches = (['email', 'id', 'phone'] as const).map(
    (kind) => `SELECT h.* FROM customer_contacts h WHERE ${shared}.kind = '${kind}'
      AND h.organization_id = ${shared}.organization_id AND h.${columnOf[kind]} = ${shared}.value`,
  );
  return `CROSS JOIN LATERAL (${branches.join(' UNION ALL ')}) c`;
};

const tellingColumns = (table: string) =>
  `${table}.organization_id, ${table}.email_index, ${telling(table, 'external_id')} AS external_id,
   ${telling(table, 'phone_index')} AS phone_index`;

/**
 * Everybody who shares a telling value with the contact, directly or over others, and, when a value of the contact has just
 * ceased to tell, everybody it held together until now. Goes from value to value, each once: from contact to contact the way
 * would be the square of those who share one.
 */
export function connectedContacts(tx: Tx, contactId: string): Promise<ConnectedContact[]> {
  return tx.query<ConnectedContact>(
    `WITH RECURSIVE added AS MATERIALIZED (
       SELECT c.*, ${sharing('c', 'external_id')} = ${mostSharing + 1} AS id_ceased,
         ${sharing('c', 'phone_index')} = ${mostSharing + 1} AS phone_ceased
       FROM customer_contacts c WHERE c.id = $1
     ), seeds AS (
       SELECT id FROM added
       UNION
       SELECT c.id FROM added a JOIN customer_contacts c
         ON a.id_ceased AND c.organization_id = a.organization_id AND c.external_id = a.external_id
       UNION
       SELECT c.id FROM added a JOIN customer_contacts c
         ON a.phone_ceased AND c.organization_id = a.organization_id AND c.phone_index = a.phone_index
     ), shared(organization_id, kind, value) AS (
       SELECT c.organization_id, v.kind, v.value FROM seeds JOIN customer_contacts c USING (id) ${valuesOf('c')}
       UNION
       SELECT c.organization_id, v.kind, v.value
       FROM shared k ${carriersOf('k')} ${valuesOf('c')}
     ), connected AS (
       SELECT id FROM seeds
       UNION
       SELECT c.id FROM shared k ${carriersOf('k')}
     )
     SELECT c.id, c.customer_id AS "customerId", c.fingerprint, ${telling('c', 'external_id')} AS "externalId",
       c.email_index AS "emailIndex", ${telling('c', 'phone_index')} AS "phoneIndex"
     FROM customer_contacts c JOIN connected USING (id) ORDER BY c.fingerprint`,
    [contactId],
  );
}

export function knownCustomers(
  tx: Tx,
  organizationId: string,
  identities: readonly string[],
  ids: readonly string[],
): Promise<{ id: string; identity: string }[]> {
  return tx.query(
    'SELECT id, identity FROM customers WHERE organization_id = $1 AND (identity = ANY ($2) OR id = ANY ($3))',
    [organizationId, identities, ids],
  );
}

export async function insertCustomer(
  tx: Tx,
  customer: { id: string; organizationId: string; identity: string; createdAt: Date },
): Promise<void> {
  await tx.send('INSERT INTO customers (id, organization_id, identity, created_at) VALUES ($1, $2, $3, $4)', [
    customer.id,
    customer.organizationId,
    customer.identity,
    customer.createdAt,
  ]);
}

export async function renameCustomer(tx: Tx, id: string, identity: string): Promise<void> {
  await tx.send('UPDATE customers SET identity = $2 WHERE id = $1', [id, identity]);
}

/** @param customerIds one for each contact */
export async function assignContacts(tx: Tx, ids: readonly string[], customerIds: readonly string[]): Promise<void> {
  await tx.send(
    `UPDATE customer_contacts c SET customer_id = given.customer_id
     FROM unnest($1::uuid[], $2::uuid[]) AS given(id, customer_id)
     WHERE c.id = given.id AND c.customer_id IS DISTINCT FROM given.customer_id`,
    [ids, customerIds],
  );
}

/** Customers nobody is named as any more: what told them apart turned out to be another customer's. */
export async function dropCustomers(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.send('DELETE FROM customers WHERE id = ANY ($1)', [ids]);
}

/** As they were said, the latest last; an `_id` only where it tells anybody apart. */
export function contactsOf(
  tx: Tx,
  customerId: string,
): Promise<{ id: string; externalId: string | null; sealed: Buffer }[]> {
  return tx.query(
    `SELECT id, ${telling('c', 'external_id')} AS "externalId", contact_sealed AS sealed
     FROM customer_contacts c WHERE customer_id = $1 ORDER BY said_at, fingerprint`,
    [customerId],
  );
}

export function patientsLike(tx: Tx, customerId: string): Promise<PatientCandidate[]> {
  return tx.query<PatientCandidate>(
    `SELECT p.id, p.first_name AS "firstName", p.last_name AS "lastName",
       coalesce(bool_or(p.external_id = c.external_id), false) AS "sharesExternalId",
       coalesce(bool_or(p.email_index = c.email_index), false) AS "sharesEmail",
       coalesce(bool_or(p.phone_index = c.phone_index), false) AS "sharesPhone"
     FROM (SELECT ${tellingColumns('own')} FROM customer_contacts own WHERE own.customer_id = $1) c
     JOIN patients p ON p.organization_id = c.organization_id
       AND (p.external_id = c.external_id OR p.email_index = c.email_index OR p.phone_index = c.phone_index)
     GROUP BY p.id ORDER BY p.created_at, p.id`,
    [customerId],
  );
}

/** Customers who may be this patient. */
export async function customersLike(tx: Tx, patientId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `WITH p AS MATERIALIZED (SELECT ${tellingColumns('patients')} FROM patients WHERE id = $1)
     SELECT DISTINCT c.customer_id AS id
     FROM p JOIN customer_contacts c ON c.organization_id = p.organization_id
       AND (p.external_id = c.external_id OR p.email_index = c.email_index OR p.phone_index = c.phone_index)
     WHERE c.customer_id IS NOT NULL ORDER BY 1`,
    [patientId],
  );
  return rows.map(({ id }) => id);
}

export async function setCustomer(
  tx: Tx,
  customer: {
    id: string;
    firstName: string | null;
    lastName: string | null;
    phoneUnreachable: boolean;
    patientId: string | null;
  },
): Promise<void> {
  await tx.send(
    `UPDATE customers SET first_name = $2, last_name = $3, phone_unreachable = $4, patient_id = $5
     WHERE id = $1 AND (first_name, last_name, phone_unreachable, patient_id) IS DISTINCT FROM ($2, $3, $4, $5)`,
    [customer.id, customer.firstName, customer.lastName, customer.phoneUnreachable, customer.patientId],
  );
}

/** @param patientIds one for each contact */
export async function setPatients(
  tx: Tx,
  ids: readonly string[],
  patientIds: readonly (string | null)[],
): Promise<void> {
  await tx.send(
    `UPDATE customer_contacts c SET patient_id = given.patient_id
     FROM unnest($1::uuid[], $2::uuid[]) AS given(id, patient_id)
     WHERE c.id = given.id AND c.patient_id IS DISTINCT FROM given.patient_id`,
    [ids, patientIds],
  );
}

interface CustomerDoubt {
  customerId: string;
  otherCustomerId: string;
  reason: ReviewReason;
}

/** Open reviews follow what is doubtful now; what a person has settled stays, and is not asked again. */
export async function syncReviews(
  tx: Tx,
  organizationId: string,
  customerIds: readonly string[],
  doubts: readonly CustomerDoubt[],
  now: Date,
): Promise<void> {
  const columns = [
    doubts.map(({ customerId }) => customerId),
    doubts.map(({ otherCustomerId }) => otherCustomerId),
    doubts.map(({ reason }) => reason),
  ];
  await tx.send(
    `DELETE FROM customer_reviews r WHERE r.resolved_at IS NULL AND r.customer_id = ANY ($1::uuid[])
       AND NOT EXISTS (SELECT 1 FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS d(one, other, reason)
         WHERE d.one = r.customer_id AND d.other = r.other_customer_id AND d.reason = r.reason)`,
    [customerIds, ...columns],
  );
  await tx.send(
    `INSERT INTO customer_reviews (id, organization_id, customer_id, other_customer_id, reason, created_at)
     SELECT d.id, $1, d.one, d.other, d.reason, $2
     FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[]) AS d(id, one, other, reason)
     WHERE NOT EXISTS (SELECT 1 FROM customer_reviews r WHERE r.reason = d.reason
       AND ((r.customer_id = d.one AND r.other_customer_id = d.other)
         OR (r.customer_id = d.other AND r.other_customer_id = d.one AND r.resolved_at IS NOT NULL)))
     ON CONFLICT DO NOTHING`,
    [organizationId, now, doubts.map(() => newId()), ...columns],
  );
}
