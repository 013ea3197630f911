import { randomUUID } from 'node:crypto';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { openQuestionOf } from '../../src/modules/tickets/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { openStream } from '../support/thread-app.js';
import { startTickets, type Cast, type TicketsApp } from '../support/tickets-app.js';
import { until } from '../support/until.js';

describe('a question that blocks', () => {
  let app: TicketsApp;
  let cast: Cast;
  let ticket = '';
  let prescription = '';
  let question = '';

  beforeAll(async () => {
    app = await startTickets();
    cast = await app.cast();
    ticket = await app.open(cast);
    prescription = await app.save(cast, ticket);
    await app.db.tx(systemContext, async (tx) => {
      const move = { id: prescription, actor: systemActor, trigger: 'worker' as const };
      await app.get(Prescriptions).moveOrRefuse(tx, { ...move, action: 'hand_to_pharmacy' });
    });
  });
  afterAll(() => app.stop());

  const say = (who: string, body: object) => app.call(who, 'POST', `/api/threads/${ticket}/messages`, body);
  const set = (who: string, status: string) => app.call(who, 'POST', `/api/tickets/${ticket}/status`, { status });
  const why = async (who: string) => (await app.call(who, 'GET', `/api/prescriptions/${prescription}/why`)).body;

  it('stops the pharmacy’s work, whoever would go on, but not that it has seen the prescription', async () => {
    const asked = await say(cast.pharmacy, { text: 'Is 30 mg meant?', blocks: true, awaits: 'doctor' });
    question = String(asked.body['id']);
    for (const [who, status] of [
      [cast.pharmacy, 'processing'],
      [cast.pharmacy, 'ready'],
      [cast.ops, 'processing'],
    ] as const) {
      expect(await set(who, status)).toMatchObject({
        status: 409,
        body: { code: 'ticket.question-open', messageId: question, awaits: 'doctor' },
      });
    }
    expect((await set(cast.pharmacy, 'received')).status).toBe(200);
  });

  it('is what the prescription waits for, in the eyes of those who may know of it', async () => {
    for (const who of [cast.doctor, cast.pharmacy, cast.ops]) {
      expect(await why(who)).toMatchObject({
        code: 'thread.question',
        who: 'doctor',
        details: { openQuestion: { messageId: question } },
      });
    }
    const told = await why(cast.patient);
    expect(told['code']).not.toBe('thread.question');
    expect(JSON.stringify(told)).not.toContain(question);
  });

  it('lets go with the answer', async () => {
    expect((await say(cast.doctor, { text: 'Yes.', answers: question })).status).toBe(201);
    expect((await why(cast.ops))['code']).not.toBe('thread.question');
    expect((await set(cast.pharmacy, 'processing')).status).toBe(200);
  });

  it('holds it up again when the answer is taken back, for all who read of it, until there is another one', async () => {
    const id = await app.open(cast, { appointmentId: randomUUID() });
    await app.save(cast, id);
    const thread = `/api/threads/${id}/messages`;
    const ask = { text: '10 or 20 mg?', blocks: true, awaits: 'doctor' };
    const answers = String((await app.call(cast.pharmacy, 'POST', thread, ask)).body['id']);
    const answer = async (text: string) => app.call(cast.doctor, 'POST', thread, { text, answers });
    const wrong = String((await answer('20 mg')).body['id']);
    const streams = await Promise.all([cast.pharmacy, cast.doctor].map((who) => openStream(app.url, id, who)));
    for (const stream of streams) await stream.has('event: open');
    expect((await app.call(cast.doctor, 'DELETE', `${thread}/${wrong}`)).status).toBe(200);

    for (const stream of streams) {
      await until(() => stream.events().length >= 3);
      expect(stream.events().slice(1)).toMatchObject([
        { data: { id: answers, answeredAt: null } },
        { data: { id: wrong, deletedAt: expect.any(String) as string } },
      ]);
      stream.close();
    }
    const start = () => app.call(cast.pharmacy, 'POST', `/api/tickets/${id}/status`, { status: 'processing' });
    expect((await start()).body).toMatchObject({ code: 'ticket.question-open', messageId: answers });
    expect((await answer('10 mg')).status).toBe(201);
    expect((await start()).body).toMatchObject({ code: 'ticket.not-handed-over' });
  });

  it('is what an order waits for whose label was bought before the pharmacy has filled it', async () => {
    const id = await app.open(cast, { appointmentId: randomUUID() });
    const shipped = await app.save(cast, id);
    const moved = (state: string) => app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [shipped, state]);
    const codeOfWhy = async () =>
      (await app.call(cast.doctor, 'GET', `/api/prescriptions/${shipped}/why`)).body['code'];
    await moved('shipped');
    const ask = { text: '10 or 20 mg?', blocks: true, awaits: 'doctor' };
    expect((await app.call(cast.pharmacy, 'POST', `/api/threads/${id}/messages`, ask)).status).toBe(201);
    expect(await codeOfWhy()).toBe('thread.question');
    await moved('in_transit');
    expect(await codeOfWhy()).not.toBe('thread.question');
  });

  it('lets go as well when the asker takes it back', async () => {
    const asked = await say(cast.pharmacy, { text: 'Any allergies?', blocks: true, awaits: 'patient' });
    expect((await set(cast.pharmacy, 'ready')).body).toMatchObject({ code: 'ticket.question-open', awaits: 'patient' });
    await app.call(cast.pharmacy, 'DELETE', `/api/threads/${ticket}/messages/${String(asked.body['id'])}`);
    expect((await set(cast.pharmacy, 'ready')).status).toBe(200);
  });

  it('holds nobody up once it is another patient’s ticket, and again when the one who was asked is back', async () => {
    const id = await app.open(cast, { appointmentId: randomUUID() });
    await app.save(cast, id);
    const other = await app.patientOf('Beth');
    const correct = (patient: string) =>
      app.sql('UPDATE healthcare_tickets SET patient_id = $2, updated_at = now() WHERE id = $1', [id, patient]);
    const start = () => app.call(cast.pharmacy, 'POST', `/api/tickets/${id}/status`, { status: 'processing' });
    const listed = async () => (await app.call(cast.ops, 'GET', `/api/tickets/${id}`)).body['openQuestion'];
    const ask = { text: 'Any allergies?', blocks: true, awaits: 'patient' };
    expect((await app.call(cast.pharmacy, 'POST', `/api/threads/${id}/messages`, ask)).status).toBe(201);
    await correct(other);
    expect((await start()).body).toMatchObject({ code: 'ticket.not-handed-over' });
    expect(await listed()).toBeNull();
    await correct(cast.patientId);
    expect((await start()).body).toMatchObject({ code: 'ticket.question-open', awaits: 'patient' });
    expect(await listed()).toMatchObject({ awaits: 'patient' });
  });

  it('waits for nobody on a ticket that has ended', async () => {
    const id = await app.open(cast, { appointmentId: randomUUID() });
    await app.save(cast, id);
    const ask = { text: '10 or 20 mg?', blocks: true, awaits: 'doctor' };
    await app.call(cast.pharmacy, 'POST', `/api/threads/${id}/messages`, ask);
    const asked = async () => (await app.call(cast.ops, 'GET', `/api/tickets/${id}`)).body['openQuestion'];
    expect(await asked()).toMatchObject({ awaits: 'doctor' });
    await app.sql(`UPDATE healthcare_tickets SET status = 'cancelled' WHERE id = $1`, [id]);
    expect(await asked()).toBeNull();
    expect(await app.db.tx(systemContext, (tx) => openQuestionOf(tx, id))).toBeUndefined();
  });
});
