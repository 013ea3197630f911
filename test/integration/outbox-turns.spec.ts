import pg from 'pg';
import { claimDue, OutboxStore } from '../../src/platform/outbox/outbox.store.js';
import { bookkeeping } from '../../src/platform/jobs/queues.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';

const batch = 100;
const leaseMs = 60_000;

describe('rows that have failed before and rows that are tried first', () => {
  let platform: TestPlatform;
  let client: pg.Client;

  beforeAll(async () => {
    platform = await startTestPlatform();
    client = new pg.Client({ connectionString: platform.database.superuserUrl });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await platform.stop();
  });
  beforeEach(() => client.query('TRUNCATE outbox_events CASCADE'));

  /** Due for as long as they say, the failed ones longer. */
  const due = (kind: 'first' | 'retry', count: number) =>
    client.query(
      `INSERT INTO outbox_events (id, subscriber, queue, payload, occurred_at, due_at, attempts, last_error)
       SELECT gen_random_uuid(), $1, $2, '{}', now() - interval '1 hour', now() - make_interval(secs => $3 + n),
         CASE WHEN $1 = 'retry' THEN 1 ELSE 0 END, CASE WHEN $1 = 'retry' THEN 'broken' END
       FROM generate_series(1, $4::int) n`,
      [kind, bookkeeping.name, kind === 'retry' ? 600 : 1, count],
    );
  const claim = async (most = batch) => {
    const rows = await platform.get(OutboxStore).claimDue(most, leaseMs);
    const of = (kind: string) => rows.filter(({ subscriber }) => subscriber === kind).length;
    return { first: of('first'), retry: of('retry') };
  };

  it('are claimed side by side: a mass of failed ones does not stand before a few new ones', async () => {
    await due('retry', 5_000);
    await due('first', 30);
    const { first, retry } = await claim();
    expect(first).toBe(30);
    expect(first + retry).toBe(bookkeeping.window);
  });

  it('are claimed side by side: a mass of new ones leaves the failed ones a share', async () => {
    await due('first', 500);
    await due('retry', 500);
    const { first, retry } = await claim();
    expect(first + retry).toBe(bookkeeping.window);
    expect(retry).toBeGreaterThanOrEqual(Math.floor(bookkeeping.window / 4) - 1);
    expect(first).toBeGreaterThan(retry);
  });

  it.each(['first', 'retry'] as const)('alone fill the whole window, and no more than it: %s', async (kind) => {
    await due(kind, 500);
    expect((await claim())[kind]).toBe(bookkeeping.window);
    expect(await claim()).toEqual({ first: 0, retry: 0 });
  });

  it('share room for one at a time as well', async () => {
    await due('first', 500);
    await due('retry', 500);
    const claimed = { first: 0, retry: 0 };
    // A turn of a retry has one chance in six: that none comes in 60 happens once in 50,000 runs, so they go on until both came.
    for (let turn = 0; turn < 500 && (claimed.first === 0 || claimed.retry === 0); turn++) {
      const { first, retry } = await claim(1);
      expect(first + retry).toBe(1);
      claimed.first += first;
      claimed.retry += retry;
      await client.query('UPDATE outbox_events SET done_at = now() WHERE dispatched_at IS NOT NULL');
    }
    expect(Math.min(claimed.first, claimed.retry)).toBeGreaterThan(0);
  });

  it('are claimed by several relays without one twice', async () => {
    await due('first', 40);
    await due('retry', 20);
    const store = platform.get(OutboxStore);
    const claims = await Promise.all(Array.from({ length: 4 }, () => store.claimDue(batch, leaseMs)));
    const ids = claims.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    while ((await claim()).first + (await claim()).retry > 0);
    const [left] = (
      await client.query<{ n: number }>('SELECT count(*)::int AS n FROM outbox_events WHERE dispatch_no = 0')
    ).rows;
    const [twice] = (
      await client.query<{ n: number }>('SELECT count(*)::int AS n FROM outbox_events WHERE dispatch_no > 1')
    ).rows;
    expect([left?.n, twice?.n]).toEqual([0, 0]);
  });

  it.each(['force_custom_plan', 'force_generic_plan'])(
    'are found by their indexes alone, however many there are: %s',
    async (mode) => {
      await due('retry', 40_000);
      await due('first', 200);
      await client.query(
        `INSERT INTO outbox_events (id, subscriber, queue, payload, occurred_at, due_at, last_error)
         SELECT gen_random_uuid(), 'waits', $1, '{}', now(), now() + interval '1 hour', 'broken' FROM generate_series(1, 40000)`,
        [bookkeeping.name],
      );
      await client.query(
        `INSERT INTO outbox_events (id, subscriber, queue, payload, occurred_at, due_at)
         SELECT gen_random_uuid(), 'planned', $1, '{}', now(), now() + interval '1 day' FROM generate_series(1, 40000)`,
        [bookkeeping.name],
      );
      await client.query(
        `INSERT INTO outbox_events (id, subscriber, queue, payload, occurred_at, due_at, done_at)
       SELECT gen_random_uuid(), 'done', $1, '{}', now(), now(), now() FROM generate_series(1, 20000)`,
        [bookkeeping.name],
      );
      await client.query('ANALYZE outbox_events');
      const values = [
        'now()',
        String(batch),
        `'{${bookkeeping.window}}'`,
        `now() + interval '1 minute'`,
        `'{${bookkeeping.name}}'`,
      ];
      await client.query(`SET plan_cache_mode = ${mode}`);
      await client.query(`PREPARE claims AS ${claimDue.text}`);
      try {
        const { rows } = await client.query<Record<string, string>>(
          `EXPLAIN (ANALYZE) EXECUTE claims (${values.join(', ')})`,
        );
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).toContain('outbox_events_first_tries');
        expect(plan).toMatch(/outbox_events_retries\b/);
        // Without reading what waits for its back-off.
        expect(plan).toContain('outbox_events_retries_under_way');
        expect(plan).not.toContain('Seq Scan on outbox_events');
        // Nor what is planned for later.
        expect(plan).not.toMatch(/Rows Removed by Filter: \d{3,}/);
        // Neither reads nor locks what it does not claim, beyond a window of each kind.
        const read = [...plan.matchAll(/on outbox_events (?:o|f)\w* .*actual time=\S+ rows=(\d+)/g)].map(([, count]) =>
          Number(count),
        );
        expect(read.length).toBeGreaterThanOrEqual(4);
        expect(Math.max(...read)).toBeLessThanOrEqual(batch);
      } finally {
        await client.query('DEALLOCATE claims; RESET plan_cache_mode');
      }
    },
  );
});
