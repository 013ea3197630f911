import type pg from 'pg';

export const patients = 5_000;
export const providers = 200;
export const pharmacies = 20;

/** The first organization, with those prescriptions and tickets name. Written by PostgreSQL itself. */
export async function seedParties(sql: pg.Pool): Promise<string> {
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM organizations ORDER BY created_at LIMIT 1');
  const organizationId = rows[0]?.id;
  if (organizationId === undefined) throw new Error('the bench found no organization');
  await sql.query(
    `INSERT INTO patients (id, organization_id, first_name, last_name, profile_sealed, created_at, updated_at)
     SELECT gen_random_uuid(), $1, 'First ' || n, 'Last ' || n, '\\x00', now(), now() FROM generate_series(1, ${patients}) n`,
    [organizationId],
  );
  await sql.query(
    `INSERT INTO providers (id, organization_id, npi, first_name, last_name, created_at)
     SELECT gen_random_uuid(), $1, '1' || lpad(n::text, 9, '0'), 'First ' || n, 'Last ' || n, now()
     FROM generate_series(1, ${providers}) n`,
    [organizationId],
  );
  await sql.query(
    `INSERT INTO pharmacies (id, organization_id, name, npi, ncpdp_id, kind, street, city, state, zip, time_zone, licensed_states,
       schedules, forms, daily_capacity, turnaround_hours, dispensing_fee_cents, created_at)
     SELECT gen_random_uuid(), $1, 'Pharmacy ' || n, '2' || lpad(n::text, 9, '0'), lpad(n::text, 7, '0'), 'platform_label', '1 Main St',
       'Austin', 'TX', '78701', 'America/Chicago', '{TX}', '{}', '{tablet}', 100, 24, 100, now()
     FROM generate_series(1, ${pharmacies}) n`,
    [organizationId],
  );
  await sql.query('VACUUM ANALYZE patients, providers, pharmacies');
  return organizationId;
}

/**
 * Fills the first organization with prescriptions of all states over two years. The bench reads them and never opens what is
 * sealed.
 * @returns the organization
 */
export async function seedPrescriptions(sql: pg.Pool, count: number): Promise<string> {
  const organizationId = await seedParties(sql);
  await sql.query(seedText(count, ofTwoYears), [organizationId]);
  await sql.query('VACUUM ANALYZE prescriptions, healthcare_tickets');
  return organizationId;
}

export const numbered = (table: string) =>
  `SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM ${table} WHERE organization_id = $1`;

/** SQL over `drawn.n` and `drawn.received_at`. */
export interface SeededRow {
  receivedAt: string;
  path: 'full' | 'direct';
  state: string;
  stateSince: string;
  owedCents: number;
}

export const seedText = (count: number, row: SeededRow) => `
  WITH drawn AS (
    SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS ticket_id, ${row.receivedAt} AS received_at
    FROM generate_series(1, ${count}) n
  ), tickets AS (
    INSERT INTO healthcare_tickets (id, organization_id, status, status_since, sent_at, prescription_id, created_at, updated_at)
    SELECT ticket_id, $1, 'sent', received_at, received_at, id, received_at, received_at FROM drawn
  ), patient AS (${numbered('patients')}), provider AS (${numbered('providers')}), pharmacy AS (${numbered('pharmacies')})
  INSERT INTO prescriptions (id, organization_id, ticket_id, patient_id, provider_id, pharmacy_id, path, state, state_since, source,
    sender, drug_description, ndc, quantity, quantity_unit, days_supply, refills, written_date, owed_cents, received_at)
  SELECT drawn.id, $1, drawn.ticket_id, patient.id, provider.id, pharmacy.id, '${row.path}', ${row.state}, ${row.stateSince},
    'script', 'bench', 'Lisinopril 10 mg tablet', '70000010130', 30, 'C48542', 30, 1, drawn.received_at::date, ${row.owedCents},
    drawn.received_at
  FROM drawn
  JOIN patient ON patient.n = drawn.n % ${patients}
  JOIN provider ON provider.n = drawn.n % ${providers}
  JOIN pharmacy ON pharmacy.n = drawn.n % ${pharmacies}`;

const ofTwoYears: SeededRow = {
  receivedAt: "now() - n * interval '10 minutes'",
  path: 'full',
  state:
    "(ARRAY['completed', 'completed', 'completed', 'shipped', 'awaiting_payment', 'awaiting_enrollment', 'in_transit'])[1 + drawn.n % 7]",
  stateSince: "drawn.received_at + interval '1 day'",
  owedCents: 1000,
};
