import { generate } from '../../src/demo/generate/index.js';
import { buildCancelRx, parseScript } from '../../src/modules/intake/formats/script.js';
import { newId } from '../../src/platform/ids/index.js';
import { startDoorApp, type DoorApp } from '../support/door-app.js';

const messages = generate({ count: 50, seed: 78, defects: 0, date: '2026-11-20', formats: ['script-2017071'] });

type Order = Parameters<typeof buildCancelRx>[0];

describe('a CancelRx that names no message of ours', () => {
  let doors: DoorApp;
  let key: string;
  let ops: string;

  beforeAll(async () => {
    doors = await startDoorApp();
    [key, ops] = [await doors.key(), await doors.user('ops')];
  });
  afterAll(async () => {
    await doors.stop();
  });

  const send = (body: string, authorization = key) =>
    doors.app.inject({
      method: 'POST',
      url: '/api/intake',
      headers: { authorization, 'content-type': 'application/xml' },
      payload: body,
    });
  const prescribed = async () => {
    const message = messages.next().value;
    if (message === undefined) throw new Error('no more messages');
    await send(message.body);
    const [row] = await doors.sql<{ id: string }>('SELECT id FROM prescriptions WHERE message_id = $1', [
      message.order.messageId,
    ]);
    return { id: row?.id ?? '', message };
  };
  /** Without the number of the message it means. */
  const numbered = (order: Order) =>
    buildCancelRx(
      order,
      {
        messageId: newId().replaceAll('-', ''),
        from: { id: '9999999999999', qualifier: 'D' },
        to: { id: '7701630', qualifier: 'P' },
        sentTime: new Date('2026-11-21T10:00:00Z'),
        relatesToMessageId: 'lost',
      },
      '2017071',
    );
  /** Without any number. */
  const stray = (order: Order, change: Partial<Order> = {}) => {
    const numberless = { ...order, ...change };
    delete numberless.prescriberOrderNumber;
    return numbered(numberless);
  };
  const get = async (path: string, authorization = ops) =>
    (await doors.app.inject({ url: `/api/${path}`, headers: { authorization } })).json<{
      items: Record<string, unknown>[];
    }>();
  const suggestedIds = async (authorization = ops) =>
    (await get('intake/cancel-suggestions', authorization)).items.map(({ prescriptionId }) => prescriptionId);
  const stateOf = async (id: string) =>
    (await doors.sql<{ state: string }>('SELECT state FROM prescriptions WHERE id = $1', [id]))[0]?.state;

  it('is denied, cancels nothing, and is shown to operations beside the prescription it may mean', async () => {
    const { id, message } = await prescribed();
    const request = stray(message.order);
    const answer = await send(request);
    expect(parseScript(answer.body).transaction).toBe('CancelRxResponse');
    expect(answer.body).toContain('<DenialReason>Unable to locate the prescription.</DenialReason>');
    expect((await send(request)).body).toBe(answer.body);
    expect(await stateOf(id)).toBe('received');
    expect((await suggestedIds()).filter((suggested) => suggested === id)).toHaveLength(1);
    const timeline = await get(`prescriptions/${id}/timeline`);
    expect(timeline.items.filter(({ code }) => code === 'intake.cancel-suggested')).toHaveLength(1);
    const cancelled = await doors.app.inject({
      method: 'POST',
      url: `/api/prescriptions/${id}/cancel`,
      headers: { authorization: ops },
      payload: { reason: 'prescriber-confirmed' },
    });
    expect(cancelled.statusCode).toBe(200);
    expect(await suggestedIds()).not.toContain(id);
  });

  it('is suggested to no other organization, and matches none of its prescriptions', async () => {
    const { id, message } = await prescribed();
    const elsewhere = await doors.organization();
    const [theirKey, theirOps] = [
      await doors.key({ organizationId: elsewhere }),
      await doors.user('ops', { organizationId: elsewhere }),
    ];
    await send(stray(message.order), theirKey);
    expect(await suggestedIds()).not.toContain(id);
    await send(stray(message.order));
    expect(await suggestedIds()).toContain(id);
    expect(await suggestedIds(theirOps)).toEqual([]);
  });

  it('is seen by staff only: the doctor of the prescription reads neither list nor entry', async () => {
    const { id, message } = await prescribed();
    await send(stray(message.order));
    const providerId = newId();
    await doors.sql(
      `INSERT INTO providers (id, organization_id, npi, first_name, last_name, created_at) VALUES ($1, $2, '1234567893', 'I', 'R', now())`,
      [providerId, doors.organizationId],
    );
    await doors.sql('UPDATE prescriptions SET provider_id = $2 WHERE id = $1', [id, providerId]);
    const doctor = await doors.user('doctor', { providerId });
    expect(await suggestedIds(doctor)).toEqual([]);
    const timeline = await get(`prescriptions/${id}/timeline`, doctor);
    expect(timeline.items.map(({ code }) => code)).not.toContain('intake.cancel-suggested');
  });

  it.each<[string, (order: Order) => Partial<Order>]>([
    ['drug', (order) => ({ medication: { ...order.medication, ndc: '99999999999', description: 'Something else' } })],
    ['written date', () => ({ writtenDate: '2026-11-19' })],
    ['patient', (order) => ({ patient: { ...order.patient, lastName: 'Nobody' } })],
    ['prescriber', (order) => ({ prescriber: { ...order.prescriber, npi: '1234567893' } })],
  ])('suggests nothing when the %s differs', async (_, change) => {
    const { id, message } = await prescribed();
    const answer = await send(stray(message.order, change(message.order)));
    expect(answer.body).toContain('Unable to locate the prescription.');
    expect(await suggestedIds()).not.toContain(id);
  });

  const mended = (order: Order): Order => ({ ...order, patient: { ...order.patient, birthDate: '1950-01-02' } });

  it('is suggested where only the order number and a part of the people agree, and cancels nothing', async () => {
    const { id, message } = await prescribed();
    const answer = await send(numbered(mended(message.order)));
    expect(answer.body).toContain('Unable to locate the prescription.');
    expect(await stateOf(id)).toBe('received');
    expect((await suggestedIds()).filter((suggested) => suggested === id)).toHaveLength(1);
  });

  it('is not suggested by an order number of somebody else', async () => {
    const { id, message } = await prescribed();
    const { order } = message;
    const others = {
      ...mended(order),
      patient: { ...mended(order).patient, lastName: 'Nobody' },
      prescriber: { ...order.prescriber, npi: '1234567893' },
    };
    expect((await send(numbered(others))).body).toContain('Unable to locate the prescription.');
    expect(await suggestedIds()).not.toContain(id);
  });

  it('does not point by an order number at what has ended', async () => {
    const { id, message } = await prescribed();
    await doors.sql(`UPDATE prescriptions SET state = 'completed' WHERE id = $1`, [id]);
    await send(numbered(mended(message.order)));
    expect(await doors.sql('SELECT 1 FROM cancel_suggestions WHERE prescription_id = $1', [id])).toEqual([]);
  });

  it('points at what has not ended, however many newer orders of that number have', async () => {
    const { id, message } = await prescribed();
    const { messageId = '', prescriberOrderNumber = '' } = message.order;
    const others = Array.from({ length: 20 }, () => newId().replaceAll('-', ''));
    for (const other of others) await send(message.body.replaceAll(messageId, other));
    const ended = await doors.sql(
      `UPDATE prescriptions SET state = 'completed' WHERE prescriber_order_number = $1 AND id <> $2 RETURNING id`,
      [prescriberOrderNumber, id],
    );
    expect(ended).toHaveLength(others.length);
    await send(numbered(mended(message.order)));
    expect((await suggestedIds()).filter((suggested) => suggested === id)).toHaveLength(1);
  });

  it('does not point at what has ended', async () => {
    const { id, message } = await prescribed();
    await doors.sql(`UPDATE prescriptions SET state = 'completed' WHERE id = $1`, [id]);
    await send(stray(message.order));
    expect(await doors.sql('SELECT 1 FROM cancel_suggestions WHERE prescription_id = $1', [id])).toEqual([]);
  });
});
