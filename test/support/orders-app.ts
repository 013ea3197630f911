import { createHmac } from 'node:crypto';
import { CancellationModule } from '../../src/modules/cancellation/index.js';
import { DirectoryModule, Patients } from '../../src/modules/directory/index.js';
import { OrdersModule } from '../../src/modules/orders/index.js';
import {
  Prescriptions,
  PrescriptionsModule,
  systemActor,
  type PrescriptionAction,
} from '../../src/modules/prescriptions/index.js';
import { ShippingModule } from '../../src/modules/shipping/index.js';
import { WebhookSources, WebhooksModule, type WebhookVerdict } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startModules } from './module-app.js';
import { insertPrescription, stateOf } from './prescription-rows.js';
import { surroundings } from './surroundings.js';
import { eventually } from './until.js';

export const glow = { code: 'glow', secret: 'the-secret-of-glow', former: 'the-former-secret' };
export const bloom = { code: 'bloom', secret: 'the-secret-of-bloom' };
/** What `startModules` calls its first organization. */
const firstOrganization = 'Test';

export interface Push {
  path?: string;
  headers?: Record<string, string>;
  secret?: string;
}

/** CarePortals' door with workers in the process; no other step moves a prescription but the test. */
export async function startOrdersApp(env: Record<string, string> = {}) {
  const app = await startModules(await surroundings('orders'), {
    modules: [DirectoryModule, PrescriptionsModule, WebhooksModule, ShippingModule, CancellationModule, OrdersModule],
    works: true,
    env: {
      CAREPORTALS_SOURCES: `${glow.code}:${firstOrganization}=${glow.secret},${glow.former};${bloom.code}:Bloom=${bloom.secret}`,
      ...env,
    },
  });
  const { sql, get, db, organizationId } = app;
  const eventRow = async (id: string) =>
    (
      await sql<{ status: string; error_code: string | null; organization_id: string | null; attempts: number }>(
        'SELECT status, error_code, organization_id, attempts FROM webhook_events WHERE id = $1',
        [id],
      )
    )[0];
  return {
    ...app,
    eventually,
    /** Orders follow their prescriptions by jobs of their own: what is looked at, or cleared away, must not change meanwhile. */
    quiet: () =>
      eventually(async () => {
        const open = `SELECT 1 FROM outbox_events WHERE done_at IS NULL AND due_at <= now() + interval '2 minutes'
          AND subscriber = 'orders.follow'`;
        return (await app.sql(open)).length === 0 ? true : undefined;
      }),
    stateOf: (id: string) => stateOf(app, id),
    /** Signed over the bytes, as CarePortals sends it. */
    push: (body: unknown, { path = '', headers = {}, secret = glow.secret }: Push = {}) => {
      const raw = typeof body === 'string' ? body : JSON.stringify(body);
      const signature = createHmac('sha256', secret).update(raw).digest('hex');
      return fetch(`${app.url}/api/webhooks/careportals${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-careportals-signature': signature, ...headers },
        body: raw,
      });
    },
    /** An event as the inbox hands it over, past door and queue. */
    hand: async (eventType: string, body: object, receivedAt = '2026-11-20T12:00:00Z'): Promise<WebhookVerdict> => {
      const handler = get(WebhookSources).of(`careportals.${glow.code}`);
      if (handler === undefined) throw new Error('CarePortals has no handler');
      const verdict = await handler.handle({
        id: newId(),
        source: `careportals.${glow.code}`,
        eventType,
        raw: Buffer.from(JSON.stringify(body)),
        headers: {},
        receivedAt: new Date(receivedAt),
      });
      return typeof verdict === 'string' ? { outcome: verdict } : verdict;
    },
    eventRow,
    settles: (id: string) =>
      eventually(async () => {
        const row = await eventRow(id);
        return row === undefined || row.status === 'received' ? undefined : row;
      }),
    patient: (person: { email?: string; phone?: string; externalId?: string; firstName?: string; lastName?: string }) =>
      db.tx(systemContext, async (tx) => {
        const known = { firstName: 'Ada', lastName: 'Marsh', birthDate: '1980-02-29', ...person };
        return (await get(Patients).matchPatient(tx, organizationId, known)).patientId;
      }),
    prescription: (patientId: string | undefined, state: string, columns: Readonly<Record<string, unknown>> = {}) =>
      insertPrescription(app, {
        patient_id: patientId,
        state,
        drug_description: 'Semaglutide 2.5 mg',
        received_at: new Date('2026-11-20T13:00:00Z'),
        ...columns,
      }),
    move: (id: string, action: PrescriptionAction, patientId?: string) =>
      db.tx(systemContext, (tx) =>
        get(Prescriptions).move(tx, {
          id,
          action,
          actor: systemActor,
          trigger: 'worker',
          ...(patientId !== undefined && { facts: { patientId } }),
        }),
      ),
  };
}

export type OrdersApp = Awaited<ReturnType<typeof startOrdersApp>>;

const tables = [
  'subscription_events',
  'subscriptions',
  'external_prescription_reports',
  'external_prescriptions',
  'order_events',
  'order_addresses',
  'order_line_items',
  'order_reports',
  'orders',
  'customer_reviews',
  'customer_contacts',
  'customers',
];

export async function forgetOrders({ sql }: OrdersApp): Promise<void> {
  for (const table of tables) await sql(`DELETE FROM ${table}`);
}

const queries: Readonly<Record<string, string>> = {
  customers: `SELECT identity, patient_id, first_name, last_name, phone_unreachable FROM customers ORDER BY 1`,
  contacts: `SELECT c.fingerprint, u.identity, c.said_at FROM customer_contacts c JOIN customers u ON u.id = c.customer_id ORDER BY 1`,
  reviews: `SELECT a.identity AS one, b.identity AS other, r.reason FROM customer_reviews r
    JOIN customers a ON a.id = r.customer_id JOIN customers b ON b.id = r.other_customer_id ORDER BY 1, 2, 3`,
  orders: `SELECT to_jsonb(o) - '{id,contact_id,created_at}'::text[] AS row, c.fingerprint
    FROM orders o LEFT JOIN customer_contacts c ON c.id = o.contact_id ORDER BY o.external_id`,
  items: `SELECT o.external_id, to_jsonb(i) - '{id,order_id}'::text[] AS row
    FROM order_line_items i JOIN orders o ON o.id = i.order_id ORDER BY 1, i.position`,
  addresses: `SELECT o.external_id, a.kind, a.state FROM order_addresses a JOIN orders o ON o.id = a.order_id ORDER BY 1, 2`,
  reports: `SELECT o.external_id, r.digest, r.said_at FROM order_reports r JOIN orders o ON o.id = r.order_id ORDER BY 1, 2`,
  events: `SELECT o.external_id, e.kind, e.word, e.prescription_id, e.source_key, e.occurred_at
    FROM order_events e JOIN orders o ON o.id = e.order_id ORDER BY 1, 5`,
  written: `SELECT e.external_id, o.external_id AS order, e.prescription_id, e.order_reference, e.drug_name, e.quantity, e.status,
      e.digest, e.written_at, c.fingerprint
    FROM external_prescriptions e LEFT JOIN orders o ON o.id = e.order_id
    LEFT JOIN customer_contacts c ON c.id = e.contact_id ORDER BY 1`,
  tellings: `SELECT e.external_id, r.digest, r.written_at FROM external_prescription_reports r
    JOIN external_prescriptions e ON e.id = r.external_prescription_id ORDER BY 1, 2`,
  subscriptions: `SELECT to_jsonb(s) - '{id,contact_id,created_at}'::text[] AS row, c.fingerprint
    FROM subscriptions s LEFT JOIN customer_contacts c ON c.id = s.contact_id ORDER BY s.external_id`,
  stops: `SELECT s.external_id, e.digest, e.word, e.occurred_at FROM subscription_events e
    JOIN subscriptions s ON s.id = e.subscription_id ORDER BY 1, 2`,
};

/** Every row that events lead to, without ids of ours and without when we heard of it. */
export async function orderRows({ sql }: OrdersApp): Promise<Record<string, unknown[]>> {
  const entries = Object.entries(queries).map(async ([name, query]) => [name, await sql(query)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
