import { Patients } from '../../src/modules/directory/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow, type Sql } from './looker.js';
import type { ShippingApp } from './shipping-app.js';
import { doorNames, type DoorName } from './signed-webhooks.js';

/** Something a vendor says once, of a thing of its own. */
export interface DoorEvent {
  door: DoorName;
  body: string;
  /** What its effects are counted by. */
  subject: string;
}

const owedCents = 1500;
const [occurredAt, dayMs] = ['2026-11-20T15:42:33Z', 86_400_000] as const;

/** Makes the thing and what is said of it. */
const makers: Readonly<Record<DoorName, (app: ShippingApp) => Promise<Omit<DoorEvent, 'door'>>>> = {
  lifefile: async (app) => {
    const id = await prescription(app, 'sent_to_pharmacy');
    const names = { orderId: id, fillId: '1', rxNumber: '1', referenceId: id };
    const said = { rxStatus: 'Rx Scheduled', rxStatusDateTime: '2026-11-20T07:29:34' };
    return { subject: id, body: JSON.stringify([{ ...names, ...said }]) };
  },
  careportals: () => {
    const id = newId();
    const customer = { email: `${id}@example.com`, firstName: 'Ada', lastName: 'Marsh' };
    const order = { _id: id, id: id.slice(-8), totalAmount: 200, createdAt: occurredAt, customer };
    return Promise.resolve({ subject: id, body: JSON.stringify({ event: 'order.created', ...order }) });
  },
  stripe: async (app) => {
    const id = await prescription(app, 'awaiting_payment', owedCents);
    const { paymentId, sessionId } = await openPayment(app, id);
    const object = {
      id: sessionId,
      object: 'checkout.session',
      status: 'complete',
      payment_status: 'paid',
      amount_total: owedCents,
      currency: 'USD',
      client_reference_id: paymentId,
      metadata: { prescription_id: id, payment_id: paymentId },
      payment_intent: `pi_${paymentId}`,
    };
    const event = { id: `evt_${newId()}`, object: 'event', type: 'checkout.session.completed', data: { object } };
    return { subject: id, body: JSON.stringify(event) };
  },
  shippo: async (app) => {
    const id = await prescription(app, 'shipped');
    const trackingNumber = `92${id.replaceAll('-', '').toUpperCase()}`;
    await insertRow(app.sql, 'shipments', {
      id: newId(),
      prescription_id: id,
      organization_id: app.organizationId,
      kind: 'platform_label',
      carrier: 'usps',
      tracking_number: trackingNumber,
      status: 'pre_transit',
      shipped_at: new Date(),
      created_at: new Date(),
    });
    const now = new Date().toISOString();
    const status = { status: 'TRANSIT', substatus: null, status_details: 'On its way.', status_date: now };
    const data = { carrier: 'usps', tracking_number: trackingNumber, tracking_status: status };
    return { subject: id, body: JSON.stringify({ event: 'track_updated', test: true, data }) };
  },
  'twilio-status': async (app) => {
    const prescriptionId = await prescription(app, 'delivered');
    const [row] = await app.sql<{ patient_id: string }>('SELECT patient_id FROM prescriptions WHERE id = $1', [
      prescriptionId,
    ]);
    const [id, sid] = [newId(), `SM${newId().replaceAll('-', '')}`];
    await insertRow(app.sql, 'notifications', {
      id,
      organization_id: app.organizationId,
      prescription_id: prescriptionId,
      patient_id: row?.patient_id,
      event: 'delivered',
      channel: 'sms',
      template: 'delivered',
      template_version: 1,
      status: 'sent',
      provider_id: sid,
      dedupe_key: id,
      expires_at: new Date(Date.now() + dayMs),
      created_at: new Date(),
      sent_at: new Date(),
    });
    const fields = { MessageSid: sid, MessageStatus: 'undelivered', To: '+12025550143', ErrorCode: '30003' };
    return { subject: id, body: new URLSearchParams(fields).toString() };
  },
  'twilio-inbound': async (app) => {
    const { patientId, phone } = await reachable(app);
    const fields = { MessageSid: `SM${newId().replaceAll('-', '')}`, From: phone, Body: 'Please ring twice.' };
    return { subject: patientId, body: new URLSearchParams(fields).toString() };
  },
};

/** As many at each door as wanted, those of one door together. */
export async function eventsAt(app: ShippingApp, names: readonly DoorName[], each: number): Promise<DoorEvent[]> {
  const events: DoorEvent[] = [];
  for (const door of names) {
    for (let count = 0; count < each; count += 1) events.push({ door, ...(await makers[door](app)) });
  }
  return events;
}

/** Rows an event leads to, by its subject: one each, and no second however often it is said. */
const effects: Readonly<Record<DoorName, readonly string[]>> = {
  lifefile: [statusEvents('acknowledge')],
  careportals: [
    'SELECT external_id AS subject FROM orders',
    'SELECT o.external_id AS subject FROM order_reports r JOIN orders o ON o.id = r.order_id',
  ],
  stripe: [
    statusEvents('settle'),
    `SELECT prescription_id AS subject FROM payments WHERE status = 'paid'`,
    `SELECT aggregate_id AS subject FROM outbox_events WHERE event = 'payment_successful'`,
  ],
  shippo: [statusEvents('scan'), 'SELECT prescription_id AS subject FROM tracking_events'],
  'twilio-status': [
    `SELECT id AS subject FROM notifications WHERE status = 'failed'`,
    `SELECT payload->>'notificationId' AS subject FROM outbox_events WHERE event = 'notification_failed'`,
  ],
  'twilio-inbound': [
    'SELECT patient_id AS subject FROM inbound_texts',
    `SELECT t.patient_id AS subject FROM inbound_texts t JOIN outbox_events o ON o.payload->>'textId' = t.id::text
     WHERE o.event = 'text_received'`,
  ],
};

/** @returns what was not done exactly once, in words; nothing when all is well */
export async function notOnce(sql: Sql, events: readonly DoorEvent[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const door of doorNames) {
    const subjects = events.filter((event) => event.door === door).map(({ subject }) => subject);
    for (const query of effects[door]) {
      const rows = await sql<{ subject: string; n: number }>(
        `SELECT wanted.subject, count(done.subject)::int AS n FROM unnest($1::text[]) AS wanted(subject)
         LEFT JOIN (${query}) AS done ON done.subject::text = wanted.subject GROUP BY 1 HAVING count(done.subject) <> 1`,
        [subjects],
      );
      wrong.push(...rows.map(({ subject, n }) => `${door}: ${n} times for ${subject} in ${query}`));
    }
  }
  return wrong;
}

function statusEvents(action: string): string {
  return `SELECT prescription_id AS subject FROM prescription_status_events WHERE action = '${action}'`;
}

/** At the step the vendor speaks of, as if all steps before had been taken. */
async function prescription(app: ShippingApp, state: string, cents?: number): Promise<string> {
  const id = await app.beforeShipping();
  await app.sql('UPDATE prescriptions SET state = $2, owed_cents = $3 WHERE id = $1', [id, state, cents ?? null]);
  return id;
}

async function openPayment({ sql, organizationId }: ShippingApp, prescriptionId: string) {
  const [invoiceId, paymentId] = [newId(), newId()];
  const sum = {
    organization_id: organizationId,
    prescription_id: prescriptionId,
    amount_cents: owedCents,
    currency: 'USD',
  };
  const open = { ...sum, status: 'open', created_at: new Date() };
  await insertRow(sql, 'invoices', { ...open, id: invoiceId, number: `INV-${invoiceId}`, description: 'Your order' });
  const sessionId = `cs_test_${paymentId}`;
  await insertRow(sql, 'payments', {
    ...open,
    id: paymentId,
    invoice_id: invoiceId,
    origin: 'request',
    attempt: 1,
    session_id: sessionId,
    expires_at: new Date(Date.now() + dayMs),
    checked_at: new Date(),
  });
  return { paymentId, sessionId };
}

/** Of each area code one number that is nobody's (the North American plan keeps 555-01xx for fiction). */
const areaCodes = ['202', '212', '213', '305', '312', '404', '415', '512', '617', '702'];
let phones = 0;

async function reachable(app: ShippingApp): Promise<{ patientId: string; phone: string }> {
  phones += 1;
  const phone = `+1${areaCodes[phones % areaCodes.length] ?? ''}5550${100 + Math.floor(phones / areaCodes.length)}`;
  const person = { externalId: phone, firstName: 'Robin', lastName: `Ringer${phones}`, birthDate: '1980-02-03', phone };
  return app.db.tx(systemContext, async (tx) => {
    const { patientId } = await app.get(Patients).matchPatient(tx, app.organizationId, person);
    return { patientId, phone };
  });
}
