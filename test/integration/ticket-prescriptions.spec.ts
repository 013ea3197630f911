import { randomUUID } from 'node:crypto';
import { sendingDay } from '../../src/demo/generate/index.js';
import { Prescriptions, type FulfilmentAction } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { report } from '../support/prescription-rows.js';
import { anOrder, startTickets, type Cast, type TicketsApp } from '../support/tickets-app.js';
import { until } from '../support/until.js';

/** Tablets any pharmacy has, and what only those that stock specialty drugs dispense. */
const specialty = { description: 'Adalimumab 40 mg pen', ndc: '70000011402', quantity: 2, quantityUnit: 'C28254' };

describe('prescriptions of a ticket', () => {
  let app: TicketsApp;

  beforeAll(async () => {
    app = await startTickets();
  });
  afterAll(() => app.stop());

  const save = async (who: string, ticketId: string, body: object, key: string = randomUUID()) => {
    const response = await fetch(`${app.url}/api/tickets/${ticketId}/prescription`, {
      method: 'POST',
      headers: { authorization: who, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
    const answered = (await response.json()) as Record<string, unknown>;
    return { status: response.status, body: answered, replayed: response.headers.get('idempotent-replayed') };
  };
  const ticketOf = async (who: string, id: string) => (await app.call(who, 'GET', `/api/tickets/${id}`)).body;
  const codesOf = async (who: string, id: string) =>
    ((await app.call(who, 'GET', `/api/tickets/${id}/timeline?kind=ticket`)).body.items ?? []).map(({ code }) => code);
  /** As other ways left it. */
  const moved = (prescription: string, state: string) =>
    app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [prescription, state]);
  /** The later, the more minutes. */
  const reports = (id: string, action: FulfilmentAction, minutes = 0) =>
    report(app, id, action, new Date(Date.UTC(2026, 0, 1, 12, minutes)));
  const stored = async (ticketId: string) =>
    (await app.sql('SELECT id FROM prescriptions WHERE ticket_id = $1', [ticketId])).length;

  it('are saved or refused as a whole while somebody closes the ticket', async () => {
    const cast = await app.cast();
    for (let round = 0; round < 12; round++) {
      const id = await app.open(cast, { appointmentId: randomUUID() });
      const [saved, closed] = await Promise.all([
        save(cast.doctor, id, anOrder()),
        app.call(cast.ops, 'POST', `/api/tickets/${id}/status`, { status: 'closed' }),
      ]);
      expect([saved.status, closed.status].toSorted()).toEqual(saved.status === 202 ? [202, 409] : [200, 409]);
      expect(await stored(id)).toBe(saved.status === 202 ? 1 : 0);
      if (saved.status !== 202) {
        expect(saved.body).toMatchObject({ code: 'ticket.illegal-move', status: 409, ticketStatus: 'closed' });
      }
    }
  });

  it('have an Idempotency-Key that is their ticket’s: the same order for somebody else is not taken for a repeat', async () => {
    const [one, other] = [await app.cast(), await app.cast()];
    const [mine, theirs] = [await app.open(one), await app.open({ ...other, doctor: one.doctor })];
    const [order, key] = [anOrder(), randomUUID()];
    const first = await save(one.doctor, mine, order, key);
    expect(first).toMatchObject({ status: 202, body: { ticketId: mine } });
    expect((await save(one.doctor, mine, order, key)).body).toEqual(first.body);
    expect(await save(one.doctor, theirs, order, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency.key-reused' },
    });
    expect([await stored(mine), await stored(theirs)]).toEqual([1, 0]);
  });

  it('are answered as before when they are repeated after their ticket has ended', async () => {
    const cast = await app.cast();
    const [id, order, key] = [await app.open(cast), anOrder(), randomUUID()];
    const saved = await save(cast.doctor, id, order, key);
    await until(async () => (await app.stateOf(String(saved.body['id']))) === 'pharmacy_selected');
    await reports(String(saved.body['id']), 'cancel');
    expect(await ticketOf(cast.doctor, id)).toMatchObject({ status: 'cancelled' });
    expect(await save(cast.doctor, id, order, key)).toEqual({ ...saved, replayed: 'true' });
    expect(await save(cast.doctor, id, order)).toMatchObject({
      status: 409,
      body: { code: 'ticket.illegal-move', ticketStatus: 'cancelled', action: 'save_prescription' },
    });
  });

  it('take the path their ticket names, unless they name one; without either that of the organization', async () => {
    const cast = await app.cast();
    const [own, plain] = [
      await app.open(cast, { path: 'full' }),
      await app.open({ ...cast, pharmacyId: await app.pharmacy() }),
    ];
    expect(await ticketOf(cast.doctor, own)).toMatchObject({ path: 'full' });
    expect(await ticketOf(cast.doctor, plain)).toMatchObject({ path: null });
    const pathOf = async (ticket: string, body: object) => {
      const saved = await save(cast.doctor, ticket, body);
      return (await app.sql<{ path: string }>('SELECT path FROM prescriptions WHERE id = $1', [saved.body['id']]))[0]
        ?.path;
    };
    expect(await pathOf(own, anOrder())).toBe('full');
    expect(await pathOf(own, { ...anOrder(), path: 'cash' })).toBe('cash');
    expect(await pathOf(plain, anOrder())).toBe('direct');
    const unheard = { patientId: cast.patientId, path: 'scenic' };
    expect(await app.call(cast.doctor, 'POST', '/api/tickets', unheard)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/path' }] },
    });
  });

  it('are never digitally signed, whatever they say', async () => {
    const cast = await app.cast();
    const saved = await save(cast.doctor, await app.open(cast), { ...anOrder(), digitallySigned: true });
    expect(saved.status).toBe(202);
    const order = await app.db.tx(systemContext, (tx) => app.get(Prescriptions).order(tx, String(saved.body['id'])));
    expect(order).not.toHaveProperty('digitallySigned');
    expect(order.medication).toEqual(anOrder().medication);
  });

  it('go to the pharmacy the ticket was changed to while validation held them', async () => {
    const cast = await app.cast();
    const wished = await app.pharmacy();
    const id = await app.open(cast);
    const { body } = await save(cast.doctor, id, { ...anOrder(), writtenDate: '2020-01-01' });
    const prescription = String(body['id']);
    await until(async () => (await app.stateOf(prescription)) === 'validation_issue');
    await app.call(cast.doctor, 'POST', `/api/tickets/${id}/pharmacy`, { pharmacyId: wished });
    const patch = { writtenDate: sendingDay() };
    await app.call(cast.ops, 'POST', `/api/prescriptions/${prescription}/resubmit`, { patch, reason: 'typo' });
    await until(async () => (await app.stateOf(prescription)) === 'pharmacy_selected');
    expect(await ticketOf(cast.doctor, id)).toMatchObject({ status: 'sent', secondaryProviderId: wished });
    expect((await app.call(cast.pharmacy, 'GET', `/api/tickets/${id}`)).status).toBe(404);
  });

  it('that only another pharmacy fills get a ticket of their own, and the first keeps its pharmacy', async () => {
    const cast = await app.cast();
    const specialist = await app.pharmacy({ specialty: true });
    const staff = await app.user('pharmacy', { pharmacyId: specialist });
    const id = await app.open(cast);
    const first = await app.save(cast, id);
    await app.call(cast.pharmacy, 'POST', `/api/threads/${id}/messages`, { text: 'Between us and the doctor.' });
    const { body } = await save(cast.doctor, id, anOrder(specialty));
    const second = String(body['id']);
    await until(async () => (await app.stateOf(second)) === 'awaiting_pharmacy_selection');
    const choice = { pharmacyId: specialist };
    const chosen = await app.call(cast.ops, 'POST', `/api/prescriptions/${second}/pharmacy`, choice);
    expect(chosen.status).toBe(200);

    expect(await ticketOf(cast.pharmacy, id)).toMatchObject({
      secondaryProviderId: cast.pharmacyId,
      prescriptionId: first,
    });
    expect((await app.call(staff, 'GET', `/api/tickets/${id}`)).status).toBe(404);
    expect((await app.call(staff, 'GET', `/api/threads/${id}/messages`)).status).toBe(404);
    const [own] = (await app.call(staff, 'GET', '/api/tickets')).body.items ?? [];
    expect(own).toMatchObject({
      status: 'sent',
      prescriptionId: second,
      primaryProviderId: cast.doctorId,
      patientId: cast.patientId,
      prescription: { state: 'pharmacy_selected' },
    });
    const ownId = String(own?.['id']);
    const parties = (await app.call(staff, 'GET', `/api/tickets/${ownId}/thread`)).body['members'] as Cast[];
    expect(parties).toHaveLength(4);
    expect(await codesOf(cast.ops, ownId)).toEqual(['ticket.created']);
    expect((await codesOf(cast.ops, id)).at(-1)).toBe('ticket.prescription-moved');
  });

  it('leave their ticket to those that stay, when the first of them goes to another pharmacy', async () => {
    const cast = await app.cast();
    const next = await app.pharmacy();
    const staff = await app.user('pharmacy', { pharmacyId: next });
    const id = await app.open(cast);
    const [first, second] = [await app.save(cast, id), await app.save(cast, id)];
    // As the payer that refused the pharmacy for this one left it.
    await app.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [first]);
    const choice = { pharmacyId: next };
    expect((await app.call(cast.ops, 'POST', `/api/prescriptions/${first}/pharmacy`, choice)).status).toBe(200);

    expect(await ticketOf(cast.pharmacy, id)).toMatchObject({
      status: 'sent',
      secondaryProviderId: cast.pharmacyId,
      prescriptionId: second,
    });
    const mine = (await app.call(cast.pharmacy, 'GET', '/api/tickets')).body.items ?? [];
    const theirs = (await app.call(staff, 'GET', '/api/tickets')).body.items ?? [];
    expect(mine.map(({ prescriptionId }) => prescriptionId)).toEqual([second]);
    expect(theirs.map(({ prescriptionId }) => prescriptionId)).toEqual([first]);
  });

  describe('that go to another pharmacy while those that stay have ended', () => {
    const startOf = async () => {
      const [cast, next] = [await app.cast(), await app.pharmacy()];
      const id = await app.open(cast);
      const [first, second] = [await app.save(cast, id), await app.save(cast, id)];
      /** As when the payer has refused the pharmacy for this one. */
      const goes = async (prescription: string) => {
        await moved(prescription, 'adjudication_issue');
        const choice = { pharmacyId: next };
        return app.call(cast.ops, 'POST', `/api/prescriptions/${prescription}/pharmacy`, choice);
      };
      const staff = await app.user('pharmacy', { pharmacyId: next });
      const theirs = async () => (await app.call(staff, 'GET', '/api/tickets')).body.items;
      return { cast, id, first, second, goes, theirs };
    };

    it.each([
      ['the first', 'cancel', 'cancelled'],
      ['the first', 'return', 'cancelled'],
      ['the second', 'deliver', 'closed'],
      ['the second', 'fail', 'cancelled'],
    ] as const)('end its ticket: %s, by %s', async (which, action, status) => {
      const { cast, id, first, second, goes, theirs } = await startOf();
      const [ended, going] = which === 'the first' ? [first, second] : [second, first];
      await moved(ended, 'shipped');
      await reports(ended, action);
      await app.sql('UPDATE healthcare_tickets SET breach_at = now(), escalated_at = now() WHERE id = $1', [id]);
      expect((await goes(going)).status).toBe(200);
      const left = { status, prescriptionId: ended, secondaryProviderId: cast.pharmacyId };
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ ...left, breachAt: null, escalatedAt: null });
      expect(await codesOf(cast.ops, id)).toEqual(
        expect.arrayContaining([`ticket.${status}`, 'ticket.prescription-moved']),
      );
      expect(await theirs()).toMatchObject([{ status: 'sent', prescriptionId: going }]);
    });

    it('leave it to one that goes on, and end it as the latest outcome says when there is none', async () => {
      const { cast, id, first, second, goes } = await startOf();
      const third = await app.save(cast, id);
      await moved(second, 'shipped');
      await reports(second, 'deliver', 2);
      await goes(first);
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: 'sent', prescriptionId: third });
      const fourth = await app.save(cast, id);
      await reports(third, 'cancel', 1);
      await goes(fourth);
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: 'closed', prescriptionId: second });
    });

    it('end it also when both happen at once', async () => {
      for (let round = 0; round < 6; round++) {
        const { cast, id, first, second, goes } = await startOf();
        await Promise.all([goes(first), reports(second, 'cancel')]);
        expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: 'cancelled', prescriptionId: second });
      }
    });
  });

  it('all take the step the pharmacy says at the desk, each once, and one that comes later takes it with the next word', async () => {
    const cast = await app.cast();
    const id = await app.open(cast);
    const [first, second, late] = [await app.save(cast, id), await app.save(cast, id), await app.save(cast, id)];
    const handOver = (prescription: string) => moved(prescription, 'sent_to_pharmacy');
    const set = (status: string) => app.call(cast.pharmacy, 'POST', `/api/tickets/${id}/status`, { status });
    const states = () => Promise.all([first, second, late].map((one) => app.stateOf(one)));
    await Promise.all([handOver(first), handOver(second)]);
    expect((await set('received')).body['status']).toBe('received');
    expect(await states()).toEqual(['pharmacy_received', 'pharmacy_received', 'pharmacy_selected']);
    expect((await set('processing')).body['status']).toBe('processing');
    expect(await states()).toEqual(['processing', 'processing', 'pharmacy_selected']);
    await handOver(late);
    expect(await set('processing')).toMatchObject({ status: 200, body: { status: 'processing' } });
    expect((await set('processing')).status).toBe(200);
    expect(await states()).toEqual(['processing', 'processing', 'processing']);
    // What another way has moved on already is left where it is.
    await moved(second, 'shipped');
    expect((await set('ready')).body['status']).toBe('ready');
    expect(await states()).toEqual(['ready_for_pickup', 'shipped', 'ready_for_pickup']);
    expect((await set('received')).body['code']).toBe('ticket.illegal-move');

    const steps = await app.sql(
      `SELECT prescription_id AS id, action, count(*)::int AS times FROM prescription_status_events
       WHERE prescription_id = ANY($1) AND actor_kind = 'pharmacy' GROUP BY 1, 2`,
      [[first, second, late]],
    );
    const once = (prescription: string, ...actions: string[]) =>
      actions.map((action) => ({ id: prescription, action, times: 1 }));
    const expected = [
      ...once(first, 'acknowledge', 'start', 'make_ready'),
      ...once(second, 'acknowledge', 'start'),
      ...once(late, 'start', 'make_ready'),
    ];
    expect(steps).toHaveLength(expected.length);
    expect(steps).toEqual(expect.arrayContaining(expected));
    const codes = (await codesOf(cast.doctor, id)).filter((code) => /received|processing|ready/.test(String(code)));
    expect(codes).toEqual(['ticket.received', 'ticket.processing', 'ticket.ready']);
  });

  it('that are handed over take the step although the first of the ticket is not', async () => {
    const cast = await app.cast();
    const id = await app.open(cast);
    const [first, second] = [await app.save(cast, id), await app.save(cast, id)];
    await moved(second, 'sent_to_pharmacy');
    const set = (status: string) => app.call(cast.pharmacy, 'POST', `/api/tickets/${id}/status`, { status });
    expect((await set('received')).body['status']).toBe('received');
    expect(await app.stateOf(second)).toBe('pharmacy_received');
    expect((await set('processing')).status).toBe(200);
    expect(await app.stateOf(second)).toBe('processing');
    expect(await app.stateOf(first)).toBe('pharmacy_selected');
    expect(await set('processing')).toMatchObject({ status: 409, body: { code: 'ticket.not-handed-over' } });
  });

  it.each([
    ['cancel', 'cancelled'],
    ['deliver', 'closed'],
  ] as const)(
    'end their ticket with the last of them: the first to end (%s) leaves it to the next',
    async (action, end) => {
      const cast = await app.cast();
      const id = await app.open(cast);
      const [first, second, third] = [await app.save(cast, id), await app.save(cast, id), await app.save(cast, id)];
      await Promise.all([moved(first, 'processing'), moved(second, 'sent_to_pharmacy'), moved(third, 'processing')]);
      await app.sql(`UPDATE healthcare_tickets SET status = 'processing' WHERE id = $1`, [id]);
      await reports(first, action);
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: 'sent', prescriptionId: second });
      const sent = (await app.call(cast.pharmacy, 'GET', '/api/tickets?status=sent')).body.items ?? [];
      expect(sent).toMatchObject([{ id, prescriptionId: second }]);
      expect((await codesOf(cast.ops, id)).at(-1)).toBe('ticket.sent');
      const found = async () => {
        const lists = [first, second].map((one) => app.call(cast.doctor, 'GET', `/api/tickets?prescriptionId=${one}`));
        return (await Promise.all(lists)).map(({ body }) => body.items?.map((row) => row['id']));
      };
      expect(await found()).toEqual([[id], [id]]);
      const question = { text: '10 or 20 mg?', blocks: true, awaits: 'doctor' };
      expect((await app.call(cast.pharmacy, 'POST', `/api/threads/${id}/messages`, question)).status).toBe(201);

      // What is not the first has no say, also when it ends at the same time.
      await Promise.all([reports(second, 'deliver'), reports(first, 'fail', 1)]);
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: 'processing', prescriptionId: third });
      await reports(third, action);
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: end, prescriptionId: third });
      expect(await codesOf(cast.ops, id)).toContain(`ticket.${end}`);
    },
  );

  it('end their ticket also when all of them end at once', async () => {
    const cast = await app.cast();
    for (let round = 0; round < 8; round++) {
      const id = await app.open(cast, { appointmentId: randomUUID() });
      const all = [await app.save(cast, id), await app.save(cast, id), await app.save(cast, id)];
      await Promise.all(all.map((one) => moved(one, 'shipped')));
      await Promise.all(all.map((one) => reports(one, 'deliver')));
      expect(await ticketOf(cast.ops, id)).toMatchObject({ status: 'closed' });
    }
  });

  it('end it as the latest outcome says, in whatever order the outcomes are told', async () => {
    const outcomes = [
      ['fail', 1],
      ['return', 2],
      ['deliver', 3],
    ] as const;
    const cast = await app.cast();
    for (const order of permutationsOf(outcomes)) {
      const id = await app.open(cast, { appointmentId: randomUUID() });
      const prescription = await app.save(cast, id);
      await moved(prescription, 'shipped');
      for (const [action, minutes] of order) await reports(prescription, action, minutes);
      expect(await ticketOf(cast.ops, id)).toMatchObject({ status: 'closed', prescription: { state: 'delivered' } });
    }
  });

  it('are read by the pharmacy of the ticket from `sent` on, until another one is chosen', async () => {
    const cast = await app.cast();
    const wished = await app.pharmacy({ licensedStates: ['CA'] });
    const staff = await app.user('pharmacy', { pharmacyId: wished });
    const id = await app.open(cast, { pharmacyId: wished });
    const prescription = await app.save(cast, id, 'awaiting_pharmacy_selection');
    const read = async (who: string) => (await app.call(who, 'GET', `/api/prescriptions/${prescription}`)).status;
    const [row] = (await app.call(staff, 'GET', '/api/tickets')).body.items ?? [];
    expect(row).toMatchObject({ id, status: 'sent', prescription: { id: prescription } });
    expect([await read(staff), await read(cast.pharmacy)]).toEqual([200, 404]);
    expect((await app.call(staff, 'POST', `/api/tickets/${id}/status`, { status: 'processing' })).body).toMatchObject({
      code: 'ticket.not-handed-over',
      state: 'awaiting_pharmacy_selection',
    });
    await app.call(cast.ops, 'POST', `/api/prescriptions/${prescription}/pharmacy`, { pharmacyId: cast.pharmacyId });
    expect([await read(staff), await read(cast.pharmacy)]).toEqual([404, 200]);
  });

  it('that wait beside the first one are read by the pharmacy the ticket has now, and no more by the former', async () => {
    const cast = await app.cast();
    const wished = await app.pharmacy({ licensedStates: ['CA'] });
    const staff = await app.user('pharmacy', { pharmacyId: wished });
    const id = await app.open(cast, { pharmacyId: wished });
    const first = await app.save(cast, id, 'awaiting_pharmacy_selection');
    const second = await app.save(cast, id, 'awaiting_pharmacy_selection');
    const read = async (who: string, path = '') =>
      (await app.call(who, 'GET', `/api/prescriptions/${second}${path}`)).status;
    expect([await read(staff), await read(cast.pharmacy)]).toEqual([200, 404]);
    await app.call(cast.ops, 'POST', `/api/prescriptions/${first}/pharmacy`, { pharmacyId: cast.pharmacyId });
    expect([await read(staff), await read(staff, '/timeline'), await read(cast.pharmacy)]).toEqual([404, 404, 200]);
  });

  it('are not read by it while validation holds them', async () => {
    const cast = await app.cast();
    const id = await app.open(cast);
    const { body } = await save(cast.doctor, id, { ...anOrder(), writtenDate: '2020-01-01' });
    await until(async () => (await app.stateOf(String(body['id']))) === 'validation_issue');
    expect((await app.call(cast.pharmacy, 'GET', `/api/prescriptions/${String(body['id'])}`)).status).toBe(404);
  });

  it('say which ticket stands there already, and where one stands that cannot be moved', async () => {
    const cast = await app.cast();
    const other = await app.pharmacy();
    const [id, second] = [await app.open(cast), await app.open(cast, { pharmacyId: other })];
    const changed = await app.call(cast.doctor, 'POST', `/api/tickets/${id}/pharmacy`, { pharmacyId: other });
    expect(changed).toMatchObject({ status: 409, body: { code: 'ticket.already-open', ticketId: second } });
    await app.call(cast.doctor, 'POST', `/api/tickets/${id}/status`, { status: 'cancelled' });
    expect(await app.call(cast.doctor, 'POST', `/api/tickets/${id}/status`, { status: 'closed' })).toMatchObject({
      status: 409,
      body: { status: 409, code: 'ticket.illegal-move', ticketStatus: 'cancelled' },
    });
  });

  it('leave an audit row when a ticket that was there already is handed out', async () => {
    const cast = await app.cast();
    const id = await app.open(cast);
    const reads = async () =>
      (await app.sql(`SELECT id FROM audit_entries WHERE action = 'read' AND $1 = ANY (entity_ids)`, [id])).length;
    const before = await reads();
    await app.open(cast);
    expect(await reads()).toBe(before + 1);
    await app.call(cast.doctor, 'POST', `/api/tickets/${id}/status`, { status: 'closed' });
    const closed = await reads();
    await app.call(cast.doctor, 'POST', `/api/tickets/${id}/status`, { status: 'closed' });
    expect(await reads()).toBe(closed + 1);
  });
});

function permutationsOf<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]];
  return all.flatMap((one) => permutationsOf(all.filter((other) => other !== one)).map((rest) => [one, ...rest]));
}
