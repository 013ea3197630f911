import { TicketClocks } from '../../src/modules/desk/ticket-clocks.worker.js';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { anOrder, startTickets, type Cast, type TicketsApp } from '../support/tickets-app.js';
import { until } from '../support/until.js';

describe('tickets', () => {
  let app: TicketsApp;
  let cast: Cast;

  beforeAll(async () => {
    app = await startTickets();
    cast = await app.cast();
  });
  afterAll(() => app.stop());

  const statusOf = async (who: string, id: string) => (await app.call(who, 'GET', `/api/tickets/${id}`)).body['status'];
  const timeline = async (who: string, id: string) =>
    (await app.call(who, 'GET', `/api/tickets/${id}/timeline?kind=ticket`)).body.items ?? [];
  const handOver = (id: string) =>
    app.db.tx(systemContext, async (tx) => {
      const move = { id, actor: systemActor, trigger: 'worker' as const };
      await app.get(Prescriptions).moveOrRefuse(tx, { ...move, action: 'hand_to_pharmacy' });
    });

  /** How much the platform still has to do for a prescription. */
  const unfinished = async (id: string) => {
    const open = `aggregate_id = $1 AND subscriber <> '' AND done_at IS NULL`;
    return (await app.sql(`SELECT 1 FROM outbox_events WHERE ${open}`, [id])).length;
  };

  it('take no endless list of kinds for the timeline', async () => {
    const kinds = Array.from({ length: 21 }, () => 'ticket').join();
    expect((await app.call(cast.doctor, 'GET', `/api/tickets/${newId()}/timeline?kind=${kinds}`)).status).toBe(400);
  });

  it('are one for an appointment, doctor, pharmacy and patient, also under fifty calls at once', async () => {
    const one = await app.cast();
    const wish = { appointmentId: newId(), pharmacyId: one.pharmacyId, patientId: one.patientId };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => app.call(one.doctor, 'POST', '/api/tickets', wish)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    const ids = new Set(answers.map(({ body }) => body['id']));
    expect(ids.size).toBe(1);
    const [id] = ids;
    const thread = await app.call(one.doctor, 'GET', `/api/tickets/${String(id)}/thread`);
    expect(thread.body).toMatchObject({
      ticketId: id,
      orderType: 'prescription',
      metadata: { target_id: one.pharmacyId },
    });
    const members = thread.body['members'] as { party: string }[];
    expect(members.map(({ party }) => party).toSorted()).toEqual(['doctor', 'ops', 'patient', 'pharmacy']);
    expect(await timeline(one.doctor, String(id))).toMatchObject([{ code: 'ticket.created' }]);
  });

  it('refuse parties the directory does not know, and doctors who open for others', async () => {
    const { doctor, patientId, pharmacyId, ops } = cast;
    const stranger = await app.call(doctor, 'POST', '/api/tickets', { patientId: newId(), pharmacyId });
    expect(stranger).toMatchObject({ status: 422, body: { code: 'ticket.party-unknown', unknown: ['patient'] } });
    const other = await app.call(doctor, 'POST', '/api/tickets', { patientId, doctorId: newId() });
    expect(other).toMatchObject({ status: 403, body: { code: 'ticket.doctor-not-you' } });
    expect(await app.call(ops, 'POST', '/api/tickets', { patientId })).toMatchObject({
      status: 422,
      body: { code: 'ticket.doctor-required' },
    });
  });

  it.each(['type', 'priority', 'appointmentId', 'pharmacyId'])('say that null is no %s', async (field) => {
    const { doctor, patientId, pharmacyId } = cast;
    const answer = await app.call(doctor, 'POST', '/api/tickets', { patientId, pharmacyId, [field]: null });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: `/${field}` }] } });
  });

  it('are not seen by the pharmacy before the prescription was sent', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    expect((await app.call(one.pharmacy, 'GET', `/api/tickets/${id}`)).status).toBe(404);
    expect((await app.call(one.pharmacy, 'GET', '/api/tickets')).body.items).toEqual([]);
    const prescriptionId = await app.save(one, id);
    const seen = await app.call(one.pharmacy, 'GET', '/api/tickets');
    expect(seen.body.items).toMatchObject([
      {
        id,
        status: 'sent',
        prescriptionId,
        threadId: id,
        prescription: { id: prescriptionId, state: 'pharmacy_selected' },
      },
    ]);
    const thread = await app.call(one.pharmacy, 'GET', `/api/tickets/${id}/thread`);
    expect(thread.body).toMatchObject({ orderId: prescriptionId, metadata: { prescription_id: prescriptionId } });
  });

  it('have a thread that is found by order and pharmacy, by those who take part', async () => {
    const [one, stranger] = [await app.cast(), await app.cast()];
    const id = await app.open(one);
    const prescriptionId = await app.save(one, id);
    const found = async (who: string, order: string, at = one.pharmacyId) =>
      (await app.call(who, 'GET', `/api/threads?orderId=${order}&pharmacyId=${at}`)).body.items;
    for (const who of [one.pharmacy, one.doctor, one.ops])
      expect(await found(who, prescriptionId)).toMatchObject([{ id, ticketId: id, orderId: prescriptionId }]);
    expect(await found(stranger.pharmacy, prescriptionId)).toEqual([]);
    expect(await found(one.doctor, prescriptionId, stranger.pharmacyId)).toEqual([]);
    expect(await found(one.doctor, 'unheard-of')).toEqual([]);
    expect(await app.call(one.doctor, 'GET', '/api/threads?orderId=1')).toMatchObject({ status: 400 });
  });

  it('take their prescription through the same door: the parties are the ticket’s, and bad orders keep it at created', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    const said = await app.call(one.doctor, 'POST', `/api/tickets/${id}/prescription`, {
      ...anOrder(),
      patient: { firstName: 'Eve' },
    });
    expect(said).toMatchObject({ status: 422, body: { code: 'ticket.parties-stand', fields: ['patient'] } });
    const bad = await app.call(one.doctor, 'POST', `/api/tickets/${id}/prescription`, anOrder({ quantity: undefined }));
    expect(bad.status).toBe(202);
    await until(async () => (await app.stateOf(String(bad.body['id']))) === 'validation_issue');
    expect(await statusOf(one.doctor, id)).toBe('created');
    const [row] = await app.sql<{ patient: string; provider: string }>(
      'SELECT patient_id AS patient, provider_id AS provider FROM prescriptions WHERE id = $1',
      [bad.body['id']],
    );
    expect(row).toEqual({ patient: one.patientId, provider: one.doctorId });
  });

  it('say why the doctor’s pharmacy does not fill it, and the one that does becomes the party', async () => {
    const one = await app.cast();
    const closed = await app.pharmacy({ licensedStates: ['CA'] });
    const id = await app.open(one, { pharmacyId: closed });
    const prescriptionId = await app.save(one, id, 'awaiting_pharmacy_selection');
    const told = await app.call(one.doctor, 'GET', `/api/tickets/${id}`);
    expect(told.body['pharmacyFinding']).toEqual({ pharmacyId: closed, reasons: [{ code: 'license' }] });
    const former = await app.user('pharmacy', { pharmacyId: closed });
    expect((await app.call(former, 'GET', `/api/tickets/${id}`)).status).toBe(200);
    await app.call(one.ops, 'POST', `/api/prescriptions/${prescriptionId}/pharmacy`, { pharmacyId: one.pharmacyId });
    expect((await app.call(former, 'GET', `/api/tickets/${id}`)).status).toBe(404);
    expect((await app.call(one.pharmacy, 'GET', `/api/tickets/${id}`)).status).toBe(200);
    expect((await timeline(one.ops, id)).map(({ code }) => code)).toEqual([
      'ticket.created',
      'ticket.sent',
      'ticket.pharmacy-not-eligible',
      'ticket.pharmacy-changed',
    ]);
  });

  it('say nothing of a pharmacy that does fill it: operations chose it all the same', async () => {
    const one = await app.cast();
    const wished = await app.pharmacy({ forms: ['cream'] });
    const id = await app.open(one, { pharmacyId: wished });
    const prescriptionId = await app.save(one, id, 'awaiting_pharmacy_selection');
    expect((await app.call(one.doctor, 'GET', `/api/tickets/${id}`)).body['pharmacyFinding']).not.toBeNull();
    const choice = { pharmacyId: wished, override: true, reason: 'stock was counted by telephone' };
    const chosen = await app.call(one.ops, 'POST', `/api/prescriptions/${prescriptionId}/pharmacy`, choice);
    expect(chosen.status).toBe(200);
    expect((await app.call(one.doctor, 'GET', `/api/tickets/${id}`)).body).toMatchObject({
      secondaryProviderId: wished,
      pharmacyFinding: null,
    });
  });

  it('are received at once, and move the prescription once that is handed over', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    const sent = await app.call(one.doctor, 'POST', `/api/tickets/${id}/status`, { status: 'sent' });
    expect(sent.body['code']).toBe('ticket.not-sent');
    const set = (status: string, who = one.pharmacy) => app.call(who, 'POST', `/api/tickets/${id}/status`, { status });
    expect((await set('received')).status).toBe(404);
    const prescriptionId = await app.save(one, id);
    expect((await set('ready', one.doctor)).body['code']).toBe('ticket.not-yours-to-move');
    expect((await set('processing')).body).toMatchObject({
      code: 'ticket.not-handed-over',
      state: 'pharmacy_selected',
    });
    expect(await set('received')).toMatchObject({ status: 200, body: { status: 'received' } });
    expect(await app.stateOf(prescriptionId)).toBe('pharmacy_selected');
    await handOver(prescriptionId);
    await until(async () => (await app.stateOf(prescriptionId)) === 'pharmacy_received');
    const jobs = await app.sql(
      `SELECT o.subscriber FROM prescription_status_events e JOIN outbox_events o ON o.id = e.job_id
       WHERE e.prescription_id = $1 AND e.action = 'acknowledge'`,
      [prescriptionId],
    );
    expect(jobs).toEqual([{ subscriber: 'desk.acknowledge' }]);
    expect((await set('processing')).body['status']).toBe('processing');
    expect((await set('processing')).status).toBe(200);
    expect((await set('ready')).body['status']).toBe('ready');
    expect(await app.stateOf(prescriptionId)).toBe('ready_for_pickup');
    expect((await set('received')).body['code']).toBe('ticket.illegal-move');
    expect((await set('cancelled', one.ops)).body['code']).toBe('ticket.moved-by-prescription');
    const codes = (await timeline(one.doctor, id)).map(({ code }) => code);
    expect(codes).toEqual(['ticket.created', 'ticket.sent', 'ticket.received', 'ticket.processing', 'ticket.ready']);
  });

  it('end when pharmacy or operations say that what was ready was picked up, and not before', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    const prescriptionId = await app.save(one, id);
    const close = (who: string, reason?: string) =>
      app.call(who, 'POST', `/api/tickets/${id}/status`, { status: 'closed', ...(reason && { reason }) });
    const refused = (state: string) => ({ status: 409, body: { code: 'ticket.moved-by-prescription', state } });
    expect(await close(one.pharmacy)).toMatchObject(refused('pharmacy_selected'));
    for (const state of ['processing', 'shipped']) {
      await app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [prescriptionId, state]);
      for (const who of [one.pharmacy, one.ops]) expect(await close(who)).toMatchObject(refused(state));
    }
    await app.sql(`UPDATE prescriptions SET state = 'ready_for_pickup' WHERE id = $1`, [prescriptionId]);
    expect(await close(one.doctor)).toMatchObject(refused('ready_for_pickup'));
    expect((await close((await app.cast()).pharmacy)).status).toBe(404);
    expect(await close(one.pharmacy, 'by his wife')).toMatchObject({ status: 200, body: { status: 'closed' } });
    expect(await close(one.pharmacy)).toMatchObject({ status: 200, body: { status: 'closed' } });
    expect(['delivered', 'completed']).toContain(await app.stateOf(prescriptionId));
    const said = await app.sql(
      `SELECT action, actor_kind AS by, reason FROM prescription_status_events
       WHERE prescription_id = $1 AND action = 'deliver'`,
      [prescriptionId],
    );
    expect(said).toEqual([{ action: 'deliver', by: 'pharmacy', reason: 'picked-up: by his wife' }]);
    expect((await timeline(one.ops, id)).at(-1)).toMatchObject({ code: 'ticket.closed' });
    const note = `SELECT 1 FROM chat_messages WHERE thread_id = $1 AND code = 'prescription.delivered'`;
    await until(async () => (await app.sql(note, [id])).length === 1);
  });

  it('are moved alone by the pharmacy while the prescription is past the step: its label was bought before', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    const prescriptionId = await app.save(one, id);
    const moved = (state: string) =>
      app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [prescriptionId, state]);
    const set = (status: string) => app.call(one.pharmacy, 'POST', `/api/tickets/${id}/status`, { status });
    await moved('shipped');
    for (const status of ['received', 'processing', 'ready']) {
      expect(await set(status)).toMatchObject({ status: 200, body: { status } });
    }
    expect((await set('processing')).body).toMatchObject({
      code: 'ticket.illegal-move',
      ticketStatus: 'ready',
      state: 'shipped',
    });
    expect(await app.stateOf(prescriptionId)).toBe('shipped');
    const codes = (await timeline(one.ops, id)).map(({ code }) => code);
    expect(codes).toEqual(['ticket.created', 'ticket.sent', 'ticket.received', 'ticket.processing', 'ticket.ready']);
  });

  it('are not acknowledged by a pharmacy for a prescription that was added after it had seen them', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    const seen = await app.save(one, id);
    await app.call(one.pharmacy, 'POST', `/api/tickets/${id}/status`, { status: 'received' });
    const added = await app.save(one, id);
    await handOver(added);
    await handOver(seen);
    await until(async () => (await app.stateOf(seen)) === 'pharmacy_received');
    await until(async () => (await unfinished(added)) === 0);
    expect(await app.stateOf(added)).toBe('sent_to_pharmacy');
    const said = await app.call(one.pharmacy, 'POST', `/api/tickets/${id}/status`, { status: 'received' });
    expect(said.body['status']).toBe('received');
    expect(await app.stateOf(added)).toBe('pharmacy_received');
  });

  it('are not acknowledged by a pharmacy because their next prescription gave them that status', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    const [first, second] = [await app.save(one, id), await app.save(one, id)];
    const set = (status: string) => app.call(one.pharmacy, 'POST', `/api/tickets/${id}/status`, { status });
    const moved = (prescription: string, state: string) =>
      app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [prescription, state]);
    await Promise.all([moved(first, 'sent_to_pharmacy'), moved(second, 'pharmacy_received')]);
    expect((await set('processing')).body['status']).toBe('processing');
    await moved(second, 'pharmacy_received');
    const added = await app.save(one, id);
    const by = { actor: systemActor, trigger: 'webhook' as const, occurredAt: new Date(), sourceKey: newId() };
    await app.db.tx(systemContext, (tx) => app.get(Prescriptions).report(tx, { id: first, action: 'cancel', ...by }));
    expect(await statusOf(one.pharmacy, id)).toBe('received');
    await handOver(added);
    await until(async () => (await unfinished(added)) === 0);
    expect(await app.stateOf(added)).toBe('sent_to_pharmacy');
  });

  it('of other types go through the same machine without a prescription', async () => {
    const one = await app.cast();
    const id = await app.open(one, { type: 'lab_request' });
    const saved = await app.call(one.doctor, 'POST', `/api/tickets/${id}/prescription`, anOrder());
    expect(saved.body['code']).toBe('ticket.no-prescription-here');
    const set = (who: string, status: string) => app.call(who, 'POST', `/api/tickets/${id}/status`, { status });
    expect((await set(one.pharmacy, 'received')).status).toBe(404);
    expect((await set(one.doctor, 'sent')).body['status']).toBe('sent');
    for (const status of ['received', 'processing', 'ready']) {
      expect((await set(one.pharmacy, status)).body['status']).toBe(status);
    }
    expect((await app.call(one.doctor, 'POST', `/api/tickets/${id}/status`, { status: 'closed' })).body['status']).toBe(
      'closed',
    );
    const again = await app.open(one, { type: 'lab_request' });
    expect(again).not.toBe(id);
  });

  it('are triaged by operations and by nobody else', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    const [ops] = await app.sql<{ id: string }>(`SELECT id FROM users WHERE role = 'ops' LIMIT 1`);
    const wish = { priority: 'urgent', assigneeId: ops?.id, snoozedUntil: '2030-01-01T00:00:00.000Z' };
    expect((await app.call(one.doctor, 'PATCH', `/api/tickets/${id}`, wish)).status).toBe(403);
    expect((await app.call(one.ops, 'PATCH', `/api/tickets/${id}`, wish)).body).toMatchObject(wish);
    const urgent = await app.call(one.ops, 'GET', '/api/tickets?priority=urgent');
    expect(urgent.body.items).toMatchObject([{ id }]);
  });

  it('are paged by keyset, each once', async () => {
    const one = await app.cast();
    for (let count = 0; count < 5; count += 1) await app.open(one, { appointmentId: newId() });
    const seen: unknown[] = [];
    for (let cursor = ''; ;) {
      const page = await app.call(one.doctor, 'GET', `/api/tickets?limit=2${cursor}`);
      seen.push(...(page.body.items ?? []).map(({ id }) => id));
      const next = page.body['nextCursor'];
      if (typeof next !== 'string') break;
      cursor = `&cursor=${next}`;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
    expect((await app.call(one.doctor, 'GET', '/api/tickets?cursor=x')).body['code']).toBe('ticket.cursor-invalid');
  });

  it('change their pharmacy while nothing was sent, and are not there twice', async () => {
    const one = await app.cast();
    const other = await app.pharmacy();
    const [id, second] = [await app.open(one), await app.open(one, { pharmacyId: other })];
    const change = (pharmacyId: string) => app.call(one.doctor, 'POST', `/api/tickets/${id}/pharmacy`, { pharmacyId });
    expect((await change(other)).body['code']).toBe('ticket.already-open');
    await app.call(one.doctor, 'POST', `/api/tickets/${second}/status`, { status: 'cancelled' });
    expect((await change(other)).body['secondaryProviderId']).toBe(other);
    const thread = await app.call(one.doctor, 'GET', `/api/tickets/${id}/thread`);
    const left = (thread.body['members'] as { partyId: string; leftAt: string | null }[]).filter(
      ({ leftAt }) => leftAt !== null,
    );
    expect(left.map(({ partyId }) => partyId)).toEqual([one.pharmacyId]);
  });

  it('opened for two pharmacies may end at the same one, where asking again finds the one that stands there', async () => {
    const one = await app.cast();
    const wished = [await app.pharmacy({ licensedStates: ['CA'] }), await app.pharmacy({ licensedStates: ['CA'] })];
    const ids: string[] = [];
    for (const pharmacyId of wished) {
      const id = await app.open(one, { pharmacyId });
      const prescriptionId = await app.save(one, id, 'awaiting_pharmacy_selection');
      const choice = { pharmacyId: one.pharmacyId };
      const chosen = await app.call(one.ops, 'POST', `/api/prescriptions/${prescriptionId}/pharmacy`, choice);
      expect(chosen).toMatchObject({ status: 200, body: { state: 'pharmacy_selected' } });
      ids.push(id);
    }
    for (const [at, pharmacyId] of [...wished, one.pharmacyId].entries()) {
      const again = await app.call(one.doctor, 'POST', '/api/tickets', { pharmacyId, patientId: one.patientId });
      expect(again).toMatchObject({ status: 200, body: { id: ids[at] ?? ids[0] } });
    }
  });

  it('that stand still for longer than their status allows in opening hours are told to operations, once', async () => {
    const one = await app.cast();
    const id = await app.open(one);
    await app.save(one, id);
    const readClocks = () =>
      app.get(TicketClocks).read({ slot: 'now' }, { outboxId: newId(), attempt: 1, closed: false });
    await readClocks();
    const before = await app.call(one.ops, 'GET', `/api/tickets/${id}`);
    expect(before.body).toMatchObject({ priority: 'normal', escalatedAt: null });
    expect(String(before.body['breachAt']) > String(before.body['statusSince'])).toBe(true);
    await app.sql(`UPDATE healthcare_tickets SET breach_at = now() - interval '1 minute' WHERE id = $1`, [id]);
    await readClocks();
    await readClocks();
    const after = await app.call(one.ops, 'GET', `/api/tickets/${id}`);
    expect(after.body).toMatchObject({ priority: 'high', escalatedAt: expect.any(String) as string });
    expect((await timeline(one.ops, id)).filter(({ code }) => code === 'ticket.overdue')).toHaveLength(1);
    const told = await app.sql(`SELECT event FROM outbox_events WHERE aggregate_id = $1 ORDER BY id`, [id]);
    expect(told).toEqual(expect.arrayContaining([{ event: 'ticket_created' }, { event: 'ticket_escalated' }]));
    await app.call(one.pharmacy, 'POST', `/api/tickets/${id}/status`, { status: 'received' });
    const moved = await app.call(one.ops, 'GET', `/api/tickets/${id}`);
    expect(moved.body).toMatchObject({ escalatedAt: null, breachAt: null });
  });
});
