import { startTickets, type Answer, type Cast, type TicketsApp } from '../support/tickets-app.js';

/** Enough that both orders of two requests occur. */
const rounds = 12;
/** Where a machine is so slow that they do not: so many at most. */
const mostRounds = 60;

interface Change {
  code: string;
  details: { from?: string; to?: string };
}

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));

describe('two pharmacies of one ticket', () => {
  let app: TicketsApp;

  beforeAll(async () => {
    app = await startTickets();
  });
  afterAll(() => app.stop());

  const history = async (who: string, id: string) =>
    (await app.call(who, 'GET', `/api/tickets/${id}/timeline?kind=ticket`)).body.items as unknown as Change[];
  const members = async (who: string, id: string) =>
    (await app.call(who, 'GET', `/api/tickets/${id}/thread`)).body['members'] as {
      party: string;
      partyId: string;
      leftAt: string | null;
    }[];
  const inThread = async (who: string, id: string) =>
    (await members(who, id)).flatMap(({ party, partyId, leftAt }) =>
      party === 'pharmacy' && leftAt === null ? [partyId] : [],
    );
  const codeOf = ({ status, body }: Answer) => (status < 300 ? status : `${status} ${String(body['code'])}`);
  /** A ticket whose wished pharmacy may not fill the order: its prescription waits for somebody to choose. */
  const undecided = async (one: Cast) => {
    const wished = await app.pharmacy({ licensedStates: ['CA'] });
    const id = await app.open(one, { pharmacyId: wished });
    const prescriptionId = await app.save(one, id, 'awaiting_pharmacy_selection');
    const choose = (pharmacyId: string) =>
      app.call(one.ops, 'POST', `/api/prescriptions/${prescriptionId}/pharmacy`, { pharmacyId });
    return { id, prescriptionId, wished, choose };
  };

  it('put on it at the same time by many: one stays, and each change begins where the one before it ended', async () => {
    const one = await app.cast();
    const others = [await app.pharmacy(), await app.pharmacy()];
    const id = await app.open(one);
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, call) =>
        app.call(call % 3 === 0 ? one.ops : one.doctor, 'POST', `/api/tickets/${id}/pharmacy`, {
          pharmacyId: others[call % 2],
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const changes = (await history(one.ops, id)).filter(({ code }) => code === 'ticket.pharmacy-changed');
    const { body } = await app.call(one.ops, 'GET', `/api/tickets/${id}`);
    expect([one.pharmacyId, ...changes.map(({ details }) => details.to)]).toEqual([
      ...changes.map(({ details }) => details.from),
      body['secondaryProviderId'],
    ]);
    expect(await inThread(one.ops, id)).toEqual([body['secondaryProviderId']]);
  });

  it('of two tickets that would become one: the second is refused, and stays as it was', async () => {
    const one = await app.cast();
    const other = await app.pharmacy();
    const ids = [await app.open(one), await app.open(one, { pharmacyId: await app.pharmacy() })];
    const before = await Promise.all(ids.map((id) => inThread(one.ops, id)));
    const answers = await Promise.all(
      ids.map((id) => app.call(one.doctor, 'POST', `/api/tickets/${id}/pharmacy`, { pharmacyId: other })),
    );
    expect(answers.map(codeOf).toSorted()).toEqual([200, '409 ticket.already-open']);
    const refused = answers.findIndex(({ status }) => status !== 200);
    const id = ids[refused] ?? '';
    expect(await inThread(one.ops, id)).toEqual(before[refused]);
    expect((await history(one.ops, id)).map(({ code }) => code)).toEqual(['ticket.created']);
  });

  it('chosen for its prescription at the same time: one is, the other choice is refused', async () => {
    const one = await app.cast();
    const rivals = [one.pharmacyId, await app.pharmacy()];
    for (let round = 0; round < rounds; round += 1) {
      const { id, prescriptionId, wished, choose } = await undecided(one);
      const answers = await Promise.all(rivals.map(choose));
      expect(answers.map(codeOf).toSorted()).toEqual([200, '409 prescription.illegal-action']);
      const chosen = rivals[answers.findIndex(({ status }) => status === 200)];
      expect(await inThread(one.ops, id)).toEqual([chosen]);
      const changes = (await history(one.ops, id)).filter(({ code }) => code === 'ticket.pharmacy-changed');
      expect(changes).toMatchObject([{ details: { from: wished, to: chosen } }]);
      const [row] = await app.sql('SELECT pharmacy_id AS id FROM prescriptions WHERE id = $1', [prescriptionId]);
      expect(row).toEqual({ id: chosen });
    }
  });

  it('one moving and writing as the other takes over: what it did came before, or was refused and left nothing', async () => {
    const one = await app.cast();
    const seen = new Set<string>();
    const moves = () => [...seen].filter((outcome) => outcome.startsWith('move'));
    for (let round = 0; round < rounds || (moves().length < 2 && round < mostRounds); round += 1) {
      const { id, wished, choose } = await undecided(one);
      const former = await app.user('pharmacy', { pharmacyId: wished });
      // Both lock the prescription first: each gets a head start in some rounds, a longer one the longer it takes.
      const lead = ((round % 6) - 2) * 8 * (1 + Math.floor(round / 6));
      const [moved, said, taken] = await Promise.all([
        after(lead).then(() => app.call(former, 'POST', `/api/tickets/${id}/status`, { status: 'received' })),
        after(lead).then(() => app.call(former, 'POST', `/api/threads/${id}/messages`, { text: 'We are on it.' })),
        after(-lead).then(() => choose(one.pharmacyId)),
      ]);
      expect(taken.status).toBe(200);
      expect([200, '404 ticket.not-found']).toContain(codeOf(moved));
      expect([201, '404 thread.not-found']).toContain(codeOf(said));
      seen.add(`move ${moved.status}`).add(`message ${said.status}`);
      // The new pharmacy begins anew, whatever the former one did.
      const { body } = await app.call(one.pharmacy, 'GET', `/api/tickets/${id}`);
      expect(body).toMatchObject({ status: 'sent', secondaryProviderId: one.pharmacyId });
      const codes = (await history(one.ops, id)).map(({ code }) => code);
      expect(codes.filter((code) => code === 'ticket.received')).toHaveLength(moved.status === 200 ? 1 : 0);
      if (moved.status === 200)
        expect(codes.indexOf('ticket.received')).toBeLessThan(codes.indexOf('ticket.pharmacy-changed'));
      const texts = await app.call(one.doctor, 'GET', `/api/threads/${id}/messages`);
      const written = (texts.body.items ?? []).filter(({ text }) => text === 'We are on it.');
      expect(written).toHaveLength(said.status === 201 ? 1 : 0);
      const late = [
        await app.call(former, 'POST', `/api/tickets/${id}/status`, { status: 'received' }),
        await app.call(former, 'POST', `/api/threads/${id}/messages`, { text: 'Still here?' }),
      ];
      expect(late.map(codeOf)).toEqual(['404 ticket.not-found', '404 thread.not-found']);
    }
    // A race in which one side always wins shows nothing.
    expect(moves()).toHaveLength(2);
  });
});
