import { catalog } from '../../../src/demo/catalog.js';
import { Drugs, Patients, Pharmacies, Providers } from '../../../src/modules/directory/index.js';
import { IntakeStore } from '../../../src/modules/intake/intake.store.js';
import { contactPlace } from '../../../src/modules/orders/customers.service.js';
import { addressPlace } from '../../../src/modules/orders/order-details.store.js';
import { InboundTextsStore } from '../../../src/modules/notifications/inbound-texts.store.js';
import type { PrescriptionOrder } from '../../../src/modules/prescriptions/index.js';
import { MessageTexts } from '../../../src/modules/threads/message-texts.js';
import { WebhookSecrets } from '../../../src/modules/webhook-endpoints/webhook-secrets.js';
import { Clock } from '../../../src/platform/clock/index.js';
import { Keyring, newToken, sha256 } from '../../../src/platform/crypto/index.js';
import { Database, systemContext } from '../../../src/platform/db/index.js';
import { newId } from '../../../src/platform/ids/index.js';
import { FileStorage } from '../../../src/platform/storage/index.js';
import { insertRow, type Sql } from '../looker.js';
import { insertPrescription } from '../prescription-rows.js';
import type { Thing } from './reach.js';

/** What a running product lets a test reach. */
export interface Inside {
  /** Looks at rows past row-level security. */
  sql: Sql;
  get<T>(token: abstract new (...args: never[]) => T): T;
}

/** What belongs to one doctor, one pharmacy and one patient: one of every thing an id in a path can name. */
export interface Holding {
  organizationId: string;
  /** What the path says: an id, a code or a token. */
  path: Readonly<Record<Thing, string>>;
  /** The session of somebody who has proven to be the patient of the enrollment link. */
  enrollmentSession: string;
}

const monthMs = 2_592_000_000;
const drug = catalog[0];
/** Last names unlike each other: people of one name, birth date and ZIP are one patient. */
const lastNames = ['Quill', 'Lake', 'Stone', 'Marsh', 'Heath', 'Brook'];

/** @param number makes what has to be unique, such as license numbers and contacts */
export async function furnish(inside: Inside, organizationId: string, number: number): Promise<Holding> {
  const directory = await people(inside, organizationId, number);
  const { now, add } = writer(inside, organizationId);
  const { patient, provider, pharmacy } = directory;
  const prescription = await insertPrescription(
    { ...inside, organizationId },
    {
      organization_id: organizationId,
      patient_id: patient,
      provider_id: provider,
      pharmacy_id: pharmacy,
      state: 'awaiting_pharmacy_selection',
      ndc: drug?.ndc,
      drug_description: drug?.name,
      quantity: 30,
      quantity_unit: 'C48542',
      days_supply: 30,
      refills: 0,
      written_date: '2026-11-20',
      owed_cents: 1_000,
    },
    order,
  );
  const [linked] = await inside.sql<{ ticket: string }>(
    `UPDATE healthcare_tickets SET primary_provider_id = $2, secondary_provider_id = $3, patient_id = $4,
       prescription_id = $1, sent_at = created_at
     WHERE id = (SELECT ticket_id FROM prescriptions WHERE id = $1) RETURNING id AS ticket`,
    [prescription, provider, pharmacy, patient],
  );
  const of = { prescription_id: prescription };
  const invoice = await add('invoices', {
    ...of,
    number: `INV-${number}`,
    status: 'paid',
    amount_cents: 1_000,
    currency: 'USD',
    description: 'order',
    created_at: now,
  });
  const shipment = await parcel(inside, organizationId, { ...of, pharmacy_id: pharmacy }, number);
  const notification = await add('notifications', {
    ...of,
    patient_id: patient,
    event: 'delivered',
    channel: 'sms',
    template: 'delivered',
    template_version: 1,
    status: 'failed',
    dedupe_key: newId(),
    expires_at: later(now),
    created_at: now,
  });
  await history(inside, organizationId, { prescription, patient, invoice, notification });
  const said = await conversation(inside, organizationId, linked?.ticket ?? '', provider);
  const enrollment = await link(inside, organizationId, prescription, patient);
  const webhooks = await told(inside, organizationId);
  const inboundText = await answered(inside, organizationId, patient);
  return {
    organizationId,
    enrollmentSession: enrollment.session,
    path: {
      ...directory,
      ...said,
      ...webhooks,
      inboundText,
      prescription,
      invoice,
      shipment,
      notification,
      ticket: linked?.ticket ?? '',
      claim: await add('claims', {
        ...of,
        pharmacy_id: pharmacy,
        attempt: 1,
        payer_order: 'primary',
        transaction_code: 'B1',
        state: 'rejected',
        date_of_service: '2026-11-20',
        created_at: now,
      }),
      coverage: await add('coverages', {
        patient_id: patient,
        kind: 'cash',
        front_key: await inside.get(FileStorage).put('cards', Buffer.from('a picture')),
        active_from: now,
        created_at: now,
      }),
      deadLetter: await add('dead_letters', {
        outbox_id: newId(),
        subscriber: 'x',
        queue: 'steps',
        aggregate_id: prescription,
        reason: 'vendor.off',
        attempts: 1,
        created_at: now,
      }),
      webhookEvent: await add('webhook_events', sealedEvent(inside)),
      webhookReplay: await add('webhook_replays', {
        unmatched: false,
        source: 'shippo',
        received_to: now,
        matching: 0,
        requested_by: newId(),
        requested_at: now,
      }),
      ...(await orderedAtCarePortals(inside, organizationId, patient, prescription)),
      organization: organizationId,
      ownOrganization: organizationId,
      drug: drug?.ndc ?? '',
      enrollmentLink: enrollment.token,
      trackingLink: await trackingLink(inside, organizationId, prescription),
    },
  };
}

const order: PrescriptionOrder = {
  writtenDate: '2026-11-20',
  patient: { address: { line1: '1 Elm St', city: 'Austin', state: 'TX', zip: '78701' } },
  prescriber: { npi: '1993999998', firstName: 'Ines', lastName: 'Roy' },
  medication: { ndc: drug?.ndc ?? '', quantity: 30, quantityUnit: 'C48542', daysSupply: 30 },
};

type Columns = Readonly<Record<string, unknown>>;

function writer({ sql, get }: Inside, organizationId: string) {
  const now = get(Clock).now();
  const add = async (table: string, columns: Columns): Promise<string> => {
    const { id = newId(), ...others } = columns;
    await insertRow(sql, table, { id, organization_id: organizationId, ...others });
    return String(id);
  };
  return { now, add };
}

function sealedEvent({ get }: Inside): Columns {
  const id = newId();
  const sealedAs = (column: string, value: string) =>
    get(Keyring).seal({ table: 'webhook_events', column, row: id }, value);
  return {
    id,
    source: 'shippo',
    dedupe_key: newId(),
    event_type: 'track_updated',
    status: 'failed',
    raw_sealed: sealedAs('raw_sealed', '{"event":"track_updated"}'),
    headers_sealed: sealedAs('headers_sealed', '{}'),
    received_at: get(Clock).now(),
  };
}

function later(now: Date): Date {
  return new Date(now.getTime() + monthMs);
}

/** The parties, somebody of the staff, a program's key, and a doubt about two patients. */
async function people(inside: Inside, organizationId: string, number: number) {
  const { get } = inside;
  const { now, add } = writer(inside, organizationId);
  const patientNamed = async (tx: Parameters<Patients['matchPatient']>[0], lastName: string): Promise<string> => {
    const address = { line1: '1 Elm St', city: 'Austin', state: 'TX', zip: '78701' };
    const person = { externalId: newId(), firstName: 'Ada', lastName, birthDate: '1980-02-29', address };
    return (await get(Patients).matchPatient(tx, organizationId, person)).patientId;
  };
  const parties = await get(Database).tx(systemContext, async (tx) => {
    await get(Drugs).upsert(tx, catalog);
    const pharmacy = await get(Pharmacies).create(tx, organizationId, {
      name: `Pharmacy ${number}`,
      npi: `190000000${number}`,
      ncpdpId: `410000${number}`,
      kind: 'platform_label',
      street: '1 Main St',
      city: 'Austin',
      state: 'TX',
      zip: '78701',
      timeZone: 'America/Chicago',
      licensedStates: ['TX'],
      schedules: ['IV'],
      forms: ['tablet'],
      dailyCapacity: 100,
      turnaroundHours: 24,
      dispensingFeeCents: 500,
    });
    const named = { npi: `180000000${number}`, firstName: 'Ines', lastName: `Roy${number}` };
    const provider = await get(Providers).createOrGet(tx, organizationId, named);
    const patient = await patientNamed(tx, lastNames[2 * number - 2] ?? '');
    return {
      pharmacy: pharmacy.id,
      provider: provider.id,
      patient,
      other: await patientNamed(tx, lastNames[2 * number - 1] ?? ''),
    };
  });
  const { other, ...found } = parties;
  return {
    ...found,
    review: await add('patient_reviews', {
      patient_id: found.patient,
      other_patient_id: other,
      reason: 'email',
      created_at: now,
    }),
    user: await add('users', {
      email: `${newId()}@example.com`,
      password_hash: 'x',
      role: 'auditor',
      created_at: now,
      updated_at: now,
    }),
    apiKey: await add('api_keys', {
      name: 'EHR',
      prefix: 'phk_x',
      key_hash: newId(),
      scopes: ['prescriptions:read'],
      created_by: newId(),
      created_at: now,
    }),
  };
}

async function parcel(inside: Inside, organizationId: string, of: Columns, number: number): Promise<string> {
  const { now, add } = writer(inside, organizationId);
  const shipment = await add('shipments', {
    ...of,
    kind: 'platform_label',
    tracking_number: `T${number}`,
    status: 'delivered',
    label_key: await inside.get(FileStorage).put('labels', Buffer.from('%PDF-1.4')),
    created_at: now,
  });
  await add('tracking_events', {
    prescription_id: of['prescription_id'],
    shipment_id: shipment,
    source: 'shippo',
    status: 'delivered',
    occurred_at: now,
    recorded_at: now,
    dedupe_key: newId(),
  });
  return shipment;
}

/** What happened on the way: rows that no path names, but that lists and time lines show. */
async function history(
  inside: Inside,
  organizationId: string,
  {
    prescription,
    patient,
    invoice,
    notification,
  }: Readonly<Record<'prescription' | 'patient' | 'invoice' | 'notification', string>>,
): Promise<void> {
  const { now, add } = writer(inside, organizationId);
  const of = { prescription_id: prescription };
  await add('prescription_status_events', {
    ...of,
    action: 'receive',
    to_state: 'received',
    version: 1,
    actor_kind: 'system',
    trigger: 'worker',
    event: 'intake_received',
    occurred_at: now,
    recorded_at: now,
  });
  await add('recommendations', {
    ...of,
    requested_at: now,
    order_version: 1,
    ranked: '[]',
    excluded: '[]',
  });
  const money = { ...of, invoice_id: invoice, amount_cents: 1_000, created_at: now };
  const payment = await add('payments', {
    ...money,
    origin: 'request',
    attempt: 1,
    status: 'expired',
    currency: 'USD',
    expires_at: now,
  });
  await add('refunds', { ...money, payment_id: payment, kind: 'requested', reason: 'asked', status: 'failed' });
  await add('disputes', {
    ...of,
    invoice_id: invoice,
    payment_id: payment,
    provider_id: newId(),
    status: 'won',
    reason: 'fraudulent',
    amount_cents: 1_000,
    opened_at: now,
    reported_at: now,
  });
  await add('notification_attempts', {
    ...of,
    notification_id: notification,
    attempt: 1,
    outcome: 'refused',
    code: 'sms.refused',
    at: now,
  });
  await add('consents', { ...of, patient_id: patient, text_version: '1', text_sha256: 'x', accepted_at: now });
  const message = newId();
  const answer = { status: 202, contentType: 'application/json', body: '{}' };
  const about = { organizationId, format: 'json', sender: 'test', contentType: 'application/json' } as const;
  const kept = { ...about, id: message, dedupeKey: message, raw: Buffer.from('{}'), answer, receivedAt: now };
  await inside.get(Database).tx(systemContext, (tx) => inside.get(IntakeStore).keep(tx, kept, prescription));
  await add('cancel_suggestions', { ...of, message_id: message, suggested_at: now });
}

/** An order of the patient's, a subscription that was paused, and a doubt about the customer. */
async function orderedAtCarePortals(inside: Inside, organizationId: string, patient: string, prescription: string) {
  const { now, add } = writer(inside, organizationId);
  const customer = await add('customers', { identity: newId(), patient_id: patient, created_at: now });
  const other = await add('customers', { identity: newId(), created_at: now });
  const contactId = newId();
  const contact = await add('customer_contacts', {
    id: contactId,
    customer_id: customer,
    patient_id: patient,
    fingerprint: newId(),
    contact_sealed: inside.get(Keyring).seal(contactPlace(contactId), '{}'),
    said_at: now,
  });
  const told = { contact_id: contact, webhook_event_id: newId() };
  const order = await add('orders', {
    contact_id: contact,
    external_id: newId(),
    status: 'pending',
    status_at: now,
    placed_at: now,
    created_at: now,
  });
  const subscription = await add('subscriptions', {
    contact_id: contact,
    external_id: newId(),
    status: 'paused',
    status_at: now,
    reminders_suppressed: true,
    created_at: now,
  });
  const facts = { word: 'paused', facts: '{}', digest: newId(), occurred_at: now, recorded_at: now };
  await add('subscription_events', { ...told, ...facts, subscription_id: subscription });
  const written = { ...told, digest: newId(), written_at: now };
  const external = await add('external_prescriptions', {
    ...written,
    external_id: newId(),
    order_id: order,
    prescription_id: prescription,
    created_at: now,
  });
  await add('external_prescription_reports', { ...written, external_prescription_id: external });
  const ofOrder = { order_id: order };
  await add('order_reports', { ...told, ...ofOrder, digest: newId(), said_at: now, part_sealed: Buffer.alloc(0) });
  await add('order_line_items', { ...ofOrder, position: 0, quantity: 1, is_subscription: false });
  const addressId = newId();
  const addressSealed = inside.get(Keyring).seal(addressPlace(addressId), '{}');
  await add('order_addresses', { ...ofOrder, id: addressId, kind: 'shipping', address_sealed: addressSealed });
  await add('order_events', {
    ...ofOrder,
    kind: 'status',
    word: 'pending',
    source_key: 'x',
    occurred_at: now,
    recorded_at: now,
  });
  const doubt = { customer_id: customer, other_customer_id: other, reason: 'same_id_other_email', created_at: now };
  return { order, subscription, customerReview: await add('customer_reviews', doubt) };
}

/** What the doctor said to all, with a picture. */
async function conversation(inside: Inside, organizationId: string, ticket: string, provider: string) {
  const { now, add } = writer(inside, organizationId);
  const [found] = await inside.sql<{ id: string }>('SELECT id FROM chat_threads WHERE ticket_id = $1', [ticket]);
  const thread = found?.id ?? '';
  const message = await add('chat_messages', {
    thread_id: thread,
    seq: 1,
    revision: 1,
    audience: 'all',
    kind: 'text',
    author_party: 'doctor',
    author_party_id: provider,
    created_at: now,
  });
  await inside.sql('UPDATE chat_threads SET last_seq = 1, last_revision = 1, last_message_at = $2 WHERE id = $1', [
    thread,
    now,
  ]);
  const attachmentId = newId();
  const attachment = await add('chat_attachments', {
    id: attachmentId,
    thread_id: thread,
    message_id: message,
    file_key: await inside.get(FileStorage).put('chat-attachments', Buffer.from('a picture')),
    media_type: 'image/jpeg',
    size_bytes: 9,
    name_sealed: inside.get(MessageTexts).sealName(attachmentId, 'a.jpg'),
    created_at: now,
  });
  return { thread, message, attachment };
}

async function link(inside: Inside, organizationId: string, prescription: string, patient: string) {
  const { now, add } = writer(inside, organizationId);
  const [token, session] = [newToken(), newToken()];
  const linkId = await add('enrollment_links', {
    prescription_id: prescription,
    patient_id: patient,
    token_hash: sha256(token),
    created_at: now,
    expires_at: later(now),
  });
  await add('enrollment_sessions', {
    link_id: linkId,
    token_hash: sha256(session),
    code_verified_at: now,
    created_at: now,
    expires_at: later(now),
  });
  return { token, session };
}

/** What the patient wrote to our number. */
async function answered(inside: Inside, organizationId: string, patient: string): Promise<string> {
  const { now } = writer(inside, organizationId);
  const text = { organizationId, patientId: patient, notificationId: null, prescriptionId: null };
  const about = {
    webhookEventId: newId(),
    meaning: 'words',
    body: 'Thank you',
    receivedAt: now,
    isOpen: true,
  } as const;
  const id = await inside
    .get(Database)
    .tx(systemContext, (tx) => inside.get(InboundTextsStore).add(tx, { ...text, ...about }));
  return id ?? '';
}

/** An endpoint of the organization's programs, with one delivery that failed. */
async function told(inside: Inside, organizationId: string) {
  const { now, add } = writer(inside, organizationId);
  const endpointId = newId();
  const { sealed } = inside.get(WebhookSecrets).make(endpointId);
  const webhookEndpoint = await add('webhook_endpoints', {
    id: endpointId,
    url: 'https://hooks.example.com/pharmonico',
    secret_sealed: sealed,
    created_by: newId(),
    created_at: now,
    updated_at: now,
  });
  const webhookDelivery = await add('webhook_deliveries', {
    endpoint_id: webhookEndpoint,
    event_id: newId(),
    event: 'delivered',
    body: '{}',
    status: 'failed',
    failure_code: 'refused',
    created_at: now,
    ended_at: now,
  });
  await add('webhook_delivery_attempts', {
    delivery_id: webhookDelivery,
    round: 1,
    started_at: now,
    outcome: 'failed',
  });
  await inside.sql(
    'INSERT INTO event_listeners (organization_id, subscriber, event) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [organizationId, 'webhook-endpoints.hear', 'delivered'],
  );
  return { webhookEndpoint, webhookDelivery };
}

async function trackingLink(inside: Inside, organizationId: string, prescription: string): Promise<string> {
  const { now, add } = writer(inside, organizationId);
  const token = newToken();
  await add('tracking_links', {
    prescription_id: prescription,
    token_hash: sha256(token),
    token_sealed: Buffer.alloc(0),
    expires_at: later(now),
    created_at: now,
  });
  return token;
}
