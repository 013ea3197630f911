import { MailGateway } from '../../src/modules/notifications/gateways/mail.port.js';
import { SmsGateway } from '../../src/modules/notifications/gateways/sms.port.js';
import { TicketNoticesWorker } from '../../src/modules/notifications/ticket-notices.worker.js';
import { systemContext } from '../../src/platform/db/index.js';
import { Refused } from '../../src/platform/effects/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Outbox, redrive } from '../../src/platform/outbox/index.js';
import { startNotices, type NoticedTicket, type NoticesApp } from '../support/notices-app.js';
import { insertPrescription } from '../support/prescription-rows.js';

const minute = 60_000;
const secret = 'Take 30 mg of Phentermine';

/** What of a patient and of what is said may stand in no mail to staff. */
const patientData = ['Ada', 'Marsh', '1980', 'example.com', '+1202', 'Phentermine', '30 mg'];

async function asksForCall(app: NoticesApp, { email, phone }: NoticedTicket): Promise<void> {
  const [mail] = await app.mails(email);
  const [text] = await app.texts(phone);
  for (const said of [mail?.text, mail?.html, text?.body]) {
    expect(said).toMatch(/please call us: 1-800-SUPPORT/i);
    expect(said).not.toMatch(/sign in|https?:/);
  }
}

describe('messages of a ticket where patients have no portal', () => {
  it('are told from the notice before, which says the same, when the vendor gave no answer', async () => {
    const app = await startNotices({});
    try {
      // A vendor's answer is looked for among messages younger than ours.
      app.clock.set('2024-11-11T17:00:00Z');
      const ticket = await app.ticket();
      await app.agrees(ticket);
      const tell = async () => {
        await app.say(ticket, ticket.doctor, { text: secret, audience: 'all' });
        await app.settled();
        app.clock.advance(15 * minute);
        await app.settled();
      };
      await tell();
      await app.read(ticket, ticket.patient);
      await app.sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind: '500_before', match: { method: 'POST' } });
      await tell();
      expect(await app.texts(ticket.phone)).toHaveLength(1);
      app.clock.advance(60 * minute);
      await app.settled();
      const [second, first] = await app.texts(ticket.phone);
      expect(second?.body).toBe(first?.body);
      const texts = (await app.notices(ticket.id)).filter(({ channel }) => channel === 'sms');
      expect(texts.map(({ status }) => status.replace('delivered', 'sent'))).toEqual(['sent', 'sent']);
    } finally {
      await app.stop();
    }
  });

  it('ask the patient to call', async () => {
    const app = await startNotices({});
    try {
      const ticket = await app.ticket();
      await app.say(ticket, ticket.doctor, { text: secret, audience: 'all' });
      await app.settled();
      app.clock.advance(minute);
      await app.settled();
      await asksForCall(app, ticket);
    } finally {
      await app.stop();
    }
  });
});

describe('messages of a ticket', () => {
  let app: NoticesApp;
  let operations: string;
  let strangers: string;
  let ops: string;

  beforeAll(async () => {
    app = await startNotices();
    const other = await app.organization({ brand: 'Elsewhere' });
    ops = await app.user('ops');
    await app.user('ops', { organizationId: other });
    [operations = ''] = await app.emails('ops', 'organization_id', app.organizationId);
    [strangers = ''] = await app.emails('ops', 'organization_id', other);
  });
  afterAll(() => app.stop());

  const tell = (ticket: NoticedTicket, text = secret) => app.say(ticket, ticket.doctor, { text, audience: 'all' });
  const after = async (milliseconds: number) => {
    await app.settled();
    app.clock.advance(milliseconds);
    await app.settled();
  };
  const toPatient = (channel: string, status: string, reason: string | null = null) => ({
    event: 'message_posted',
    kind: 'patient',
    channel,
    status,
    reason,
  });
  const toOperations = (status: string, reason: string | null = null) => ({
    ...toPatient('email', status, reason),
    kind: 'ops',
  });

  it('are told to the patient once, when nobody has read them for a minute, and without a word of them', async () => {
    const ticket = await app.ticket();
    for (const text of [secret, 'Are you well?', 'Call me.']) await tell(ticket, text);
    await app.settled();
    expect(await app.mails(ticket.email)).toEqual([]);
    await after(minute);
    await after(23 * 60 * minute);
    await tell(ticket, 'And some time later.');
    await after(minute);
    expect((await app.notices(ticket.id)).map(({ kind, channel }) => [kind, channel])).toEqual([
      ['patient', 'email'],
      ['patient', 'sms'],
    ]);
    const [mail, ...more] = await app.mails(ticket.email);
    expect(more).toEqual([]);
    expect(mail?.text).toContain('Hello Ada,');
    expect(mail?.text).toMatch(/\?message=1\n/);
    expect(await app.texts(ticket.phone)).toHaveLength(1);
    const said = JSON.stringify([mail, await app.texts(ticket.phone)]);
    for (const word of ['Phentermine', '30 mg', 'Are you well', 'Marsh', ticket.id]) expect(said).not.toContain(word);
  });

  it('ask who has no account to call, and lead to no page', async () => {
    const ticket = await app.ticket();
    await app.sql('UPDATE users SET disabled_at = now() WHERE patient_id = $1', [ticket.patientId]);
    await tell(ticket);
    await after(minute);
    await asksForCall(app, ticket);
  });

  it('are told again a day later to who has not read the first', async () => {
    const ticket = await app.ticket();
    for (const text of ['today', 'tomorrow', 'the day after']) {
      await tell(ticket, text);
      await after(25 * 60 * minute);
    }
    expect(await app.mails(ticket.email)).toHaveLength(3);
  });

  it('are told again once the first were read, a quarter of an hour apart', async () => {
    const ticket = await app.ticket();
    await tell(ticket);
    await after(minute);
    await app.read(ticket, ticket.patient);
    await tell(ticket, 'One more thing.');
    await after(10 * minute);
    expect(await app.mails(ticket.email)).toHaveLength(1);
    await after(4 * minute);
    expect(await app.mails(ticket.email)).toHaveLength(2);
    // Who has agreed to no texts gets one a day.
    expect(await app.texts(ticket.phone)).toHaveLength(1);
    expect(await app.notices(ticket.id)).toContainEqual(toPatient('sms', 'suppressed', 'capped'));
  });

  it('are not told when they were read before, or answered, or taken back', async () => {
    const [read, answered, deleted] = [await app.ticket(), await app.ticket(), await app.ticket()];
    for (const ticket of [read, answered]) await tell(ticket);
    const message = await tell(deleted);
    await app.settled();
    await app.read(read, read.patient);
    await app.say(answered, answered.patient, { text: 'I am.' });
    await app.call(deleted.doctor, 'DELETE', `/api/threads/${deleted.id}/messages/${message}`);
    await after(minute);
    for (const ticket of [read, answered, deleted]) {
      const rows = (await app.notices(ticket.id)).filter(({ kind }) => kind === 'patient');
      expect(rows).toEqual([toPatient('email', 'suppressed', 'read'), toPatient('sms', 'suppressed', 'read')]);
      expect(await app.mails(ticket.email)).toEqual([]);
    }
    await tell(read, 'Unread again.');
    await after(15 * minute);
    expect(await app.mails(read.email)).toHaveLength(1);
  });

  it('concern the patient whose ticket it is, and nobody it was before', async () => {
    const [ticket, later] = [await app.ticket(), await app.ticket()];
    const pass = async (patientId: string) => {
      app.clock.advance(1);
      const values = [ticket.id, patientId, app.clock.now()];
      await app.sql('UPDATE healthcare_tickets SET patient_id = $2, updated_at = $3 WHERE id = $1', values);
      app.clock.advance(1);
    };
    const statuses = async () =>
      (await app.notices(ticket.id)).map(({ status, reason }) => reason ?? status.replace('delivered', 'sent'));
    await tell(ticket);
    await after(minute);
    await tell(ticket);
    await pass(later.patientId);
    await after(minute);
    expect(await statuses()).toEqual(['sent', 'sent']);
    // What the former one was told says nothing of whether the later one knows.
    await tell(ticket);
    await after(minute);
    expect(await statuses()).toEqual(['sent', 'sent', 'sent', 'sent']);
    expect(await app.mails(later.email)).toHaveLength(1);
    expect(await app.mails(ticket.email)).toHaveLength(1);
    await app.read(ticket, later.patient);
    await tell(ticket);
    await app.settled();
    await pass(ticket.patientId);
    await after(15 * minute);
    expect(await statuses()).toEqual(['sent', 'sent', 'sent', 'sent', 'superseded', 'capped']);
  });

  it('wait while an order that came in again is nobody’s, and go to the patient who is found to be the same', async () => {
    const ticket = await app.ticket();
    const pass = (patientId: string | null) =>
      app.sql('UPDATE healthcare_tickets SET patient_id = $2, updated_at = $3 WHERE id = $1', [
        ticket.id,
        patientId,
        app.clock.now(),
      ]);
    const statuses = async () => (await app.notices(ticket.id)).map(({ channel, status }) => `${channel} ${status}`);
    await tell(ticket);
    await app.settled();
    app.clock.advance(1);
    await pass(null);
    await after(2 * minute);
    expect(await statuses()).toEqual(['email pending', 'sms pending']);
    await pass(ticket.patientId);
    await after(10 * minute);
    expect(await statuses()).toEqual([
      expect.stringMatching(/^email (sent|delivered)$/),
      expect.stringMatching(/^sms (sent|delivered)$/),
    ]);
    expect(await app.mails(ticket.email)).toHaveLength(1);
  });

  it('are nobody else’s business between providers and inside a house', async () => {
    const ticket = await app.ticket();
    await app.say(ticket, ticket.doctor, { text: secret });
    await app.say(ticket, ticket.pharmacy, { text: secret, audience: 'internal' });
    await app.say(ticket, ticket.pharmacy, { text: secret, blocks: true, awaits: 'doctor' });
    const heard = await app.sql('SELECT 1 FROM outbox_events WHERE event = $1 AND aggregate_id = $2', [
      'message_posted',
      ticket.id,
    ]);
    expect(heard).toEqual([]);
  });

  it('wait for the morning by SMS, and reach no number that said STOP', async () => {
    const [now, ticket, stopped] = [app.clock.now(), await app.ticket(), await app.ticket()];
    await app.sql(
      `INSERT INTO opt_outs (id, phone_index, category, source, at) SELECT $1, $2, 'all', 'sms.stop', now()`,
      [newId(), app.phoneIndex(stopped.phone)],
    );
    app.clock.set('2026-12-01T04:00:00Z');
    for (const late of [ticket, stopped]) await tell(late);
    await after(minute);
    expect(await app.notices(ticket.id)).toEqual([toPatient('email', 'sent'), toPatient('sms', 'pending')]);
    expect(await app.notices(stopped.id)).toEqual([
      toPatient('email', 'sent'),
      toPatient('sms', 'suppressed', 'opted_out'),
    ]);
    app.clock.set('2026-12-01T13:00:00Z');
    await app.settled();
    expect(await app.texts(ticket.phone)).toHaveLength(1);
    app.clock.set(now);
  });

  it('are told by email though their text was given up, and of several such texts one goes out in the end', async () => {
    const ticket = await app.ticket();
    await app.agrees(ticket);
    const gateway = app.get(SmsGateway);
    gateway.send = () => Promise.reject(new Refused('twilio.21408', 'not to that country'));
    await tell(ticket);
    await after(minute);
    await app.read(ticket, ticket.patient);
    await tell(ticket, 'One more thing.');
    await after(15 * minute).finally(() => Reflect.deleteProperty(gateway, 'send'));
    expect(await app.mails(ticket.email)).toHaveLength(2);
    const pending = await app.sql<{ id: string }>(
      `SELECT id FROM notifications WHERE ticket_id = $1 AND status = 'pending' ORDER BY thread_seq`,
      [ticket.id],
    );
    expect(pending).toHaveLength(2);
    const subscriber = 'notifications.send_sms';
    for (const { id } of pending) {
      const letter = { aggregateId: ticket.id, subscriber, about: ['notificationId', id] } as const;
      expect(await app.db.tx(systemContext, (tx) => redrive(tx, letter, newId(), app.clock.now()))).toBe(true);
    }
    await app.settled();
    expect((await app.notices(ticket.id)).filter(({ channel }) => channel === 'sms')).toEqual([
      toPatient('sms', 'suppressed', 'superseded'),
      expect.objectContaining({ reason: null }),
    ]);
    expect(await app.texts(ticket.phone)).toHaveLength(1);
  });

  it('are told to operations again though the mail server refuses one of them', async () => {
    const ticket = await app.ticket();
    const gateway = app.get(MailGateway);
    const send = gateway.send.bind(gateway);
    await app.user('ops');
    const [, refused] = await app.emails('ops', 'organization_id', app.organizationId);
    gateway.send = (mail) =>
      mail.to === refused ? Promise.reject(new Refused('email.554', 'not like that')) : send(mail);
    const aboutTicket = async () => (await app.mails(operations)).filter(({ text }) => text.includes(ticket.id));
    await app.say(ticket, ticket.patient, { text: secret });
    await after(minute);
    await app.read(ticket, ops);
    await app.say(ticket, ticket.patient, { text: 'Please answer.' });
    await after(15 * minute).finally(() => Reflect.deleteProperty(gateway, 'send'));
    await app.sql('UPDATE users SET disabled_at = now() WHERE email = $1', [refused]);
    expect(await aboutTicket()).toHaveLength(2);
  });

  it('of the patient are told to operations of the own organization once, by the number of the ticket alone', async () => {
    const ticket = await app.ticket();
    for (const text of [secret, 'Please answer.']) await app.say(ticket, ticket.patient, { text });
    await after(minute);
    expect(await app.notices(ticket.id)).toEqual([toOperations('sent')]);
    const mails = (await app.mails(operations)).filter(({ text }) => text.includes(ticket.id));
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain(`/api/tickets/${ticket.id}`);
    const said = JSON.stringify(mails.map(({ subject, text, html }) => [subject, text, html]));
    for (const word of patientData) expect(said).not.toContain(word);
    expect(await app.mails(strangers)).toEqual([]);
  });

  it('that await operations are told to them, and to nobody else', async () => {
    const ticket = await app.ticket();
    const ask = () => app.say(ticket, ticket.pharmacy, { text: 'Who pays?', blocks: true, awaits: 'ops' });
    await ask();
    await after(minute);
    expect(await app.notices(ticket.id)).toEqual([toOperations('sent')]);
    await ask();
    await app.read(ticket, ops);
    await ask();
    await app.settled();
    await app.read(ticket, ops);
    await after(15 * minute);
    expect(await app.notices(ticket.id)).toEqual([toOperations('sent'), toOperations('suppressed', 'read')]);
    expect(await app.mails(ticket.email)).toEqual([]);
  });

  it('that answer what the platform asked for a payer are told to operations, who alone go on with it', async () => {
    const ticket = await app.ticket();
    const columns = { state: 'adjudication_issue', patient_id: ticket.patientId, ticket_id: ticket.id };
    const id = await insertPrescription(app, columns);
    await app.db.tx(systemContext, (tx) =>
      app.get(Outbox).publish(tx, {
        name: 'clinic_asked',
        aggregateId: id,
        organizationId: app.organizationId,
        payload: { prescriptionId: id, asks: 'limit' },
      }),
    );
    await app.settled();
    const [question] = await app.sql<{ id: string }>('SELECT id FROM chat_messages WHERE prescription_id = $1', [id]);
    await app.say(ticket, ticket.doctor, { text: secret, answers: question?.id });
    await after(minute);
    expect(await app.notices(ticket.id)).toEqual([toOperations('sent')]);
    expect(await app.mails(ticket.email)).toEqual([]);
  });

  it('are composed once, however often and however many at once the job runs', async () => {
    const ticket = await app.ticket();
    const worker = app.get(TicketNoticesWorker);
    const [first, second] = [await tell(ticket), await tell(ticket, 'Second.')];
    const run = (messageId: string) =>
      worker.ofMessage({ messageId }, { outboxId: newId(), attempt: 2, closed: false });
    await Promise.all([first, second, first, second, first].map(run));
    await after(minute);
    await app.read(ticket, ticket.patient);
    await Promise.all([second, first].map(run));
    await after(60 * minute);
    expect(await app.notices(ticket.id)).toHaveLength(2);
    expect(await app.mails(ticket.email)).toHaveLength(1);
  });
});
