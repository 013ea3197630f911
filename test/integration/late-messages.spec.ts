import { PatientCorrections, type PatientCorrection } from '../../src/modules/directory/patient-corrections.service.js';
import { Prescriptions } from '../../src/modules/prescriptions/index.js';
import { SmsGateway } from '../../src/modules/notifications/gateways/sms.port.js';
import { WebhookSources } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { Refused } from '../../src/platform/effects/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { hour, startReminders, type Reminded, type RemindersApp } from '../support/reminders-app.js';
import { until } from '../support/until.js';

const minute = 60_000;

describe('a message that goes out late, or again', () => {
  let app: RemindersApp;

  beforeAll(async () => {
    app = await startReminders();
  });
  afterAll(() => app.stop());
  beforeEach(() => app.nextWeek());
  afterEach(() => fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' }));

  const textOf = async ({ id }: Reminded, event: string) => {
    const [row] = await app.sql<{ id: string; status: string; reason: string | null; tries: number }>(
      `SELECT n.id, status, suppressed_reason AS reason,
         (SELECT count(*)::int FROM notification_attempts a WHERE a.notification_id = n.id AND outcome = 'unanswered') AS tries
       FROM notifications n WHERE prescription_id = $1 AND event = $2 AND channel = 'sms'`,
      [id, event],
    );
    return row;
  };
  /** By another name at the vendor, so that its own reports, which may still come, are not about it. */
  const neverArrived = ({ id }: Reminded, event: string) =>
    app.sql(
      `UPDATE notifications SET status = 'failed', failure_code = 'twilio.30003', provider_id = 'lost-' || id || '-' || round
       WHERE prescription_id = $1 AND event = $2 AND channel = 'sms'`,
      [id, event],
    );
  const retry = async (one: Reminded, event: string) => {
    const { status } = await app.call('POST', `/api/notifications/${(await textOf(one, event))?.id ?? ''}/retry`);
    expect(status).toBe(202);
    await until(async () => (await textOf(one, event))?.status !== 'pending');
    return textOf(one, event);
  };
  /** A reminder that never arrived and is to be sent again at 22:00 in Chicago. */
  const retriedAtNight = async (one: Reminded) => {
    app.clock.advance(24 * hour);
    await app.sent(one.id, 'enrollment_reminder');
    await neverArrived(one, 'enrollment_reminder');
    app.clock.advance(11 * hour);
    const { id = '' } = (await textOf(one, 'enrollment_reminder')) ?? {};
    expect((await app.call('POST', `/api/notifications/${id}/retry`)).status).toBe(202);
    await app.waitsForMorning(one.id);
  };

  const reported = (messageSid: string, status: string) =>
    app
      .get(WebhookSources)
      .of('twilio-status')
      ?.handle({
        id: newId(),
        source: 'twilio-status',
        eventType: 'status',
        raw: Buffer.from(`MessageSid=${messageSid}&MessageStatus=${status}`),
        headers: {},
        receivedAt: app.clock.now(),
      });

  it('brings no link that another one replaced', async () => {
    const one = await app.enrolling();
    await neverArrived(one, 'enrollment_started');
    app.clock.advance(hour);
    expect((await app.call('POST', `/api/prescriptions/${one.id}/enrollment`)).status).toBe(201);
    await app.sent(one.id, 'enrollment_link_renewed');
    expect(await retry(one, 'enrollment_started')).toMatchObject({ status: 'suppressed', reason: 'superseded' });
    expect(await app.texts(one.phone)).toHaveLength(2);
  });

  it('brings the link that is still open', async () => {
    const one = await app.enrolling();
    await neverArrived(one, 'enrollment_started');
    app.clock.advance(hour);
    expect(await retry(one, 'enrollment_started')).toMatchObject({ reason: null });
    expect(await app.texts(one.phone)).toHaveLength(2);
  });

  it('brings the link that is still open when the clock of whoever made it is ahead', async () => {
    const one = await app.enrolling();
    await neverArrived(one, 'enrollment_started');
    await app.sql(
      `UPDATE enrollment_links SET created_at = created_at + interval '50 milliseconds' WHERE prescription_id = $1`,
      [one.id],
    );
    app.clock.advance(hour);
    expect(await retry(one, 'enrollment_started')).toMatchObject({ reason: null });
  });

  it('goes out again whatever the vendor still reports of its first sending', async () => {
    const [one, event] = [await app.enrolling(), 'enrollment_started'];
    const { id = '' } = (await textOf(one, event)) ?? {};
    const [first] = await app.sql<{ sid: string }>(
      `UPDATE notifications SET status = 'failed', failure_code = 'twilio.30003' WHERE id = $1 RETURNING provider_id AS sid`,
      [id],
    );
    await app.sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind: '500_before', times: 50 });
    expect((await app.call('POST', `/api/notifications/${id}/retry`)).status).toBe(202);
    await until(async () => ((await textOf(one, event))?.tries ?? 0) > 0);
    for (const status of ['delivered', 'undelivered']) {
      expect(await reported(first?.sid ?? '', status)).toMatchObject({ outcome: 'processed' });
      expect(await textOf(one, event)).toMatchObject({ status: 'pending' });
    }
    await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    app.clock.advance(hour);
    await until(async () => (await app.texts(one.phone)).length === 2);
  });

  it('brings no code that a newer one ended', async () => {
    const one = await app.enrolling();
    const token = /\/enroll\/([\w-]{43})/.exec((await app.mails(one.email))[0]?.text ?? '')?.[1] ?? '';
    const session = await app.call('POST', `/api/enrollment/${token}/verify`, {
      birthDate: '1980-02-29',
      zip: '78701',
    });
    const headers = { 'x-enrollment-session': session.body['sessionToken'] };
    const askCode = (channel: string) =>
      app.call('POST', `/api/enrollment/${token}/code`, { channel }, headers).then(({ status }) => {
        expect(status).toBe(202);
      });
    const event = 'enrollment_code_requested';
    await askCode('sms');
    await until(async () => /sent|delivered/.test((await textOf(one, event))?.status ?? ''));
    await neverArrived(one, event);
    app.clock.advance(minute);
    expect(await retry(one, event)).toMatchObject({ reason: null });
    expect(await app.texts(one.phone)).toHaveLength(3);
    await neverArrived(one, event);
    await askCode('email');
    expect(await retry(one, event)).toMatchObject({ status: 'suppressed', reason: 'superseded' });
    expect(await app.texts(one.phone)).toHaveLength(3);
  });

  it('waits for the morning when a person wants it sent again in the night', async () => {
    const one = await app.enrolling();
    await retriedAtNight(one);
    expect(await app.texts(one.phone)).toHaveLength(2);
    app.clock.advance(11 * hour);
    await until(async () => (await app.texts(one.phone)).length === 3);
  });

  it('waits for the morning where the order goes when a person wants it sent again', async () => {
    const one = await app.enrolling('HI');
    app.clock.advance(26 * hour);
    await app.sent(one.id, 'enrollment_reminder');
    await neverArrived(one, 'enrollment_reminder');
    // 23:00 in New York.
    app.clock.advance(9 * hour);
    const { id = '' } = (await textOf(one, 'enrollment_reminder')) ?? {};
    expect((await app.call('POST', `/api/notifications/${id}/retry`)).status).toBe(202);
    await app.waitsForMorning(one.id, 'Pacific/Honolulu');
  });

  const settles = ({ id }: Reminded) =>
    app.db.tx(systemContext, (tx) =>
      app.get(Prescriptions).move(tx, { id, action: 'settle', actor: { kind: 'payer' }, trigger: 'webhook' }),
    );
  const paysSomethingElse = ({ id }: Reminded) =>
    app.sql(`UPDATE payments SET finding = 'payment.amount-mismatch' WHERE prescription_id = $1`, [id]);

  /** Its payment link is renewed, its text fails once in this way, and it is paid, or what else is said, before the text is tried again. */
  const paidBetweenTries = async (
    kind: string,
    meanwhile = () => undefined as unknown,
    pays: (one: Reminded) => Promise<unknown> = settles,
  ) => {
    const one = await app.paying();
    await app.sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind, match: { method: 'POST' }, times: 50 });
    await app.paymentLink(one.id, 'manual');
    await until(async () => ((await textOf(one, 'payment_link_renewed'))?.tries ?? 0) > 0);
    await pays(one);
    await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    meanwhile();
    app.clock.advance(hour);
    await until(async () => (await textOf(one, 'payment_link_renewed'))?.status !== 'pending');
    return one;
  };

  it.each([
    ['settled', settles],
    ['looked into', paysSomethingElse],
  ])('asks nobody to pay whose money came in while its vendor was away, and is %s', async (_, pays) => {
    const one = await paidBetweenTries('500_before', undefined, pays);
    expect(await textOf(one, 'payment_link_renewed')).toMatchObject({ status: 'suppressed', reason: 'superseded' });
    expect(await app.texts(one.phone)).toHaveLength(1);
  });

  it('is noted as sent when the vendor had taken it, though it is true no more', async () => {
    const one = await paidBetweenTries('500_after');
    expect(await textOf(one, 'payment_link_renewed')).toMatchObject({
      status: expect.stringMatching(/sent|delivered/) as string,
      reason: null,
    });
    expect(await app.texts(one.phone)).toHaveLength(2);
  });

  it.each([
    ['is off', 'vendor.off', false],
    ['refuses to say whether it was taken', 'twilio.20003', true],
  ])('ends although its vendor %s: nobody waits for what is not to be sent', async (_, code, isOn) => {
    const gateway = app.get(SmsGateway);
    const one = await paidBetweenTries('500_before', () => {
      Object.defineProperty(gateway, 'isOn', { value: isOn, configurable: true });
      gateway.find = () => Promise.reject(new Refused(code, 'no'));
    }).finally(() => ['isOn', 'find'].forEach((name) => Reflect.deleteProperty(gateway, name)));
    expect(await textOf(one, 'payment_link_renewed')).toMatchObject({ status: 'suppressed', reason: 'superseded' });
    const ledger = await app.sql(
      `SELECT state FROM effects e JOIN notifications n ON e.key = 'sms:' || n.id || ':' || n.round
       WHERE n.prescription_id = $1 AND n.event = 'payment_link_renewed'`,
      [one.id],
    );
    expect(ledger).toEqual([{ state: 'unknown' }]);
  });

  const corrected = async ({ id }: Reminded, contact: PatientCorrection) => {
    const [row] = await app.sql<{ patientId: string }>(
      'SELECT patient_id AS "patientId" FROM prescriptions WHERE id = $1',
      [id],
    );
    await app.db.tx(systemContext, (tx) => app.get(PatientCorrections).correct(tx, row?.patientId ?? '', contact));
  };

  it('goes to the number that was corrected before a person wants it sent again', async () => {
    const [one, phone] = [await app.enrolling(), '+15125559001'];
    await neverArrived(one, 'enrollment_started');
    await corrected(one, { phone });
    expect(await retry(one, 'enrollment_started')).toMatchObject({ reason: null });
    expect([await app.texts(one.phone), await app.texts(phone)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it.each([
    ['no number', 'ask at the counter', '+15125559002', 'not_e164'],
    ['a number that cannot exist', '+1234567890', '+15125559007', 'unreachable'],
  ])('waits, and is asked for again, while what is on file is %s', async (_what, onFile, phone, reason) => {
    const one = await app.enrolling();
    await neverArrived(one, 'enrollment_started');
    await corrected(one, { phone: onFile });
    expect(await retry(one, 'enrollment_started')).toMatchObject({ status: 'suppressed', reason });
    await corrected(one, { phone });
    expect(await retry(one, 'enrollment_started')).toMatchObject({ reason: null });
    expect([await app.texts(one.phone), await app.texts(phone)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it.each([
    ['555-0143', '+15125559006', 'not_e164'],
    ['+1234567890', '+15125559008', 'unreachable'],
  ])('goes to the number given after it was written, when only %s was on file', async (onFile, phone, reason) => {
    const [one, event] = [await app.enrolling(), 'enrollment_link_renewed'];
    await corrected(one, { phone: onFile });
    expect((await app.call('POST', `/api/prescriptions/${one.id}/enrollment`)).status).toBe(201);
    await until(async () => (await textOf(one, event)) !== undefined);
    expect(await retry(one, event)).toMatchObject({ status: 'suppressed', reason });
    await corrected(one, { phone });
    expect(await retry(one, event)).toMatchObject({ reason: null });
    expect(await app.texts(phone)).toHaveLength(1);
  });

  it('goes to the number that was corrected while it waited for the morning', async () => {
    const [one, phone] = [await app.enrolling(), '+15125559003'];
    await retriedAtNight(one);
    await corrected(one, { phone });
    app.clock.advance(11 * hour);
    await until(async () => (await app.texts(phone)).length === 1);
    expect(await app.texts(one.phone)).toHaveLength(2);
  });

  it.each([
    ['goes to the number corrected meanwhile', '500_before', 0, 1, '+15125559004'],
    ['stays with the number it was taken for', '500_after', 1, 0, '+15125559005'],
  ])('%s when its vendor gave no answer: %s', async (_, kind, before, after, phone) => {
    const one = await paidBetweenTries(kind, undefined, (patient) => corrected(patient, { phone }));
    expect(await textOf(one, 'payment_link_renewed')).toMatchObject({ reason: null });
    const counts = [await app.texts(one.phone), await app.texts(phone)].map(({ length }) => length);
    expect(counts).toEqual([1 + before, after]);
  });

  it('goes to the mail address corrected while its server was away', async () => {
    const [one, email] = [await app.paying(), 'ada.corrected@example.com'];
    await app.sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind: '500_before', times: 50 });
    await app.paymentLink(one.id, 'manual');
    await until(
      async () =>
        (
          await app.sql(
            `SELECT 1 FROM notification_attempts a JOIN notifications n ON n.id = a.notification_id
             WHERE n.prescription_id = $1 AND n.event = 'payment_link_renewed' AND channel = 'email' AND outcome = 'unanswered'`,
            [one.id],
          )
        ).length > 0,
    );
    await corrected(one, { email });
    await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    app.clock.advance(hour);
    await until(async () => (await app.mails(email)).length === 1);
    expect(await app.mails(one.email)).toHaveLength(1);
  });
});
