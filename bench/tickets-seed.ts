import type pg from 'pg';
import { numbered, patients, pharmacies, providers, seedParties } from './seed-prescriptions.js';

export interface SeededTickets {
  organizationId: string;
  /** One of twenty among whom the tickets are shared out evenly. */
  pharmacyId: string;
}

/**
 * Fills the first organization with tickets, each with prescription and thread, every second one with messages and some with
 * an open question. Written by PostgreSQL itself, with neither triggers nor checks of keys: 200,000 in seconds.
 */
export async function seedTickets(sql: pg.Pool, count: number): Promise<SeededTickets> {
  const organizationId = await seedParties(sql);
  const client = await sql.connect();
  try {
    await client.query('BEGIN; SET LOCAL session_replication_role = replica');
    await client.query(tickets(count), [organizationId]);
    for (const text of [prescriptions, threads, messages]) await client.query(text, [organizationId]);
    await client.query('COMMIT');
  } finally {
    client.release(true); // what it was told ends with it
  }
  await sql.query('VACUUM ANALYZE healthcare_tickets, prescriptions, chat_threads, chat_messages');
  const { rows } = await sql.query<{ id: string }>(
    'SELECT id FROM pharmacies WHERE organization_id = $1 ORDER BY id LIMIT 1',
    [organizationId],
  );
  return { organizationId, pharmacyId: rows[0]?.id ?? '' };
}

/** Cursors have milliseconds. */
const tickets = (count: number) => `
  WITH drawn AS (
    SELECT n, date_trunc('milliseconds', now()) - n * interval '5 minutes' AS at FROM generate_series(1, ${count}) n
  ), patient AS (${numbered('patients')}), provider AS (${numbered('providers')}), pharmacy AS (${numbered('pharmacies')})
  INSERT INTO healthcare_tickets (id, organization_id, status, status_since, sent_at, primary_provider_id,
    secondary_provider_id, patient_id, prescription_id, created_at, updated_at)
  SELECT gen_random_uuid(), $1, (ARRAY['sent', 'received', 'processing', 'ready', 'closed', 'closed', 'closed'])[1 + drawn.n % 7],
    at, at, provider.id, pharmacy.id, patient.id, gen_random_uuid(), at, at
  FROM drawn
  JOIN patient ON patient.n = drawn.n % ${patients}
  JOIN provider ON provider.n = drawn.n % ${providers}
  JOIN pharmacy ON pharmacy.n = drawn.n % ${pharmacies}`;

const prescriptions = `
  INSERT INTO prescriptions (id, organization_id, ticket_id, patient_id, provider_id, pharmacy_id, path, state, state_since,
    source, sender, drug_description, ndc, quantity, quantity_unit, days_supply, refills, written_date, owed_cents, received_at)
  SELECT prescription_id, $1, id, patient_id, primary_provider_id, secondary_provider_id, 'full', 'shipped', created_at,
    'script', 'bench', 'Lisinopril 10 mg tablet', '70000010130', 30, 'C48542', 30, 1, created_at::date, 1000, created_at
  FROM healthcare_tickets WHERE organization_id = $1`;

const messagesOf = `CASE WHEN get_byte(uuid_send(t.id), 0) % 2 = 0 THEN 1 + get_byte(uuid_send(t.id), 1) % 5 ELSE 0 END`;

const threads = `
  INSERT INTO chat_threads (id, organization_id, ticket_id, order_id, order_type, title, metadata, last_seq, last_revision,
    last_message_at, created_at, updated_at)
  SELECT t.id, $1, t.id, t.prescription_id::text, 'prescription', 'Prescription',
    jsonb_build_object('prescription_id', t.prescription_id, 'target_id', t.secondary_provider_id), ${messagesOf}, ${messagesOf},
    t.created_at, t.created_at, t.created_at
  FROM healthcare_tickets t WHERE t.organization_id = $1`;

/** Some the pharmacy may not read: what a doctor's house writes to itself. */
const messages = `
  INSERT INTO chat_messages (id, thread_id, organization_id, seq, revision, audience, kind, author_party, author_party_id,
    blocks, awaits, created_at)
  SELECT gen_random_uuid(), t.id, $1, seq, seq, (ARRAY['providers', 'all', 'providers', 'internal'])[1 + seq % 4], 'text',
    'doctor', k.primary_provider_id, asks, CASE WHEN asks THEN 'pharmacy' END, t.created_at + seq * interval '1 minute'
  FROM chat_threads t JOIN healthcare_tickets k ON k.id = t.ticket_id
  CROSS JOIN LATERAL generate_series(1, t.last_seq) seq
  CROSS JOIN LATERAL (SELECT seq = 5 AS asks) question
  WHERE t.organization_id = $1`;
