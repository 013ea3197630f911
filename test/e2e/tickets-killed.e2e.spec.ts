import { withClient } from '../../src/platform/db/roles.js';
import { newId } from '../../src/platform/ids/index.js';
import { Gate } from '../support/gate.js';
import { HeldCommits } from '../support/held-commits.js';
import { KillableApp } from '../support/killable-app.js';
import { freePort } from '../support/ports.js';
import { surroundings } from '../support/surroundings.js';
import { anOrder, startTickets, type Cast, type TicketsApp } from '../support/tickets-app.js';
import { until } from '../support/until.js';

/** What a request leaves behind, together or not at all. */
const traces = [
  'healthcare_tickets',
  'chat_threads',
  'chat_members',
  'ticket_events',
  'intake_messages',
  'prescriptions',
  'prescription_versions',
  'prescription_status_events',
] as const;
type Trace = (typeof traces)[number];

/** A row that misses its other half. */
const halves: Readonly<Record<string, string>> = {
  'ticket without thread': `SELECT id FROM healthcare_tickets t WHERE origin = 'desk'
    AND NOT EXISTS (SELECT 1 FROM chat_threads WHERE ticket_id = t.id)`,
  'ticket with a party and without its member': `SELECT t.id FROM healthcare_tickets t, LATERAL (VALUES
      ('doctor', primary_provider_id), ('pharmacy', secondary_provider_id), ('patient', patient_id)) AS p(party, id)
    WHERE p.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM chat_members m JOIN chat_threads c ON c.id = m.thread_id
      WHERE c.ticket_id = t.id AND m.party = p.party AND m.party_id = p.id AND m.left_at IS NULL)`,
  'thread without ticket': `SELECT id FROM chat_threads c
    WHERE NOT EXISTS (SELECT 1 FROM healthcare_tickets WHERE id = c.ticket_id)`,
  'ticket without beginning': `SELECT id FROM healthcare_tickets t WHERE origin = 'desk'
    AND (SELECT count(*) FROM ticket_events WHERE ticket_id = t.id AND code = 'ticket.created') <> 1`,
  'prescription without ticket': `SELECT p.id FROM prescriptions p
    LEFT JOIN healthcare_tickets t ON t.id = p.ticket_id WHERE t.prescription_id IS DISTINCT FROM p.id`,
  'ticket of a prescription that is not there': `SELECT t.id FROM healthcare_tickets t WHERE prescription_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM prescriptions WHERE id = t.prescription_id)`,
  'ticket of an intake without prescription': `SELECT id FROM healthcare_tickets
    WHERE origin = 'intake' AND prescription_id IS NULL`,
  'message taken in without prescription': `SELECT id FROM intake_messages m
    WHERE NOT EXISTS (SELECT 1 FROM prescriptions WHERE id = m.prescription_id)`,
  'prescription without order or beginning': `SELECT id FROM prescriptions p
    WHERE NOT EXISTS (SELECT 1 FROM prescription_versions WHERE prescription_id = p.id)
      OR (SELECT count(*) FROM prescription_status_events WHERE prescription_id = p.id AND action = 'receive') <> 1`,
};

interface Request {
  path: string;
  body: Readonly<Record<string, unknown>>;
  key?: string;
}

interface Door {
  /** A request that was not made before, and what it needs. */
  make(): Promise<Request>;
  /** Tables it writes, one after the other; the process dies on its way to each of them. */
  writes: readonly [Trace, ...Trace[]];
}

/** Whom an order from outside names. */
const parties = {
  patient: { firstName: 'Ada', lastName: 'Marsh', birthDate: '1980-02-29', gender: 'female' },
  prescriber: { npi: '1993999998', firstName: 'Ines', lastName: 'Roy' },
};

/** Keeps whoever is about to write a row of the table waiting, while somebody holds the advisory lock of that table. */
const pauses = [
  `CREATE FUNCTION wait_at_table() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_advisory_xact_lock_shared(TG_RELID::int); RETURN NEW; END $$`,
  ...traces.map(
    (table) =>
      `CREATE TRIGGER wait_here BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION public.wait_at_table()`,
  ),
];
const waiting = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;

describe('a process that dies', () => {
  let near: TicketsApp;
  let app: KillableApp;
  let gate: Gate;
  let one: Cast;
  const commits = new HeldCommits();

  beforeAll(async () => {
    const around = await surroundings('tickets-killed');
    near = await startTickets({ around, works: false });
    for (const statement of pauses) await near.sql(statement);
    one = await near.cast();
    const database = await Gate.before(around.database.databaseUrl, commits.answers);
    gate = database.gate;
    await gate.open();
    app = new KillableApp(`http://127.0.0.1:${await freePort()}`, {
      DATA_DIR: around.folder,
      DATABASE_URL: database.url,
      QUEUE_DATABASE_URL: around.database.queueUrl,
      LOG_LEVEL: 'silent',
      // What requests leave, not what workers make of it.
      ROLES: 'api',
    });
    await app.start();
  });
  afterAll(async () => {
    await app.kill();
    await gate.shut();
    await near.stop();
  });

  const doors: Readonly<Record<string, Door>> = {
    'a ticket that is opened': {
      writes: ['chat_threads', 'chat_members', 'ticket_events'],
      make: () => {
        const { pharmacyId, patientId } = one;
        return Promise.resolve({ path: '/api/tickets', body: { pharmacyId, patientId, appointmentId: newId() } });
      },
    },
    'a prescription saved on its ticket': {
      writes: ['prescriptions', 'prescription_status_events', 'chat_threads'],
      make: async () => {
        const id = await near.open(one, { appointmentId: newId() });
        return { path: `/api/tickets/${id}/prescription`, body: anOrder(), key: newId() };
      },
    },
    'a prescription from outside': {
      writes: ['healthcare_tickets', 'prescriptions', 'prescription_versions'],
      make: () => Promise.resolve({ path: '/api/intake', body: { ...anOrder(), ...parties }, key: newId() }),
    },
  };

  /** The id in its answer, or nothing when there was no answer. */
  const ask = async ({ path, body, key }: Request): Promise<string | undefined> => {
    const init = {
      method: 'POST',
      headers: {
        authorization: path === '/api/intake' ? one.ops : one.doctor,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    };
    const answered = async (response: Response) => ({ ok: response.ok, text: await response.text() });
    const answer = await fetch(`${app.url}${path}`, init).then(answered, () => undefined);
    if (answer === undefined) return undefined;
    if (!answer.ok) throw new Error(`${path}: ${answer.text}`);
    return (JSON.parse(answer.text) as { id: string }).id;
  };
  const counts = async (): Promise<Record<string, number>> => {
    const [row] = await near.sql<Record<string, number>>(
      `SELECT ${traces.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`).join(', ')}`,
    );
    return row ?? {};
  };
  const broken = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const [half, text] of Object.entries(halves)) {
      for (const { id } of await near.sql<{ id: string }>(text)) found.push(`${half}: ${id}`);
    }
    return found;
  };
  const added = (before: Record<string, number>, after: Record<string, number>) =>
    traces.filter((table) => after[table] !== before[table]);

  /** Asks, does something while the request stands before its row of a table, and lets it go on. @returns its answer */
  const stopAt = (table: Trace, request: Request, meanwhile: () => Promise<void> | void) =>
    withClient(near.database.superuserUrl, async (holder) => {
      await holder.query(`SELECT pg_advisory_lock($1::regclass::oid::int)`, [table]);
      const asked = ask(request);
      await until(async () => (await near.sql(waiting)).length > 0);
      await meanwhile();
      await holder.query(`SELECT pg_advisory_unlock_all()`);
      return { asked };
    });

  for (const [name, { make, writes }] of Object.entries(doors)) {
    it.each(writes)(`in the middle of ${name}, before its row of %s, leaves nothing of it`, async (table) => {
      const request = await make();
      const before = await counts();
      const { asked } = await stopAt(table, request, () => app.kill());
      expect(await asked).toBeUndefined();
      await until(async () => (await near.sql(waiting)).length === 0);
      expect(added(before, await counts())).toEqual([]);
      await app.start();
      expect(added(before, await counts())).toEqual([]);
      expect(await ask(request)).toEqual(expect.any(String));
      expect(added(before, await counts())).not.toEqual([]);
      expect(await broken()).toEqual([]);
    });

    it(`after ${name} was committed and before its answer leaves all of it, and says so when asked again`, async () => {
      const request = await make();
      const before = await counts();
      const { asked } = await stopAt(writes[0], request, () => commits.hold());
      await until(async () => added(before, await counts()).length > 0);
      await app.kill();
      commits.letGo();
      expect(await asked).toBeUndefined();
      const left = await counts();
      expect(await broken()).toEqual([]);
      await app.start();
      expect(await ask(request)).toEqual(expect.any(String));
      expect(added(left, await counts())).toEqual([]);
    });
  }

  it('with many of all of them in flight leaves no half of any', async () => {
    const requests = await Promise.all(
      Object.values(doors).flatMap(({ make }) => Array.from({ length: 12 }, () => make())),
    );
    for (let kill = 0; kill < 3; kill += 1) {
      const before = await counts();
      const asked = Promise.all(requests.map(ask));
      if (kill === 0) await until(async () => added(before, await counts()).length > 0);
      await app.kill();
      await asked;
      expect(await broken()).toEqual([]);
      await app.start();
    }
    const ids = await Promise.all(requests.map(ask));
    expect(new Set(ids).size).toBe(requests.length);
    expect(await Promise.all(requests.map(ask))).toEqual(ids);
  });
});
