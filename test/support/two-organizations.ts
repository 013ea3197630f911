import { ensureFirstAccount } from '../../src/first-account.js';
import { loadConfig } from '../../config/index.js';
import { ApiClient } from '../../src/demo/client.js';
import { generate, sendingDay } from '../../src/demo/generate/index.js';
import { pharmacyBodies } from '../../src/demo/reference-data.js';
import { newId } from '../../src/platform/ids/index.js';
import { tokenOf } from './accounts.js';
import type { TestApp } from './app.js';

export interface TwoOrganizations {
  /** Tokens of the first organization, by role. */
  admin: string;
  auditor: string;
  /** Administrator of the other one. */
  stranger: string;
  /** Ids of the first organization by the path that shows them. Organizations themselves are one register, kept by administrators. */
  owned: ReadonlyMap<string, string>;
}

/** One organization with a row of everything that has an address, and another that must not see any of it. */
export async function twoOrganizations(app: TestApp): Promise<TwoOrganizations> {
  const first = await ensureFirstAccount(app.app, loadConfig({}));
  const api = await ApiClient.signIn(app.url, first?.email ?? '', first?.generatedPassword ?? '');
  const [home] = await app.sql<{ id: string }>('SELECT id FROM organizations');
  const organizationId = home?.id ?? '';
  const elsewhere = newId();
  await app.sql(`INSERT INTO organizations (id, name, brand, created_at) VALUES ($1, 'Other', 'Other', now())`, [
    elsewhere,
  ]);
  const get = <T>(token: abstract new (...args: never[]) => T): T => app.app.get(token, { strict: false });
  return {
    admin: api.token,
    auditor: await tokenOf(app.sql, get, 'auditor', { organizationId }),
    stranger: await tokenOf(app.sql, get, 'admin', { organizationId: elsewhere }),
    owned: await furnish(app, api, organizationId),
  };
}

async function furnish(app: TestApp, api: ApiClient, organizationId: string): Promise<Map<string, string>> {
  const made = async (path: string, body: unknown) => (await api.post<{ id: string }>(path, body)).id;
  const pharmacy = await made('/api/pharmacies', pharmacyBodies[0]);
  const provider = await made('/api/providers', { npi: '1993999998', firstName: 'Ines', lastName: 'Roy' });
  const [patient, other] = [newId(), newId()];
  for (const id of [patient, other]) {
    await app.sql(
      `INSERT INTO patients (id, organization_id, first_name, last_name, profile_sealed, created_at, updated_at)
       VALUES ($1, $2, 'A', 'B', '', now(), now())`,
      [id, organizationId],
    );
  }
  const date = sendingDay();
  const [order] = generate({ count: 1, seed: 5, defects: 0, date, formats: ['json'] });
  const prescription = await api.post<{ id: string; ticketId: string }>('/api/intake', JSON.parse(order?.body ?? ''));
  await app.sql('SELECT keep_ticket_thread(t) FROM healthcare_tickets t WHERE id = $1', [prescription.ticketId]);
  const row = async (statement: string, ...values: unknown[]): Promise<string> => {
    const id = newId();
    await app.sql(statement, [id, organizationId, ...values]);
    return id;
  };
  return new Map([
    ['/api/pharmacies', pharmacy],
    ['/api/providers', provider],
    ['/api/patients', patient],
    ['/api/prescriptions', prescription.id],
    ['/api/tickets', prescription.ticketId],
    ['/api/threads', prescription.ticketId],
    ['/api/users', (await app.sql<{ id: string }>(`SELECT id FROM users WHERE role = 'auditor'`))[0]?.id ?? ''],
    ['/api/api-keys', await made('/api/api-keys', { name: 'EHR', scopes: ['prescriptions:read'] })],
    [
      '/api/patients/reviews',
      await row(
        `INSERT INTO patient_reviews (id, organization_id, patient_id, other_patient_id, reason, created_at)
         VALUES ($1, $2, $3, $4, 'email', now())`,
        patient,
        other,
      ),
    ],
    [
      '/api/coverages',
      await row(
        `INSERT INTO coverages (id, organization_id, patient_id, kind, front_key, active_from, created_at)
         VALUES ($1, $2, $3, 'cash', 'cards/none', now(), now())`,
        patient,
      ),
    ],
    [
      '/api/claims',
      await row(
        `INSERT INTO claims (id, organization_id, prescription_id, pharmacy_id, attempt, payer_order, transaction_code, state,
           date_of_service, created_at)
         VALUES ($1, $2, $3, $4, 1, 'primary', 'B1', 'paid', current_date, now())`,
        prescription.id,
        pharmacy,
      ),
    ],
    [
      '/api/invoices',
      await row(
        `INSERT INTO invoices (id, organization_id, prescription_id, number, status, amount_cents, currency, description, created_at)
         VALUES ($1, $2, $3, '1', 'open', 100, 'USD', 'order', now())`,
        prescription.id,
      ),
    ],
    [
      '/api/shipments',
      await row(
        `INSERT INTO shipments (id, organization_id, prescription_id, kind, tracking_number, status, label_key, created_at)
         VALUES ($1, $2, $3, 'platform_label', 'T1', $4, 'labels/none', now())`,
        prescription.id,
        await shipmentStatus(app),
      ),
    ],
    [
      '/api/notifications',
      await row(
        `INSERT INTO notifications (id, organization_id, prescription_id, patient_id, event, channel, template,
           template_version, status, dedupe_key, expires_at, created_at)
         VALUES ($1, $2, $3, $4, 'delivered', 'sms', 'delivered', 1, 'failed', 'x', now() + interval '1 day', now())`,
        prescription.id,
        patient,
      ),
    ],
    [
      '/api/dead-letters',
      await row(
        `INSERT INTO dead_letters (id, organization_id, outbox_id, subscriber, queue, reason, attempts, created_at)
         VALUES ($1, $2, $1, 'x', 'steps', 'vendor.off', 1, now())`,
      ),
    ],
    [
      '/api/webhook-events',
      await row(
        `INSERT INTO webhook_events (id, organization_id, source, dedupe_key, event_type, status, raw_sealed, headers_sealed, received_at)
         VALUES ($1, $2, 'shippo', 'x', 'track_updated', 'failed', '', '', now())`,
      ),
    ],
  ]);
}

/** The first status the table allows. */
async function shipmentStatus(app: TestApp): Promise<string> {
  const [check] = await app.sql<{ rule: string }>(
    `SELECT pg_get_constraintdef(oid) AS rule FROM pg_constraint WHERE conname = 'shipments_status'`,
  );
  return /'([a-z_]+)'/.exec(check?.rule ?? '')?.[1] ?? '';
}
