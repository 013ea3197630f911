import { Database, systemContext, type DbContext, type Tx } from '../../src/platform/db/index.js';
import { startMatrix } from '../support/access-matrix/start.js';
import type { HolderName, SignedIn, World } from '../support/access-matrix/world.js';
import type { TestApp } from '../support/app.js';
import { dice } from '../support/dice.js';

const requests = 10_000;
const atOnce = 64;
const poolSize = 2;
const settings = ['role', 'user', 'organization', 'provider', 'pharmacy', 'patient'] as const;
const settingsText = `SELECT pg_backend_pid() AS pid, ${settings.map((name) => `current_setting('app.${name}', true) AS ${name}`).join(', ')}`;

type Settings = { pid: number } & Record<(typeof settings)[number], string | null>;

interface Somebody {
  name: string;
  authorization: string;
  context: DbContext;
  own: string;
  foreign: string[];
  hidden: string[];
}

class ThrownAway extends Error {}

/** Everybody at once over two connections, and a part of it breaks in every way a request can break. */
describe('ten thousand requests of mixed parties over a pool of two', () => {
  let app: TestApp;
  let db: Database;
  let world: World;
  let everybody: Somebody[];
  const { below, oneOf } = dice(20_261_121);
  const faults: string[] = [];
  const counts = new Map<string, number>();
  const pids = { users: new Set<number>(), platform: new Set<number>() };

  beforeAll(async () => {
    const matrix = await startMatrix({ env: { DATABASE_POOL_SIZE: String(poolSize) } });
    ({ test: app, world } = matrix);
    db = matrix.get(Database);
    const roles = ['patient', 'doctor', 'pharmacy', 'ops', 'admin', 'integrator'] as const;
    const holders = ['own', 'neighbour', 'other organization'] as const;
    everybody = await Promise.all(holders.flatMap((holder) => roles.map((role) => somebody(role, holder))));
  });
  afterAll(() => app.stop());

  async function somebody(role: SignedIn, holder: HolderName): Promise<Somebody> {
    const hidden = world.hiddenFrom(role, holder);
    const prescriptions = Object.values(world.holdings).map(({ path }) => path.prescription);
    return {
      name: `${role} of ${holder}`,
      authorization: (await world.credentialOf(role, holder)) ?? '',
      context: world.contextOf(role, holder),
      own: world.holdings[holder].path.prescription,
      foreign: prescriptions.filter((id) => hidden.includes(id)),
      hidden,
    };
  }

  const note = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const look = (what: string, who: Somebody, text: string, asked?: string) => {
    for (const id of who.hidden) {
      if (id !== asked && text.includes(id)) faults.push(`${what}, ${who.name}: shows ${id}`);
    }
  };

  /** The transaction speaks for exactly this caller. */
  async function begun(tx: Tx, context: DbContext, pool: Set<number> = pids.users): Promise<void> {
    const [found] = await tx.query<Settings>(settingsText);
    if (found !== undefined) pool.add(found.pid);
    for (const name of settings) {
      if ((found?.[name] ?? '') !== (context[name] ?? '')) faults.push(`app.${name} is another's: ${found?.[name]}`);
    }
  }

  const everything = `SELECT to_jsonb(p)::text AS row FROM prescriptions p
    UNION ALL SELECT to_jsonb(t)::text FROM healthcare_tickets t UNION ALL SELECT to_jsonb(p)::text FROM patients p`;
  const read = async (tx: Tx, who: Somebody, what: string) => {
    const rows = await tx.query<{ row: string }>(everything);
    const text = rows.map(({ row }) => row).join();
    look(what, who, text);
    if (!text.includes(who.own)) faults.push(`${what}, ${who.name}: does not see the own`);
  };
  const breaks = async (work: Promise<unknown>, code?: string) => {
    try {
      await work;
      faults.push('what had to break did not');
    } catch (error) {
      if (error instanceof ThrownAway) return;
      if ((error as { code?: unknown }).code !== code) faults.push(`broke otherwise: ${String(error)}`);
    }
  };
  const over = async (who: Somebody, path: string, status: number, asked?: string) => {
    const answer = await app.app.inject({ method: 'GET', url: path, headers: { authorization: who.authorization } });
    if (answer.statusCode !== status) faults.push(`${path}, ${who.name}: ${answer.statusCode}`);
    look(path, who, answer.body, asked);
  };

  /** Each with its share of the whole. */
  const kinds: readonly (readonly [share: number, what: string, run: (who: Somebody) => Promise<unknown>])[] = [
    [8, 'a list over HTTP', (who) => over(who, '/api/prescriptions', 200)],
    [6, 'a list of tickets over HTTP', (who) => over(who, '/api/tickets', 200)],
    [8, 'the own over HTTP', (who) => over(who, `/api/prescriptions/${who.own}`, 200)],
    [
      6,
      "another's over HTTP",
      (who) => {
        const id = oneOf(who.foreign);
        return over(who, `/api/prescriptions/${id}`, 404, id);
      },
    ],
    [6, 'a client that leaves', leave],
    [
      20,
      'a transaction that reads everything',
      (who) =>
        db.tx(who.context, async (tx) => {
          await begun(tx, who.context);
          await read(tx, who, 'read');
        }),
    ],
    [
      6,
      'a statement of its own',
      async (who) => {
        const rows = await db.query<{ row: string }>(who.context, everything);
        look('query', who, JSON.stringify(rows));
      },
    ],
    [
      8,
      'a transaction that throws',
      (who) =>
        breaks(
          db.tx(who.context, async (tx) => {
            await read(tx, who, 'throws');
            throw new ThrownAway();
          }),
        ),
    ],
    [
      4,
      'a transaction that throws while statements are under way',
      (who) =>
        breaks(
          db.tx(who.context, async (tx) => {
            for (let left = 3; left > 0; left -= 1) read(tx, who, 'abandoned').catch(() => undefined);
            await Promise.resolve();
            throw new ThrownAway();
          }),
        ),
    ],
    [
      4,
      'a write that is taken back',
      (who) =>
        breaks(
          db.tx(who.context, async (tx) => {
            const rows = await tx.query<{ id: string }>('UPDATE prescriptions SET refills = refills RETURNING id');
            look('write', who, JSON.stringify(rows));
            throw new ThrownAway();
          }),
        ),
    ],
    [
      3,
      'a statement that takes too long',
      (who) =>
        breaks(
          db.tx(who.context, async (tx) => {
            await tx.query('SET LOCAL statement_timeout = 2');
            await tx.query('SELECT pg_sleep(1)');
          }),
          'service.unavailable',
        ),
    ],
    [
      3,
      'a statement that is none',
      (who) => breaks(db.query(who.context, 'SELECT nonsense FROM prescriptions'), '42703'),
    ],
    [
      6,
      'work of the platform',
      () =>
        db.tx(systemContext, async (tx) => {
          await begun(tx, systemContext, pids.platform);
          const [all] = await tx.query<{ count: number }>('SELECT count(*)::int AS count FROM prescriptions');
          if (all?.count !== 3) faults.push('the platform does not see everything');
        }),
    ],
  ];
  const lots = kinds.flatMap((kind) => Array.from({ length: kind[0] }, () => kind));

  /** Cuts the connection at some moment between the request and its answer. */
  async function leave(who: Somebody): Promise<void> {
    const leaving = new AbortController();
    const gone = setTimeout(() => leaving.abort(), below(30));
    try {
      const answer = await fetch(`${app.url}/api/prescriptions/${who.own}`, {
        headers: { authorization: who.authorization },
        signal: leaving.signal,
      });
      look('answered before leaving', who, await answer.text());
    } catch {
      note('left before the answer');
    } finally {
      clearTimeout(gone);
    }
  }

  it('show nobody a row of anybody else', async () => {
    let left = requests;
    const line = async () => {
      while (left > 0) {
        left -= 1;
        const [, what, run] = oneOf(lots);
        const who = oneOf(everybody);
        note(what);
        await run(who).catch((error: unknown) => faults.push(`${what}, ${who.name}: ${String(error)}`));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, line));
    expect(faults.slice(0, 20)).toEqual([]);
    for (const [, what] of kinds) expect([what, (counts.get(what) ?? 0) > 100]).toEqual([what, true]);
    expect(counts.get('left before the answer')).toBeGreaterThan(50);
  }, 300_000);

  it('leave no context on any connection they used', async () => {
    const found = await allAtOnce({});
    expect(new Set(found.map(({ pid }) => pid)).size).toBe(poolSize);
    for (const one of found) {
      for (const name of settings) expect([name, one[name] ?? '']).toEqual([name, '']);
    }
  });

  it('never run on a connection of the platform, nor the platform on theirs', async () => {
    const [shared, platform] = [await allAtOnce({}), await allAtOnce(systemContext)];
    for (const { pid } of shared) pids.users.add(pid);
    for (const { pid, role } of platform) {
      pids.platform.add(pid);
      expect(role).toBe('system');
    }
    expect(pids.users.size).toBeGreaterThanOrEqual(poolSize);
    expect([...pids.users].filter((pid) => pids.platform.has(pid))).toEqual([]);
  });

  /** Every connection of a pool, each held until all are. */
  async function allAtOnce(context: DbContext): Promise<Settings[]> {
    const found: Settings[] = [];
    let release = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = () =>
      db.tx(context, async (tx) => {
        found.push(...(await tx.query<Settings>(settingsText)));
        if (found.length === poolSize) release();
        await all;
      });
    await Promise.all(Array.from({ length: poolSize }, hold));
    return found;
  }
});
