import {
  Prescriptions,
  PrescriptionsModule,
  systemActor,
  type Facts,
  type PrescriptionAction,
} from '../../src/modules/prescriptions/index.js';
import { ThreadsWorker } from '../../src/modules/threads/threads.worker.js';
import { ThreadsModule } from '../../src/modules/threads/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { insertPrescription } from '../support/prescription-rows.js';
import { surroundings } from '../support/surroundings.js';
import { until } from '../support/until.js';

describe('notes of the platform in a thread', () => {
  let app: ModuleApp;

  beforeAll(async () => {
    app = await startModules(await surroundings('notes'), {
      modules: [PrescriptionsModule, ThreadsModule],
      works: true,
    });
  });
  afterAll(() => app.stop());

  const prescribed = async (columns: Readonly<Record<string, unknown>>) => {
    const id = await insertPrescription(app, columns);
    const [row] = await app.sql<{ ticket: string }>('SELECT ticket_id AS ticket FROM prescriptions WHERE id = $1', [
      id,
    ]);
    const ticket = row?.ticket ?? '';
    await app.sql('UPDATE healthcare_tickets SET prescription_id = $2, sent_at = NULL, status = $3 WHERE id = $1', [
      ticket,
      id,
      'created',
    ]);
    return { id, ticket };
  };
  const move = (id: string, action: PrescriptionAction, facts: Facts = {}) =>
    app.db.tx(systemContext, (tx) =>
      app.get(Prescriptions).move(tx, { id, action, actor: systemActor, trigger: 'worker', facts }),
    );
  const notes = async (ticket: string) =>
    (
      await app.sql<{ seq: number; code: string; audience: string }>(
        `SELECT seq, code, audience FROM chat_messages WHERE thread_id = $1 AND kind = 'system' ORDER BY seq`,
        [ticket],
      )
    ).map(({ code, audience }) => [code, audience]);
  const open = async (id: string) =>
    (
      await app.sql<{ count: number }>(
        'SELECT count(*)::int FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL',
        [id, 'threads.note'],
      )
    )[0]?.count;

  it('tell what happened to the prescription, each once, in order, to whom it concerns', async () => {
    const { id, ticket } = await prescribed({ state: 'received', patient_id: newId(), path: 'direct' });
    await move(id, 'pass_validation');
    await until(async () => (await notes(ticket)).length === 1);
    await app.sql(`UPDATE prescriptions SET state = 'sent_to_pharmacy' WHERE id = $1`, [id]);
    for (const action of ['acknowledge', 'start', 'make_ready'] as const) {
      await move(id, action);
      await until(async () => (await open(id)) === 0);
    }
    await move(id, 'deliver');
    await until(async () => (await notes(ticket)).length === 5);
    expect(await notes(ticket)).toEqual([
      ['prescription.sent', 'providers'],
      ['prescription.received', 'providers'],
      ['prescription.processing', 'providers'],
      ['prescription.ready', 'all'],
      ['prescription.delivered', 'all'],
    ]);
  });

  it.each([
    ['cancel', 'processing'],
    ['fail', 'in_transit'],
    ['return', 'in_transit'],
    ['hand_to_pharmacy', 'paid'],
  ] as const)('tell doctor and pharmacy, and not the patient, once: %s', async (action, state) => {
    const [doctor, pharmacy, patient] = [newId(), newId(), newId()];
    const { id, ticket } = await prescribed({ state, patient_id: patient, provider_id: doctor, pharmacy_id: pharmacy });
    await app.sql(
      `UPDATE healthcare_tickets SET primary_provider_id = $2, secondary_provider_id = $3, patient_id = $4,
         sent_at = now(), status = 'sent' WHERE id = $1`,
      [ticket, doctor, pharmacy, patient],
    );
    await move(id, action);
    await until(async () => (await open(id)) === 0);
    await move(id, action);
    const codes = {
      cancel: 'prescription.cancelled',
      fail: 'prescription.failed',
      return: 'prescription.returned',
      hand_to_pharmacy: 'prescription.handed-over',
    };
    expect(await notes(ticket)).toEqual([[codes[action], 'providers']]);
    const read = async (who: string) => {
      const response = await fetch(`${app.url}/api/threads/${ticket}/messages`, { headers: { authorization: who } });
      return ((await response.json()) as { items: { code: string }[] }).items.map(({ code }) => code);
    };
    expect(await read(await app.user('doctor', { providerId: doctor }))).toEqual([codes[action]]);
    expect(await read(await app.user('pharmacy', { pharmacyId: pharmacy }))).toEqual([codes[action]]);
    expect(await read(await app.user('patient', { patientId: patient }))).toEqual([]);
  });

  it('are written once for one event, however often and however many at once the job runs', async () => {
    const { id, ticket } = await prescribed({ state: 'validated', patient_id: newId() });
    await app.sql('UPDATE healthcare_tickets SET primary_provider_id = $2 WHERE id = $1', [ticket, newId()]);
    const worker = app.get(ThreadsWorker);
    const events = Array.from({ length: 5 }, () => newId());
    const run = (outboxId: string) =>
      worker.note({ prescriptionId: id }, { outboxId, attempt: 1, event: 'pharmacy_selected', closed: false });
    await Promise.all(events.map(run));
    await Promise.all(events.map(run));
    const rows = await app.sql<{ seq: number; revision: number }>(
      'SELECT seq::int, revision::int FROM chat_messages WHERE thread_id = $1 ORDER BY seq',
      [ticket],
    );
    expect(rows).toEqual([1, 2, 3, 4, 5].map((at) => ({ seq: at, revision: at })));
  });

  const rejected = async (state = 'adjudication_issue') => {
    const [doctor, pharmacy] = [newId(), newId()];
    const { id, ticket } = await prescribed({ state, patient_id: newId() });
    await app.sql(
      `UPDATE healthcare_tickets SET primary_provider_id = $2, secondary_provider_id = $3, sent_at = now(), status = 'sent'
       WHERE id = $1`,
      [ticket, doctor, pharmacy],
    );
    return { id, ticket, doctor, pharmacy };
  };
  const ask = (id: string, asks?: string) => {
    const about = { name: 'clinic_asked', aggregateId: id, organizationId: app.organizationId };
    const payload = { prescriptionId: id, ...(asks !== undefined && { asks }) };
    return app.db.tx(systemContext, (tx) => app.get(Outbox).publish(tx, { ...about, payload }));
  };
  const openQuestions = (ticket: string) =>
    app.sql<{ id: string; code: string }>(
      `SELECT id, code, awaits FROM chat_messages WHERE thread_id = $1 AND blocks AND answered_at IS NULL`,
      [ticket],
    );

  it('ask the clinic when a payer does not know the prescriber, until the doctor has answered', async () => {
    const { id, ticket, doctor, pharmacy } = await rejected();
    const questions = () => openQuestions(ticket);
    await ask(id);
    await until(async () => (await questions()).length === 1);
    const [question] = await questions();
    expect(question).toMatchObject({ code: 'claim.prescriber-rejected', awaits: 'doctor' });
    const answer = async (who: string) =>
      (
        await fetch(`${app.url}/api/threads/${ticket}/messages`, {
          method: 'POST',
          headers: { authorization: who, 'content-type': 'application/json' },
          body: JSON.stringify({ text: 'NPI 1234567893, enrolled since May.', answers: question?.id }),
        })
      ).status;
    expect(await answer(await app.user('pharmacy', { pharmacyId: pharmacy }))).toBe(403);
    expect(await answer(await app.user('doctor', { providerId: doctor }))).toBe(201);
    expect(await questions()).toEqual([]);
  });

  it.each([
    ['authorization', 'claim.prior-authorization-wanted'],
    ['authorizationDenied', 'claim.prior-authorization-denied'],
    ['limit', 'claim.limit-exceeded'],
    ['limitOfControlled', 'claim.limit-exceeded-controlled'],
    ['expired', 'claim.order-expired'],
  ])('ask the clinic about its reject (%s) until the claim goes on without an answer', async (asks, code) => {
    const { id, ticket } = await rejected();
    const other = await rejected();
    await app.sql('UPDATE prescriptions SET ticket_id = $2 WHERE id = $1', [other.id, ticket]);
    await Promise.all([ask(id, asks), ask(other.id)]);
    await until(async () => (await openQuestions(ticket)).length === 2);
    expect(await openQuestions(ticket)).toContainEqual(expect.objectContaining({ code, awaits: 'doctor' }));
    await move(id, 'select_pharmacy');
    await until(async () => (await open(id)) === 0);
    expect(await openQuestions(ticket)).toMatchObject([{ code: 'claim.prescriber-rejected' }]);
    const revisions = await app.sql<{ revision: number }>(
      'SELECT revision::int FROM chat_messages WHERE thread_id = $1 ORDER BY revision',
      [ticket],
    );
    expect(revisions.slice(1)).toEqual([{ revision: 3 }, { revision: 4 }]);
  });

  const asked = async () => {
    const rejection = await rejected();
    await ask(rejection.id);
    await until(async () => (await openQuestions(rejection.ticket)).length === 1);
    await until(async () => (await open(rejection.id)) === 0);
    return rejection;
  };

  it('ask no longer when the prescription is cancelled, of which the providers are told', async () => {
    const { id, ticket } = await asked();
    await move(id, 'cancel');
    await until(async () => (await open(id)) === 0);
    expect(await openQuestions(ticket)).toEqual([]);
    expect(await notes(ticket)).toEqual([
      ['claim.prescriber-rejected', 'providers'],
      ['prescription.cancelled', 'providers'],
    ]);
    expect(
      await app.sql(
        `SELECT m.revision::int, t.last_revision::int, t.last_seq::int
         FROM chat_messages m JOIN chat_threads t ON t.id = m.thread_id WHERE t.id = $1 ORDER BY m.seq`,
        [ticket],
      ),
    ).toEqual([2, 3].map((revision) => ({ revision, last_revision: 3, last_seq: 2 })));
  });

  it('ask no longer when the claim goes on after its event has been cleaned up', async () => {
    const { id, ticket } = await asked();
    await app.sql(`DELETE FROM outbox_events WHERE aggregate_id = $1 AND event = 'clinic_asked'`, [id]);
    await move(id, 'select_pharmacy');
    await until(async () => (await open(id)) === 0);
    expect(await openQuestions(ticket)).toEqual([]);
  });

  it('ask no longer when the prescription goes to another pharmacy, on a ticket of its own', async () => {
    const { id, ticket, pharmacy } = await asked();
    const other = await rejected('processing');
    await app.sql('UPDATE prescriptions SET ticket_id = $2, pharmacy_id = $3 WHERE id IN ($1, $4)', [
      id,
      ticket,
      pharmacy,
      other.id,
    ]);
    await move(id, 'select_pharmacy', { pharmacyId: newId() });
    await until(async () => (await open(id)) === 0);
    const [own] = await app.sql<{ ticket: string }>('SELECT ticket_id AS ticket FROM prescriptions WHERE id = $1', [
      id,
    ]);
    expect(own?.ticket).not.toBe(ticket);
    expect(await openQuestions(ticket)).toEqual([]);
    expect(await notes(own?.ticket ?? '')).toEqual([['prescription.pharmacy-selected', 'providers']]);
  });

  it('ask nothing about a claim that went on before', async () => {
    const { id, ticket } = await rejected('pharmacy_selected');
    await ask(id, 'authorization');
    await until(async () => (await open(id)) === 0);
    expect(await openQuestions(ticket)).toEqual([]);
  });

  it('wait for nobody: a ticket without a thread gets none, and the job ends', async () => {
    const { id, ticket } = await prescribed({ state: 'received' });
    await app.sql('DELETE FROM chat_members WHERE thread_id = $1', [ticket]);
    await app.sql('DELETE FROM chat_threads WHERE id = $1', [ticket]);
    await move(id, 'fail_validation');
    await until(async () => (await open(id)) === 0);
    expect(await app.sql('SELECT 1 FROM chat_messages WHERE thread_id = $1', [ticket])).toEqual([]);
  });
});
