import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../src/platform/ids/index.js';
import { signIn, type BenchApi } from './api.js';

interface Link {
  role: 'doctor' | 'pharmacy';
  providerId?: string;
  pharmacyId?: string;
}

export interface Person {
  /** Of the account. */
  id: string;
  authorization: string;
}

/** An account made by the administrator, and signed in. */
export async function personOf(api: BenchApi, link: Link): Promise<Person> {
  const account = { email: `${newId()}@pharmonico.example`, password: randomBytes(16).toString('hex') };
  const answer = await fetch(`${api.url}/api/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${api.token}` },
    body: JSON.stringify({ ...account, ...link }),
  });
  if (!answer.ok) throw new Error(`no account: ${answer.status} ${await answer.text()}`);
  const { id } = (await answer.json()) as { id: string };
  return { id, authorization: `Bearer ${await signIn(api.url, account)}` };
}

export interface Meeting {
  doctorId: string;
  pharmacyId: string;
  /** Of tickets between the two; their ids are those of the tickets. */
  threadIds: string[];
}

/** Tickets sent from one doctor to one pharmacy. The schema's trigger opens their threads. */
export async function meetingOf(sql: pg.Pool, organizationId: string, count: number): Promise<Meeting> {
  const { rows } = await sql.query<Meeting>(
    `WITH doctor AS (SELECT id FROM providers WHERE organization_id = $1 LIMIT 1),
       pharmacy AS (SELECT id FROM pharmacies WHERE organization_id = $1 LIMIT 1),
       opened AS (
         INSERT INTO healthcare_tickets (id, organization_id, origin, status, status_since, sent_at, primary_provider_id,
           secondary_provider_id, patient_id, appointment_id, created_at, updated_at)
         SELECT gen_random_uuid(), $1, 'desk', 'sent', now(), now(), doctor.id, pharmacy.id,
           (SELECT id FROM patients WHERE organization_id = $1 LIMIT 1), gen_random_uuid(), now(), now()
         FROM doctor, pharmacy, generate_series(1, $2)
         RETURNING id
       )
     SELECT doctor.id AS "doctorId", pharmacy.id AS "pharmacyId", (SELECT array_agg(id) FROM opened) AS "threadIds"
     FROM doctor, pharmacy`,
    [organizationId, count],
  );
  const [meeting] = rows;
  if (meeting === undefined) throw new Error('the bench has no doctor or pharmacy');
  return meeting;
}
