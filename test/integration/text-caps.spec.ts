import { Patients } from '../../src/modules/directory/index.js';
import { Enrollments } from '../../src/modules/enrollment/index.js';
import { ConsentsStore } from '../../src/modules/enrollment/consents.store.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertPrescription } from '../support/prescription-rows.js';
import { hour, startReminders, type RemindersApp } from '../support/reminders-app.js';
import { until } from '../support/until.js';

interface Text {
  id: string;
  status: string;
  reason: string | null;
  due: Date | null;
}

describe('texts to a patient who has agreed to none', () => {
  let app: RemindersApp;

  beforeAll(async () => {
    app = await startReminders({ env: { REMINDER_AFTER_HOURS: '0' } });
  });
  afterAll(() => app.stop());
  beforeEach(() => app.nextWeek());

  let made = 0;
  const patient = async (contact: { email?: string; phone: string }): Promise<string> => {
    made += 1;
    const { patientId } = await app.db.tx(systemContext, (tx) =>
      app.get(Patients).matchPatient(tx, app.organizationId, {
        externalId: newId(),
        firstName: 'Ada',
        lastName: 'Marsh',
        birthDate: `1980-02-${10 + made}`,
        ...contact,
      }),
    );
    return patientId;
  };
  const order = { patient: {}, prescriber: {}, medication: {} };
  const orderOf = (patientId: string, columns: object = {}) =>
    insertPrescription(app, { patient_id: patientId, state: 'validated', ...columns }, order);
  const begin = (id: string) =>
    app.db.tx(systemContext, (tx) =>
      app.get(Enrollments).begin(tx, id, { outboxId: newId(), attempt: 1, closed: false }),
    );
  /** Of each order its link. */
  const textsOf = (ids: readonly string[]) =>
    app.sql<Text>(
      `SELECT n.prescription_id AS id, n.status, n.suppressed_reason AS reason, o.due_at AS due FROM notifications n
       LEFT JOIN outbox_events o ON o.aggregate_id = n.prescription_id AND o.payload ->> 'notificationId' = n.id::text
         AND o.done_at IS NULL
       WHERE n.prescription_id = ANY ($1::uuid[]) AND n.channel = 'sms' ORDER BY n.status, due`,
      [ids],
    );
  /** A job under way has a lease of minutes. */
  const settled = (ids: readonly string[]) =>
    until(async () => {
      const texts = await textsOf(ids);
      const isDone = ({ status, due }: Text) =>
        status === 'suppressed' ||
        status === 'delivered' ||
        (due !== null && due.getTime() > app.clock.now().getTime() + hour);
      return texts.length === ids.length && texts.every(isDone);
    });

  it('are one for four orders begun at once; the emails tell of the others', async () => {
    const contact = { email: 'four@example.com', phone: '+15125553001' };
    const patientId = await patient(contact);
    const ids = await Promise.all(Array.from({ length: 4 }, () => orderOf(patientId)));
    await Promise.all(ids.map(begin));
    await settled(ids);
    await until(async () => (await app.mails(contact.email)).length === 4);
    expect(await app.texts(contact.phone)).toHaveLength(1);
    const reasons = (await textsOf(ids)).map(({ reason }) => reason);
    expect(reasons).toEqual([null, 'capped', 'capped', 'capped']);
    for (const id of ids) {
      const why = await app.call('GET', `/api/prescriptions/${id}/why`);
      expect(why.body['code']).not.toBe('notification.nobody-reached');
    }
    const [capped] = await app.sql<{ id: string }>(
      `SELECT id FROM notifications WHERE suppressed_reason = 'capped' AND prescription_id = ANY ($1::uuid[])`,
      [ids],
    );
    // The patient calls and asks for it.
    expect((await app.call('POST', `/api/notifications/${capped?.id ?? ''}/retry`)).status).toBe(202);
    await until(async () => (await app.texts(contact.phone)).length === 2);
  });

  it('wait a day each where no email tells of them, unless their link is dead by then', async () => {
    const phone = '+15125553002';
    const patientId = await patient({ phone });
    const ids = await Promise.all(Array.from({ length: 5 }, () => orderOf(patientId)));
    for (const id of ids) await begin(id);
    await settled(ids);
    expect(await app.texts(phone)).toHaveLength(1);
    const dayOf = ({ due }: Text) =>
      due === null ? 0 : Math.round((due.getTime() - app.clock.now().getTime()) / hour);
    const planned = await textsOf(ids);
    expect(planned.map((text) => [text.status, dayOf(text)])).toEqual([
      ['delivered', 0],
      ['pending', 24],
      ['pending', 48],
      ['suppressed', 0],
      ['suppressed', 0],
    ]);
    app.clock.advance(24 * hour);
    await until(async () => (await app.texts(phone)).length === 2);
  });

  it('are counted by the number, which a family may share', async () => {
    const phone = '+15125553003';
    const [mother, child] = [await patient({ phone }), await patient({ phone, email: 'child@example.com' })];
    const ids = [await orderOf(mother), await orderOf(child)];
    for (const id of ids) {
      await begin(id);
      await settled([id]);
    }
    expect((await textsOf(ids)).map(({ reason }) => reason)).toEqual([null, 'capped']);
  });

  it('are not counted for who has agreed', async () => {
    const contact = { email: 'agreed@example.com', phone: '+15125553004' };
    const patientId = await patient(contact);
    const ids = [await orderOf(patientId), await orderOf(patientId)];
    const owner = { prescriptionId: ids[0] ?? '', organizationId: app.organizationId, patientId };
    await app.db.tx(systemContext, (tx) => app.get(ConsentsStore).give(tx, owner, {}));
    for (const id of ids) await begin(id);
    await settled(ids);
    expect(await app.texts(contact.phone)).toHaveLength(2);
  });
});
