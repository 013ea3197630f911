import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { Thread } from '../../src/modules/tickets/index.js';
import { threadOfOrder } from '../../src/modules/tickets/thread-of-order.js';
import { TicketBackfill, type BackfillOptions } from '../../src/modules/tickets/backfill/index.js';
import { noCounts } from '../../src/modules/tickets/backfill/outcomes.js';
import { SystemClock } from '../../src/platform/clock/index.js';
import { dataSourceOptions } from '../../src/platform/db/data-source.js';
import { Database, systemContext, type DbContext } from '../../src/platform/db/index.js';
import { withClient } from '../../src/platform/db/roles.js';
import { insertLegacyThreads, legacyKinds, type LegacyWorld } from '../support/legacy-threads.js';
import { insertRow } from '../support/looker.js';
import { startProgram } from '../support/process.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';
import { until } from '../support/until.js';

const threads = 100_000;
const share = threads / legacyKinds.length;

/** Every row of what a backfill could touch. */
const tables = ['healthcare_tickets', 'chat_threads', 'chat_members', 'chat_messages', 'ticket_events'];

const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

describe('npm run backfill:tickets with 100,000 threads of the older system', () => {
  let around: Surroundings;
  let db: Database;
  let world: LegacyWorld;
  let report = 0;

  beforeAll(async () => {
    around = await surroundings('backfill');
    db = new Database(new DataSource(dataSourceOptions(around.database.databaseUrl, 2)));
    around.cleanup.add(() => db.close());
    await db.open();
    world = await insertLegacyThreads(around.sql, threads);
  }, 300_000);
  afterAll(() => around.cleanup.run());

  const expected = () => {
    const counts = noCounts();
    for (const kind of legacyKinds) counts[kind.expected] += share;
    return { ...counts, 'ticket-prescription': share, 'ticket-thread': share };
  };
  const afterwards = () => ({ ...expected(), 'ticket-prescription': 0, 'ticket-thread': 0, 'thread-linked': 0 });

  const run = (options: Partial<BackfillOptions> = {}) =>
    new TicketBackfill(db, new SystemClock()).run({ apply: true, batch: 1000, ...options });

  async function fingerprint(): Promise<Record<string, string>> {
    const sums = tables.map(
      (table) =>
        `(SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM ${table} t) AS ${table}`,
    );
    return (await around.sql<Record<string, string>>(`SELECT ${sums.join(', ')}`))[0] ?? {};
  }

  async function linkedOf(kind: string): Promise<number> {
    const [row] = await around.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM chat_threads t JOIN generate_series(0, $1::int - 1) AS n ON t.id = id_of('thread', n)
       WHERE kind_of(n) = $2 AND t.ticket_id IS NOT NULL`,
      [threads, kind],
    );
    return row?.count ?? -1;
  }

  /** The command itself; `until` kills it without warning as soon as it has said so. */
  async function command(args: string[], until?: string) {
    report += 1;
    const file = path.join(around.folder, `report-${report}.ndjson`);
    const settings = { DATABASE_URL: around.database.databaseUrl, DATA_DIR: around.folder };
    const { child, ended } = startProgram('commands/backfill-tickets.js', settings, [...args, '--report', file]);
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (until !== undefined && said.includes(until)) child.kill('SIGKILL');
    });
    return { ...(await ended), file };
  }

  const visibleTo = async (context: DbContext, condition: string): Promise<number> => {
    const [row] = await db.query<{ count: number }>(context, `SELECT count(*)::int AS count FROM ${condition}`);
    return row?.count ?? -1;
  };
  const pharmacy = (id: string): DbContext => ({ role: 'pharmacy', organization: world.organization, pharmacy: id });

  it('refuses what it does not understand', async () => {
    for (const [args, said] of [
      [['--batch', '0'], '--batch'],
      [['--organization', 'all'], '--organization'],
      [['--aply'], '--aply'],
    ] as const) {
      const { status, err } = await command([...args]);
      expect([status, err]).toEqual([1, expect.stringContaining(said)]);
    }
  });

  it('says in a dry run what it would do, to the thread, and changes nothing', async () => {
    const before = await fingerprint();
    const { status, out, err, file } = await command([]);
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('nothing was changed');
    expect(await fingerprint()).toEqual(before);
    expect((await run({ apply: false })).counts).toEqual(expected());
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const told = lines.map((line) => JSON.parse(line) as { threadId: string; reason: string });
    expect(new Set(told.map(({ threadId }) => threadId)).size).toBe(lines.length);
    const stay = legacyKinds.filter((kind) => kind.expected !== 'thread-linked').length;
    expect(lines).toHaveLength(stay * share);
    expect(told.filter(({ reason }) => reason === 'other-pharmacy')).toHaveLength(share);
    expect(lines.every((line) => !line.includes('Order'))).toBe(true);
  }, 300_000);

  it('limits itself to one organization', async () => {
    const { counts } = await run({ apply: false, organizationId: world.otherOrganization });
    expect(counts).toEqual(noCounts());
  });

  it('goes on where it was killed, stopped or interrupted, and makes in the end what the dry run said', async () => {
    const before = await around.sql(`SELECT count(*) FROM chat_messages`);
    const killed = await command(['--apply', '--batch', '700'], 'threads without messages: 7000 seen');
    expect(killed.status).toBeNull();
    const afterKill = await linkedOf('silent');
    expect(afterKill).toBeGreaterThan(0);
    expect(afterKill).toBeLessThan(share);

    const stop = new AbortController();
    const stopped = await run({ signal: stop.signal, onProgress: ({ seen }) => seen >= 9000 && stop.abort() });
    expect(stopped.isComplete).toBe(false);

    const { status, out, err } = await command(['--apply']);
    expect([status, err, out]).toEqual([0, '', expect.stringContaining('done')]);
    for (const { kind, expected: outcome } of legacyKinds.filter(({ kind }) => !['shared', 'second'].includes(kind)))
      expect([kind, await linkedOf(kind)]).toEqual([kind, outcome === 'thread-linked' ? share : 0]);
    // Of two threads of one order one is linked: the one in which something was said.
    expect((await linkedOf('shared')) + (await linkedOf('second'))).toBe(share);
    expect(await around.sql(`SELECT count(*) FROM chat_messages`)).toEqual(before);
  }, 300_000);

  it('finds nothing to do the second time', async () => {
    const before = await fingerprint();
    expect((await run()).counts).toEqual(afterwards());
    expect(await fingerprint()).toEqual(before);
  });

  it('leaves every ticket with one thread, its prescription, its parties and its numbering', async () => {
    const [wrong] = await around.sql(
      `SELECT
         (SELECT count(*)::int FROM healthcare_tickets k WHERE prescription_id IS NULL
            OR (SELECT count(*) FROM chat_threads t WHERE t.ticket_id = k.id) <> 1) AS tickets,
         (SELECT count(*)::int FROM chat_threads t JOIN healthcare_tickets k ON k.id = t.ticket_id
          WHERE (SELECT array_agg(party || party_id ORDER BY party) FROM chat_members m WHERE m.thread_id = t.id AND left_at IS NULL)
            IS DISTINCT FROM ARRAY['doctor' || k.primary_provider_id, 'ops' || k.organization_id,
              'patient' || k.patient_id, 'pharmacy' || k.secondary_provider_id]) AS members,
         (SELECT count(*)::int FROM chat_threads t WHERE ticket_id IS NOT NULL AND id <> ticket_id
            AND last_seq <> (SELECT coalesce(max(seq), 0) FROM chat_messages m WHERE m.thread_id = t.id)) AS numbering,
         (SELECT count(*)::int FROM chat_threads WHERE ticket_id IS NOT NULL AND id <> ticket_id
            AND (title NOT LIKE 'Order %' OR metadata ->> 'source' <> 'older')) AS words,
         (SELECT count(*)::int FROM ticket_events WHERE code = 'ticket.thread-linked') AS told`,
    );
    expect(wrong).toEqual({ tickets: 0, members: 0, numbering: 0, words: 0, told: expected()['thread-linked'] });
    const [silenced] = await around.sql(
      `SELECT count(*)::int AS count FROM generate_series(0, $1::int - 1) AS n JOIN chat_threads t ON t.id = id_of('thread', n)
       WHERE kind_of(n) = 'second' AND n / ${legacyKinds.length} % 5 = 1 AND t.ticket_id IS NULL`,
      [threads],
    );
    expect(silenced).toEqual({ count: 0 });
  });

  it('shows no pharmacy a thread of another one, and takes none away', async () => {
    expect(await visibleTo(pharmacy(world.otherPharmacy), 'chat_threads')).toBe(share);
    expect(await visibleTo(pharmacy(world.otherPharmacy), 'chat_messages')).toBe((share / 5) * 2);
    expect(
      await visibleTo(
        pharmacy(world.pharmacy),
        `chat_threads WHERE metadata ->> 'target_id' = '${world.otherPharmacy}'`,
      ),
    ).toBe(0);
    expect(
      await visibleTo(
        pharmacy(world.pharmacy),
        `chat_messages m JOIN chat_threads t ON t.id = m.thread_id WHERE t.metadata ->> 'target_id' = '${world.otherPharmacy}'`,
      ),
    ).toBe(0);
    // All threads with a target that is this pharmacy: linked or not, sent or not.
    const [own] = await around.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM generate_series(0, $1::int - 1) AS n JOIN chat_threads t ON t.id = id_of('thread', n)
       WHERE kind_of(n) NOT IN ('other-pharmacy', 'targetless')`,
      [threads],
    );
    expect(await visibleTo(pharmacy(world.pharmacy), `chat_threads WHERE metadata ->> 'source' = 'older'`)).toBe(
      own?.count,
    );
  });

  it('lets the patient of a ticket read what is for the patient, and nothing else', async () => {
    const [spoken] = await around.sql<{ patient: string; thread: string }>(
      `SELECT id_of('patient', n) AS patient, id_of('thread', n) AS thread FROM generate_series(0, 200) AS n
       WHERE kind_of(n) = 'plain' AND speaks(n) LIMIT 1`,
    );
    const context = { role: 'patient', organization: world.organization, patient: spoken?.patient ?? '' };
    const read = await db.query<{ thread: string; audience: string }>(
      context,
      'SELECT thread_id AS thread, audience FROM chat_messages',
    );
    expect(read).toEqual([{ thread: spoken?.thread, audience: 'all' }]);
  });

  it('leaves a ticket alone on which somebody speaks at that moment', async () => {
    const [ids] = await around.sql<{ ticket: string; prescription: string; thread: string }>(
      `SELECT id_of('ticket', -1) AS ticket, id_of('prescription', -1) AS prescription, id_of('thread', -1) AS thread`,
    );
    const { ticket = '', prescription = '', thread = '' } = ids ?? {};
    const now = new Date();
    const common = { organization_id: world.organization, created_at: now };
    await insertRow(around.sql, 'healthcare_tickets', {
      ...common,
      id: ticket,
      origin: 'desk',
      status: 'sent',
      status_since: now,
      sent_at: now,
      secondary_provider_id: world.pharmacy,
      prescription_id: prescription,
      updated_at: now,
    });
    await insertRow(around.sql, 'prescriptions', {
      id: prescription,
      organization_id: world.organization,
      ticket_id: ticket,
      path: 'full',
      state: 'validated',
      state_since: now,
      source: 'json',
      sender: 'older',
      received_at: now,
    });
    const metadata = { target_id: world.pharmacy };
    await insertRow(around.sql, 'chat_threads', {
      ...common,
      id: thread,
      order_id: prescription,
      metadata,
      updated_at: now,
    });
    const result = await withClient(around.database.superuserUrl, async (speaker) => {
      await speaker.query('BEGIN');
      await speaker.query('UPDATE chat_threads SET last_seq = 1 WHERE id = $1', [ticket]);
      await speaker.query(
        `INSERT INTO chat_messages (id, thread_id, organization_id, seq, audience, kind, author_party, created_at)
         VALUES (gen_random_uuid(), $1, $2, 1, 'providers', 'text', 'doctor', $3)`,
        [ticket, world.organization, now],
      );
      const running = run();
      await until(async () => (await around.sql(waiting)).length > 0);
      await speaker.query('COMMIT');
      return running;
    });
    expect(result.counts).toEqual({
      ...afterwards(),
      'ticket-has-thread': afterwards()['ticket-has-thread'] + 1,
    });
  });

  describe('threadOfOrder', () => {
    const idsOf = async (n: number) => {
      const [ids] = await around.sql<{ order: string; thread: string; ticket: string }>(
        `SELECT id_of('prescription', $1) AS order, id_of('thread', $1) AS thread, id_of('ticket', $1) AS ticket`,
        [n],
      );
      return ids ?? { order: '', thread: '', ticket: '' };
    };
    const numberOf = (kind: string) => legacyKinds.findIndex((one) => one.kind === kind);
    const found = (context: DbContext, order: string, at: string): Promise<Thread | undefined> =>
      db.tx(context, (tx) => threadOfOrder(tx, order, at));

    it('finds the thread of the ticket while that is at the pharmacy', async () => {
      const { order, thread, ticket } = await idsOf(numberOf('plain'));
      for (const asked of [order, order.toUpperCase()])
        expect(await found(pharmacy(world.pharmacy), asked, world.pharmacy)).toMatchObject({
          id: thread,
          ticketId: ticket,
        });
    });

    it('finds a thread that stayed unlinked by order and pharmacy, for those who may read it', async () => {
      const { order, thread, ticket } = await idsOf(numberOf('other-pharmacy'));
      expect(await found(pharmacy(world.otherPharmacy), order, world.otherPharmacy)).toMatchObject({
        id: thread,
        ticketId: null,
      });
      expect(await found(pharmacy(world.pharmacy), order, world.otherPharmacy)).toBeUndefined();
      expect(await found(systemContext, order, world.pharmacy)).toMatchObject({ id: ticket, ticketId: ticket });
    });

    it('still finds a linked thread by the number the older system gave it, also after the ticket went on', async () => {
      const n = numberOf('by-metadata');
      const { thread, ticket } = await idsOf(n);
      await around.sql('UPDATE healthcare_tickets SET patient_id = gen_random_uuid() WHERE id = $1', [ticket]);
      expect(await found(pharmacy(world.pharmacy), String(n), world.pharmacy)).toMatchObject({
        id: thread,
        ticketId: ticket,
      });
    });

    it('finds it whatever case the older system wrote the pharmacy in', async () => {
      const n = numberOf('number');
      const { thread } = await idsOf(n);
      await around.sql(
        `UPDATE chat_threads SET metadata = metadata || jsonb_build_object('target_id', upper(metadata ->> 'target_id') || ' ')
         WHERE id = $1`,
        [thread],
      );
      for (const asked of [world.pharmacy, world.pharmacy.toUpperCase()])
        expect(await found(systemContext, String(n), asked)).toMatchObject({ id: thread });
      expect(await found(systemContext, String(n), world.otherPharmacy)).toBeUndefined();
    });

    it('finds nothing for words that are no ids', async () => {
      expect(await found(systemContext, 'unheard of', world.pharmacy)).toBeUndefined();
      expect(await found(systemContext, (await idsOf(1)).order, 'my pharmacy')).toBeUndefined();
    });
  });
});
