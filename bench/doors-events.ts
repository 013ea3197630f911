import { createHmac } from 'node:crypto';
import type { Stage } from './stage.js';
import { numbered, pharmacies, patients, providers, seedParties } from './seed-prescriptions.js';

/** What a partner pharmacy pushes of one prescription, in the order it happens. */
const words = ['order_received', 'order_processing', 'order_ready', 'order_shipped', 'order_delivered'] as const;

export const eventsOfOne = words.length;
export const doorSecret = 'a-secret-of-the-bench-that-is-long-enough';

export interface SignedBodies {
  bodies: string[];
  ownHeaders: Record<string, string>[];
}

/** Prescriptions at a partner pharmacy, waiting for its word. @returns their ids */
export async function seedHandedOver({ sql }: Stage, count: number): Promise<string[]> {
  const organizationId = await seedParties(sql);
  const { rows } = await sql.query<{ id: string }>(seedText(count), [organizationId]);
  await sql.query('VACUUM ANALYZE prescriptions, healthcare_tickets');
  return rows.map(({ id }) => id);
}

/** One signed status push per word and prescription: all first words, then all second ones, as a day goes. */
export function pushesOf(prescriptionIds: readonly string[], day: Date): SignedBodies {
  const bodies = words.flatMap((word, hour) => {
    const changedAt = new Date(day.getTime() + hour * 3_600_000).toISOString();
    return prescriptionIds.map((id, index) => pushOf(id, index, word, changedAt));
  });
  return { bodies, ownHeaders: bodies.map(signed) };
}

export function pushOf(referenceId: string, index: number, current: string, changedAt: string): string {
  return JSON.stringify({
    eventType: 'prescription.status.update',
    timestamp: changedAt,
    referenceId,
    prescription: {
      rxNumber: `RX${7_000_000 + index}`,
      orderId: String(9_000_000 + index),
      medicationName: 'Lisinopril 10 mg',
      quantity: 30,
    },
    status: { current, changedAt },
  });
}

export function signed(body: string): Record<string, string> {
  return { 'x-lifefile-signature': createHmac('sha256', doorSecret).update(body).digest('hex') };
}

const seedText = (count: number) => `
  WITH drawn AS (
    SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS ticket_id, now() - interval '3 days' AS received_at
    FROM generate_series(1, ${count}) n
  ), tickets AS (
    INSERT INTO healthcare_tickets (id, organization_id, status, status_since, sent_at, prescription_id, created_at, updated_at)
    SELECT ticket_id, $1, 'sent', received_at, received_at, id, received_at, received_at FROM drawn
  ), patient AS (${numbered('patients')}), provider AS (${numbered('providers')}), pharmacy AS (${numbered('pharmacies')})
  INSERT INTO prescriptions (id, organization_id, ticket_id, patient_id, provider_id, pharmacy_id, path, state, state_since, source,
    sender, drug_description, ndc, quantity, quantity_unit, days_supply, refills, written_date, owed_cents, received_at)
  SELECT drawn.id, $1, drawn.ticket_id, patient.id, provider.id, pharmacy.id, 'direct', 'sent_to_pharmacy', drawn.received_at,
    'script', 'bench', 'Lisinopril 10 mg tablet', '70000010130', 30, 'C48542', 30, 1, drawn.received_at::date, 0, drawn.received_at
  FROM drawn
  JOIN patient ON patient.n = drawn.n % ${patients}
  JOIN provider ON provider.n = drawn.n % ${providers}
  JOIN pharmacy ON pharmacy.n = drawn.n % ${pharmacies}
  RETURNING id`;
