import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '../../config/index.js';
import { DirectoryModule, Patients } from '../../src/modules/directory/index.js';
import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { sendEmailJob } from '../../src/modules/notifications/notifications.jobs.js';
import { OptOutsStore } from '../../src/modules/notifications/opt-outs.store.js';
import {
  Compensations,
  Prescriptions,
  PrescriptionsModule,
  systemActor,
} from '../../src/modules/prescriptions/index.js';
import { WebhooksModule, WebhookSources } from '../../src/modules/webhooks/index.js';
import { CONFIG } from '../../src/platform/config/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Metrics } from '../../src/platform/metrics/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { twilioSignature } from '../../src/sandbox/core/signatures.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { insertRow } from '../support/looker.js';
import { insertPharmacy } from '../support/pharmacy.js';
import { insertPrescription, stateOf as stateIn } from '../support/prescription-rows.js';
import type { TestSandbox } from '../support/sandbox.js';
import { surroundings } from '../support/surroundings.js';
import { until } from '../support/until.js';

interface Row {
  id: string;
  channel: string;
  event: string;
  status: string;
  reason: string | null;
  failure: string | null;
}

describe('notifications', () => {
  let modules: ModuleApp;
  let app: NestFastifyApplication;
  let sandbox: TestSandbox;
  let key: string;

  beforeAll(async () => {
    const around = await surroundings('notifications');
    sandbox = await around.sandbox();
    modules = await startModules(around, {
      modules: [DirectoryModule, PrescriptionsModule, WebhooksModule, NotificationsModule],
      works: true,
      env: sandbox.settings,
    });
    ({ app } = modules);
    key = await modules.key();
  });
  afterAll(async () => {
    await modules.stop();
  });

  const sql: ModuleApp['sql'] = (text, values) => modules.sql(text, values);
  const seen = async (address: string): Promise<unknown> => (await fetch(`${sandbox.url}${address}`)).json();
  const texts = async (to: string) =>
    (await seen(`/_sandbox/twilio/messages?to=${encodeURIComponent(to)}`)) as unknown[];
  const mails = async (to: string) =>
    (await seen(`/_sandbox/mailbox?to=${to}`)) as { receipts: number; text: string; messageId: string }[];

  let patients = 0;
  const patient = async (contact: { email?: string; phone?: string }) => {
    patients += 1;
    const born = new Date(Date.UTC(1950, 0, patients)).toISOString().slice(0, 10);
    const candidate = {
      firstName: 'Alex',
      lastName: `Sample${'abcdefghij'[patients] ?? ''}`,
      birthDate: born,
      externalId: `p-${patients}`,
    };
    const { patientId } = await modules.db.tx(systemContext, (tx) =>
      modules.get(Patients).matchPatient(tx, modules.organizationId, { ...candidate, ...contact }),
    );
    return patientId;
  };
  const order = { patient: {}, prescriber: {}, medication: {} };
  const prescription = async (state: string, contact: { email?: string; phone?: string }) =>
    insertPrescription(modules, { patient_id: await patient(contact), state }, order);
  const report = (
    id: string,
    action: 'deliver' | 'scan_out_for_delivery' | 'return',
    sourceKey: string = action,
    occurredAt = new Date(),
  ) =>
    modules.db.tx(systemContext, (tx) =>
      modules.get(Prescriptions).report(tx, {
        id,
        action,
        actor: systemActor,
        trigger: 'webhook',
        occurredAt,
        sourceKey,
      }),
    );
  const rowsOf = (id: string) =>
    sql<Row>(
      `SELECT id, channel, event, status, suppressed_reason AS reason, failure_code AS failure FROM notifications
       WHERE prescription_id = $1 ORDER BY channel, event`,
      [id],
    );
  /** The open link of a prescription whose payment does not fit. */
  const linkWith = async (id: string, finding: string) => {
    const [invoiceId, now] = [newId(), new Date()];
    const link = { organization_id: modules.organizationId, prescription_id: id, amount_cents: 1500, currency: 'USD' };
    const open = { ...link, status: 'open', created_at: now };
    await insertRow(sql, 'invoices', { ...open, id: invoiceId, number: `INV-${invoiceId}`, description: 'Your order' });
    const attempt = { id: newId(), invoice_id: invoiceId, origin: 'request', attempt: 1, expires_at: now };
    await insertRow(sql, 'payments', { ...open, ...attempt, finding });
  };
  const failedMessage = (id: string, patientId: string, channel: 'email' | 'sms') =>
    insertRow(sql, 'notifications', {
      id: newId(),
      organization_id: modules.organizationId,
      prescription_id: id,
      patient_id: patientId,
      event: 'payment_link_created',
      channel,
      template: 'payment_link_created',
      template_version: 1,
      status: 'failed',
      failure_code: 'bounced',
      dedupe_key: newId(),
      expires_at: new Date(),
      created_at: new Date(),
    });
  const stateOf = (id: string) => stateIn(modules, id);
  const reaches = (id: string, channel: string, status: string) =>
    until(async () => (await rowsOf(id)).some((row) => row.channel === channel && row.status === status));

  it('tells of a delivery by email and SMS, records it, and completes the prescription', async () => {
    const contact = { email: 'one@example.com', phone: '+12025550141' };
    const id = await prescription('out_for_delivery', contact);
    await report(id, 'deliver');
    await until(async () => (await stateOf(id)) === 'completed');
    await reaches(id, 'sms', 'delivered');
    await reaches(id, 'email', 'sent');
    const [mail] = await mails(contact.email);
    expect(mail?.text).toContain('Hello Alex,');
    expect(mail?.text).toMatch(/\/t\/[\w-]{43}/);
    expect(await texts(contact.phone)).toHaveLength(1);
    const audit = await sql(`SELECT 1 FROM audit_entries WHERE reason = 'completed' AND $1 = ANY(entity_ids)`, [id]);
    expect(audit).toHaveLength(1);
    const [done] = await sql<{ at: Date | null }>('SELECT completed_at AS at FROM prescriptions WHERE id = $1', [id]);
    expect(done?.at).toBeInstanceOf(Date);
  });

  it('completes also when nobody can be written to, and says why nobody was', async () => {
    const id = await prescription('in_transit', { phone: '555-0143' });
    await report(id, 'deliver');
    await until(async () => (await stateOf(id)) === 'completed');
    expect(await rowsOf(id)).toMatchObject([
      { channel: 'email', status: 'suppressed', reason: 'no_address' },
      { channel: 'sms', status: 'suppressed', reason: 'not_e164' },
    ]);
  });

  it('says who must act when a link reached nobody', async () => {
    const id = await prescription('validated', { email: 'nobody', phone: '+1234567890' });
    await modules.db.tx(systemContext, (tx) =>
      modules.get(Prescriptions).move(tx, { id, action: 'start_enrollment', actor: systemActor, trigger: 'worker' }),
    );
    await until(async () => (await rowsOf(id)).length === 2);
    const why = await app.inject({ url: `/api/prescriptions/${id}/why`, headers: { authorization: key } });
    expect(why.json()).toMatchObject({
      code: 'notification.nobody-reached',
      who: 'ops',
      details: { channels: { email: 'no_address', sms: 'unreachable' } },
    });
  });

  it.each([
    [
      'of the order itself when that can no longer be filled',
      { latestFillDate: '2020-01-31' },
      null,
      'payment.order-expired',
    ],
    ['of a payment that does not fit', {}, 'payment.amount-mismatch', 'payment.mismatch'],
    ['of them otherwise', {}, null, 'notification.nobody-reached'],
  ])('that failed on every channel let why speak %s', async (_, medication, finding, code) => {
    const pharmacyId = await insertPharmacy(sql, modules.organizationId);
    const patientId = await patient({});
    const facts = { patient_id: patientId, state: 'awaiting_payment', pharmacy_id: pharmacyId, owed_cents: 1500 };
    const id = await insertPrescription(modules, facts, { ...order, medication });
    for (const channel of ['email', 'sms'] as const) await failedMessage(id, patientId, channel);
    if (finding !== null) await linkWith(id, finding);
    const why = await app.inject({ url: `/api/prescriptions/${id}/why`, headers: { authorization: key } });
    expect(why.json()).toMatchObject({ code, who: 'ops' });
  });

  it('sends one message when the answer of the vendor was lost after the effect', async () => {
    const contact = { email: 'lost@example.com', phone: '+12025550144' };
    await sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind: '500_after', match: { method: 'POST' } });
    await sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind: '500_after' });
    const id = await prescription('in_transit', contact);
    await report(id, 'scan_out_for_delivery');
    await reaches(id, 'sms', 'delivered');
    await reaches(id, 'email', 'sent');
    expect(await texts(contact.phone)).toHaveLength(1);
    expect(await mails(contact.email)).toMatchObject([{ receipts: 2 }]);
    const outcomes = await sql<{ outcome: string }>(
      `SELECT a.outcome FROM notification_attempts a JOIN notifications n ON n.id = a.notification_id
       WHERE n.prescription_id = $1 AND n.channel = 'sms' ORDER BY a.at`,
      [id],
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['unanswered', 'sent']);
  });

  it('notes together what is sent together, and one that cannot be noted holds up none of the others', async () => {
    const contacts = Array.from({ length: 5 }, (_, index) => ({
      email: `crowd${index}@example.com`,
      phone: `+1202555018${index}`,
    }));
    const ids = await Promise.all(contacts.map((contact) => prescription('out_for_delivery', contact)));
    const [odd = '', ...others] = ids;
    await sql(`ALTER TABLE notification_attempts ADD CONSTRAINT odd CHECK (prescription_id <> '${odd}') NOT VALID`);
    await Promise.all(ids.map((id) => report(id, 'deliver')));
    for (const id of others) await reaches(id, 'email', 'sent');
    for (const id of others) await reaches(id, 'sms', 'delivered');
    await until(async () => (await mails('crowd0@example.com')).length > 0);
    expect((await rowsOf(odd)).find(({ channel }) => channel === 'email')?.status).toBe('pending');
    await sql('ALTER TABLE notification_attempts DROP CONSTRAINT odd');
    await reaches(odd, 'email', 'sent');
    await reaches(odd, 'sms', 'delivered');
    for (const { email, phone } of contacts) {
      expect(await mails(email)).toMatchObject([{ receipts: 1 }]);
      expect(await texts(phone)).toHaveLength(1);
    }
    const attempts = await sql<{ outcome: string; count: number }>(
      `SELECT outcome, count(*)::int AS count FROM notification_attempts WHERE prescription_id = ANY($1::uuid[]) GROUP BY outcome`,
      [ids],
    );
    expect(attempts).toEqual([{ outcome: 'sent', count: 10 }]);
  });

  it('tells of a parcel once, however often the carrier says it', async () => {
    const id = await prescription('in_transit', { email: 'twice@example.com' });
    await report(id, 'deliver', 'first');
    await until(async () => (await stateOf(id)) === 'completed');
    await report(id, 'return', 'back');
    await report(id, 'deliver', 'again');
    await until(async () => (await stateOf(id)) === 'completed');
    await reaches(id, 'email', 'sent');
    expect((await rowsOf(id)).filter(({ channel }) => channel === 'email')).toHaveLength(1);
    expect(await mails('twice@example.com')).toHaveLength(1);
  });

  it('promises nothing for today when it learns a day late that the parcel was with the driver', async () => {
    const id = await prescription('in_transit', { email: 'late@example.com', phone: '+12025550150' });
    await report(id, 'scan_out_for_delivery', 'yesterday', new Date(Date.now() - 26 * 3_600_000));
    await reaches(id, 'email', 'suppressed');
    expect(await rowsOf(id)).toMatchObject([
      { channel: 'email', event: 'out_for_delivery', status: 'suppressed', reason: 'superseded' },
      { channel: 'sms', event: 'out_for_delivery', status: 'suppressed', reason: 'superseded' },
    ]);
  });

  it('writes to no number that said STOP, until it says START', async () => {
    const phone = '+12025550146';
    const say = (body: string) => sandbox.post('/_sandbox/twilio/inbound', { from: phone, to: '+15005550006', body });
    const standing = async () =>
      (await sql(`SELECT 1 FROM opt_outs WHERE ended_at IS NULL AND source = 'sms.stop'`)).length;
    await say('STOP');
    await until(async () => (await standing()) === 1);
    const id = await prescription('in_transit', { phone });
    await report(id, 'deliver');
    await until(async () => (await stateOf(id)) === 'completed');
    expect((await rowsOf(id)).find(({ channel }) => channel === 'sms')).toMatchObject({ reason: 'opted_out' });
    await say('START');
    await until(async () => (await standing()) === 0);
  });

  it('learns from a refusal that a number is unreachable, and sends again when a person asks', async () => {
    const phone = '+12025550147';
    await sandbox.post('/_sandbox/twilio/undeliverable', { phone, errorCode: 30003 });
    const id = await prescription('in_transit', { phone });
    await report(id, 'deliver');
    await reaches(id, 'sms', 'failed');
    const [row] = (await rowsOf(id)).filter(({ channel }) => channel === 'sms');
    expect(row).toMatchObject({ failure: 'twilio.30003' });
    const retry = () =>
      app.inject({ method: 'POST', url: `/api/notifications/${row?.id ?? ''}/retry`, headers: { authorization: key } });
    const answer = await retry();
    expect([answer.statusCode, answer.json<{ to: string }>().to]).toEqual([202, '•••0147']);
    await until(async () => (await texts(phone)).length === 2);
    await reaches(id, 'sms', 'failed');
    const told = await sql<{ payload: object }>(
      `SELECT payload FROM outbox_events WHERE event = 'notification_failed' AND aggregate_id = $1`,
      [id],
    );
    expect(told.map(({ payload }) => payload)).toEqual(
      Array.from({ length: 2 }, () => ({ prescriptionId: id, notificationId: row?.id, reason: 'twilio.30003' })),
    );
  });

  it('believes a text that arrives more than what was learnt of its number before', async () => {
    const phone = '+12025550159';
    const store = app.get(OptOutsStore);
    await modules.db.tx(systemContext, (tx) => store.add(tx, phone, 'unreachable', 'sms.unreachable'));
    const id = await prescription('in_transit', { phone });
    await report(id, 'deliver');
    await reaches(id, 'sms', 'suppressed');
    const [row] = (await rowsOf(id)).filter(({ channel }) => channel === 'sms');
    expect(row).toMatchObject({ reason: 'unreachable' });
    const url = `/api/notifications/${row?.id ?? ''}/retry`;
    await app.inject({ method: 'POST', url, headers: { authorization: key } });
    await reaches(id, 'sms', 'delivered');
    expect(await modules.db.tx(systemContext, (tx) => store.of(tx, phone))).toMatchObject({ unreachable: false });
  });

  it('keeps a mail whose sender was refused, blames nobody’s address, and sends it once that is mended', async () => {
    const match = { method: 'RCPT' };
    await sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind: 'refuse_sender', match });
    const email = 'refused.sender@example.com';
    const id = await prescription('in_transit', { email });
    await report(id, 'deliver');
    const letters = () => sql<{ reason: string }>(`SELECT reason FROM dead_letters WHERE aggregate_id = $1`, [id]);
    await until(async () => (await letters()).length === 1);
    const [letter] = await letters();
    expect(letter?.reason).toBe('email.553');
    const [row] = (await rowsOf(id)).filter(({ channel }) => channel === 'email');
    expect(row).toMatchObject({ status: 'pending', failure: null });
    const notificationId = row?.id ?? '';
    await modules.db.tx(systemContext, (tx) => app.get(Outbox).enqueue(tx, sendEmailJob, { notificationId }));
    await reaches(id, 'email', 'sent');
    expect(await mails(email)).toHaveLength(1);
  });

  it('writes to nobody who said STOP after the message was composed', async () => {
    const phone = '+12025550148';
    await sandbox.post('/_sandbox/twilio/undeliverable', { phone, errorCode: 30003 });
    const id = await prescription('in_transit', { phone });
    await report(id, 'deliver');
    await reaches(id, 'sms', 'failed');
    const [row] = (await rowsOf(id)).filter(({ channel }) => channel === 'sms');
    await sandbox.post('/_sandbox/twilio/inbound', { from: phone, to: '+15005550006', body: 'Stop please' });
    await until(
      async () => (await sql(`SELECT 1 FROM opt_outs WHERE ended_at IS NULL AND category = 'all'`)).length === 1,
    );
    const url = `/api/notifications/${row?.id ?? ''}/retry`;
    await app.inject({ method: 'POST', url, headers: { authorization: key } });
    await reaches(id, 'sms', 'suppressed');
    expect((await rowsOf(id)).find(({ channel }) => channel === 'sms')).toMatchObject({ reason: 'opted_out' });
    expect(await texts(phone)).toHaveLength(1);
  });

  it('tells of a cancel once, as the last step of the saga', async () => {
    const id = await prescription('cancelled', { email: 'gone@example.com' });
    const step = modules
      .get(Compensations)
      .inOrder()
      .find((provider) => provider.step === 'parties');
    expect(await step?.run(id)).toBe('patient-notified');
    expect(await step?.run(id)).toBe('nothing-to-do');
    await reaches(id, 'email', 'sent');
    expect(await mails('gone@example.com')).toHaveLength(1);
  });

  it.each(['failed', 'returned'])('tells once, and of no cancel, when the order %s', async (state) => {
    const email = `${state}@example.com`;
    const id = await prescription(state, { email });
    const step = modules
      .get(Compensations)
      .inOrder()
      .find((provider) => provider.step === 'parties');
    expect(await step?.run(id)).toBe('patient-notified');
    expect(await step?.run(id)).toBe('nothing-to-do');
    await reaches(id, 'email', 'sent');
    const [mail, ...more] = await mails(email);
    expect(more).toEqual([]);
    expect(mail?.text).toContain('could not be delivered');
    expect(mail?.text).not.toContain('cancelled');
  });

  it('shows staff what was sent with masked addresses, and nobody else anything', async () => {
    const ask = (authorization?: string) =>
      app.inject({
        url: '/api/notifications?channel=email&status=sent',
        headers: { ...(authorization && { authorization }) },
      });
    const answer = await ask(key);
    expect(answer.statusCode).toBe(200);
    const { items } = answer.json<{ items: { to: string }[] }>();
    expect(items.map(({ to }) => to)).toContain('o•••@example.com');
    expect(answer.body).not.toContain('one@example.com');
    expect((await ask()).statusCode).toBe(401);
  });

  it('parks a report in a word nobody knows with the organization whose message it is about', async () => {
    const id = await prescription('in_transit', { phone: '+12025550149' });
    await report(id, 'deliver');
    await reaches(id, 'sms', 'delivered');
    const [message] = await sql<{ id: string; sid: string }>(
      `SELECT id, provider_id AS sid FROM notifications WHERE prescription_id = $1 AND channel = 'sms'`,
      [id],
    );
    const told = await modules
      .get(WebhookSources)
      .of('twilio-status')
      ?.handle({
        id: newId(),
        source: 'twilio-status',
        eventType: 'status',
        raw: Buffer.from(`MessageSid=${message?.sid ?? ''}&MessageStatus=teleported`),
        headers: {},
        receivedAt: new Date(),
      });
    expect(told).toMatchObject({
      outcome: 'parked',
      code: 'twilio.unknown-word',
      organizationId: modules.organizationId,
      related: { prescriptionId: id, notificationId: message?.id },
    });
  });

  it('refuses reports that Twilio did not sign', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/webhooks/twilio/status',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'AAAA' },
      payload: 'MessageSid=SM1&MessageStatus=delivered',
    });
    expect(answer.statusCode).toBe(401);
  });

  it.each(['status', 'inbound'])('counts a body of /%s that Twilio signed and nobody can read', async (door) => {
    const [url, payload] = [`/api/webhooks/twilio/${door}`, 'MessageStatus=delivered'];
    const { PUBLIC_URL, PORT } = app.get<Pick<Config, 'PUBLIC_URL' | 'PORT'>>(CONFIG, { strict: false });
    const called = `${PUBLIC_URL ?? `http://localhost:${PORT}`}${url}`;
    const answer = await app.inject({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': twilioSignature(sandbox.secrets.TWILIO_AUTH_TOKEN, called, payload),
      },
      payload,
    });
    expect(answer.statusCode).toBe(400);
    expect(await modules.get(Metrics).render()).toContain(
      `pharmonico_webhooks_refused_total{source="twilio-${door}",verdict="request.malformed"} 1`,
    );
  });
});
