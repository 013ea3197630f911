import { startTickets, type Cast, type TicketsApp } from '../support/tickets-app.js';

interface Detail {
  status: number;
  prescriptions: {
    id: string;
    current: { order: { patient?: { lastName?: string }; medication: { sig?: string } } };
  }[];
  messages: { items: { id: string; text: string | null }[]; nextBefore: number | null } | null;
}

describe('one ticket', () => {
  let app: TicketsApp;
  let cast: Cast;
  let id: string;
  let prescriptionId: string;

  beforeAll(async () => {
    app = await startTickets();
    cast = await app.cast();
    id = await app.open(cast);
    prescriptionId = await app.save(cast, id);
    const say = (who: string, text: string, audience: string) =>
      app.call(who, 'POST', `/api/threads/${id}/messages`, { text, audience });
    await say(cast.doctor, 'between doctor and pharmacy', 'providers');
    await say(cast.pharmacy, 'to everybody', 'all');
    await say(cast.pharmacy, 'among ourselves', 'internal');
  });
  afterAll(() => app.stop());

  const detail = async (who: string, ticket = id): Promise<Detail> => {
    const { status, body } = await app.call(who, 'GET', `/api/tickets/${ticket}`);
    return { ...(body as unknown as Omit<Detail, 'status'>), status };
  };
  const said = ({ messages }: Detail) => messages?.items.flatMap(({ text }) => text ?? []);
  const everything = ['among ourselves', 'to everybody', 'between doctor and pharmacy'];

  it.each([
    ['pharmacy', everything],
    ['doctor', everything.slice(1)],
    ['ops', everything.slice(1)],
    ['patient', ['to everybody']],
  ] as const)('has what was ordered and what was said, as far as it is for the %s', async (role, texts) => {
    const answer = await detail(cast[role]);
    expect(answer.status).toBe(200);
    const apart = await app.call(cast[role], 'GET', `/api/prescriptions/${prescriptionId}`);
    expect(answer.prescriptions).toEqual([apart.body]);
    expect(answer.prescriptions[0]?.current.order).toMatchObject({
      patient: { lastName: 'Marsh' },
      medication: { sig: 'Take 1 tablet by mouth once daily' },
    });
    expect(said(answer)).toEqual(texts);
    expect(answer.messages).toEqual((await app.call(cast[role], 'GET', `/api/threads/${id}/messages`)).body);
  });

  it('is not there for another pharmacy, doctor or patient', async () => {
    const other = await app.cast();
    const patient = await app.user('patient', { patientId: await app.patientOf('Eve') });
    for (const who of [other.pharmacy, other.doctor, patient]) expect((await detail(who)).status).toBe(404);
  });

  it('shows no order to a key that may read tickets and not prescriptions', async () => {
    const answer = await detail(await app.key({ scopes: ['tickets:read'] }));
    expect(answer.prescriptions).toEqual([]);
    expect(said(answer)).toEqual(everything.slice(1));
  });

  it('leaves out a prescription another pharmacy fills, and asks of each whose it is', async () => {
    const elsewhere = await app.save(cast, id);
    await app.sql('UPDATE prescriptions SET pharmacy_id = $2, asked_pharmacy_id = $2 WHERE id = $1', [
      elsewhere,
      await app.pharmacy(),
    ]);
    expect((await detail(cast.pharmacy)).prescriptions.map((one) => one.id)).toEqual([prescriptionId]);
    expect((await detail(cast.doctor)).prescriptions.map((one) => one.id)).toEqual([prescriptionId, elsewhere]);
  });

  it('is on record as a look at all it shows', async () => {
    const look = await detail(cast.patient);
    const entries = await app.sql<{ entity: string; ids: string[] }>(
      `SELECT entity, entity_ids::text[] AS ids FROM audit_entries WHERE actor_role = 'patient' ORDER BY id DESC LIMIT 3`,
    );
    expect(Object.fromEntries(entries.map(({ entity, ids }) => [entity, ids.toSorted()]))).toEqual({
      ticket: [id],
      prescription: look.prescriptions.map((one) => one.id).toSorted(),
      message: [id, ...(look.messages?.items ?? []).map((message) => message.id)].toSorted(),
    });
  });

  it('has neither order nor messages before there are any', async () => {
    const bare = await app.open(await app.cast());
    const { messages, prescriptions } = await detail(cast.ops, bare);
    expect(prescriptions).toEqual([]);
    expect(messages?.items).toEqual([]);
  });
});
