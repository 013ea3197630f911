import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { startTickets, type Cast, type TicketsApp } from '../support/tickets-app.js';
import { until } from '../support/until.js';

/** One story, told over HTTP by four people who are signed in. */
describe('doctor, pharmacy, patient and operations on one ticket', () => {
  let app: TicketsApp;
  let cast: Cast;
  let ticket = '';
  let prescription = '';
  let question = '';

  beforeAll(async () => {
    app = await startTickets({ notifications: NotificationsModule });
    cast = await app.cast();
  });
  afterAll(() => app.stop());

  const say = (who: string, body: Record<string, unknown>) =>
    app.call(who, 'POST', `/api/threads/${ticket}/messages`, body);
  const heard = async (who: string) =>
    ((await app.call(who, 'GET', `/api/threads/${ticket}/messages`)).body.items ?? [])
      .map(({ text, code }) => text ?? code)
      .toReversed();
  const ticketOf = async (who: string) => (await app.call(who, 'GET', `/api/tickets/${ticket}`)).body;

  it('the doctor opens it, and nothing can be said to the pharmacy yet', async () => {
    ticket = await app.open(cast);
    expect(await say(cast.doctor, { text: 'Please fill soon.' })).toMatchObject({
      status: 409,
      body: { code: 'thread.not-sent' },
    });
    expect((await say(cast.doctor, { text: 'Ask for the allergy first.', audience: 'internal' })).status).toBe(201);
    expect((await app.call(cast.pharmacy, 'GET', `/api/threads/${ticket}/messages`)).status).toBe(404);
  });

  it('saves the prescription, and the pharmacy finds it in its queue', async () => {
    prescription = await app.save(cast, ticket);
    await until(async () => {
      const codes = await heard(cast.pharmacy);
      return codes.includes('prescription.sent') && codes.includes('prescription.pharmacy-selected');
    });
    const [row] = (await app.call(cast.pharmacy, 'GET', '/api/tickets?status=sent')).body.items ?? [];
    expect(row).toMatchObject({ id: ticket, status: 'sent', prescriptionId: prescription, threadId: ticket });
    expect(Number(row?.['unread'])).toBeGreaterThan(0);
    expect(await heard(cast.pharmacy)).not.toContain('Ask for the allergy first.');
    await until(async () => (await app.mailsOf('pharmacy', ticket)).length === 1);
    expect((await app.mailsOf('pharmacy', ticket)).join()).not.toMatch(/Ada|Marsh/);
  });

  it('the pharmacy receives it and asks a question that blocks', async () => {
    await app.call(cast.pharmacy, 'POST', `/api/tickets/${ticket}/status`, { status: 'received' });
    const asked = await say(cast.pharmacy, { text: 'Is 30 mg meant?', blocks: true, awaits: 'doctor' });
    expect(asked.status).toBe(201);
    question = String(asked.body['id']);
    expect(await ticketOf(cast.ops)).toMatchObject({ openQuestion: { messageId: question, awaits: 'doctor' } });
    expect(await heard(cast.patient)).not.toContain('Is 30 mg meant?');
    expect((await ticketOf(cast.patient))['openQuestion']).toBeNull();
  });

  it('the doctor answers, which unblocks', async () => {
    expect((await say(cast.doctor, { text: 'Yes, 30 mg.', answers: question })).status).toBe(201);
    expect((await ticketOf(cast.pharmacy))['openQuestion']).toBeNull();
    await app.call(cast.pharmacy, 'POST', `/api/threads/${ticket}/read`, {
      upTo: ((await ticketOf(cast.pharmacy))['lastMessage'] as { seq: number }).seq,
    });
    expect((await ticketOf(cast.pharmacy))['unread']).toBe(0);
  });

  it('the pharmacy makes it ready, the patient reads so, and nothing of what the others wrote', async () => {
    await app.db.tx(systemContext, async (tx) => {
      const move = { id: prescription, actor: systemActor, trigger: 'worker' as const };
      await app.get(Prescriptions).moveOrRefuse(tx, { ...move, action: 'hand_to_pharmacy' });
    });
    await until(async () => (await app.stateOf(prescription)) === 'pharmacy_received');
    for (const status of ['processing', 'ready']) {
      const moved = await app.call(cast.pharmacy, 'POST', `/api/tickets/${ticket}/status`, { status });
      expect(moved).toMatchObject({ status: 200, body: { status } });
    }
    await until(async () => (await heard(cast.patient)).includes('prescription.ready'));
    expect(await heard(cast.patient)).toEqual(['prescription.ready']);
  });

  it('the patient asks, and operations are told that something waits, not what', async () => {
    expect((await say(cast.patient, { text: 'Is it 30 mg?' })).status).toBe(201);
    await until(async () => (await app.mailsOf('ops', ticket)).length === 1);
    expect((await app.mailsOf('ops', ticket)).join()).not.toMatch(/Ada|Marsh|30 mg/);
  });

  it('the timeline tells all of it to operations, in order, each once', async () => {
    const items = (await app.call(cast.ops, 'GET', `/api/tickets/${ticket}/timeline`)).body.items ?? [];
    const codes = items.map(({ code }) => String(code));
    const once = [
      'ticket.created',
      'prescription.receive',
      'ticket.sent',
      'ticket.received',
      'prescription.acknowledge',
      'prescription.start',
      'ticket.processing',
      'prescription.make_ready',
      'ticket.ready',
    ];
    for (const code of once) expect(codes.filter((seen) => seen === code)).toEqual([code]);
    const times = items.map(({ at }) => String(at));
    expect(times).toEqual(times.toSorted());
    expect(JSON.stringify(items)).not.toContain('30 mg');
  });
});
