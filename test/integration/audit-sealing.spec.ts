import { appendFile, readFile } from 'node:fs/promises';
import { Audit, Sealer, type Verification } from '../../src/modules/audit/index.js';
import { SealerStore } from '../../src/modules/audit/sealer.store.js';
import { Clock } from '../../src/platform/clock/index.js';
import { CONFIG } from '../../src/platform/config/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { withClient } from '../../src/platform/db/roles.js';
import { newId } from '../../src/platform/ids/index.js';
import { Schedules } from '../../src/platform/schedules/index.js';
import { startTrail, type Trail } from '../support/audit-trail.js';
import { until } from '../support/until.js';

const many = (count: number, organization: string | null) => `
  INSERT INTO audit_entries (id, organization_id, actor_kind, action, entity, entity_ids, outcome, occurred_at)
  SELECT gen_random_uuid(), ${organization === null ? 'NULL' : `'${organization}'`}, 'system', 'read', 'patient', '{}', 'success', now()
  FROM generate_series(1, ${count})`;

describe('the sealer', () => {
  let trail: Trail;
  const sound = async (): Promise<Verification> => {
    const verification = await trail.verify();
    expect(verification.bad).toEqual([]);
    return verification;
  };
  const numbers = async (organization: string) =>
    (
      await trail.sql<{ seq: number }>('SELECT seq::int FROM audit_entries WHERE organization_id = $1 ORDER BY seq', [
        organization,
      ])
    ).map(({ seq }) => seq);
  const lines = async () =>
    (await readFile(trail.file.path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { organization: string | null; seq: number; hash: string });
  const oneToN = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

  beforeAll(async () => {
    trail = await startTrail();
  });
  afterAll(() => trail.platform.stop());

  it('numbers each organization from one without gaps, and those of none apart', async () => {
    const [first, second] = [newId(), newId()];
    await trail.record(3, first);
    await trail.record(2);
    await trail.record(4, second);
    await trail.seal();
    await trail.record(2, first);
    await trail.seal();
    expect([await numbers(first), await numbers(second)]).toEqual([oneToN(5), oneToN(4)]);
    const anchors = await trail.sql<{ seq: number; hash: Buffer }>(
      'SELECT seq::int, hash FROM audit_anchors WHERE chain = $1 ORDER BY seq',
      [first],
    );
    expect(anchors.map(({ seq }) => seq)).toEqual([3, 5]);
    const inFile = (await lines()).filter(({ organization }) => organization === first);
    expect(inFile.map(({ seq, hash }) => [seq, hash])).toEqual(
      anchors.map(({ seq, hash }) => [seq, hash.toString('hex')]),
    );
    expect((await lines()).filter(({ organization }) => organization === null)).toHaveLength(1);
    await sound();
  });

  it('takes 1,000 at a time and says that more waits', async () => {
    const organization = newId();
    await trail.sql(many(2_500, organization));
    const sealer = trail.platform.get(Sealer);
    expect([await sealer.seal(), await sealer.seal(), await sealer.seal(), await sealer.seal()]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(await numbers(organization)).toEqual(oneToN(2_500));
    await sound();
  });

  it('is one at a time, however many try', async () => {
    const organization = newId();
    await trail.sql(many(3_000, organization));
    const store = trail.platform.get(SealerStore);
    for (let sealed = 0; sealed < 3_000;) {
      const seals = await Promise.all(oneToN(5).map(() => store.seal(500, new Date())));
      sealed += seals.reduce((sum, seal) => sum + (seal?.sealed ?? 0), 0);
    }
    expect(await numbers(organization)).toEqual(oneToN(3_000));
    await sound();
  });

  it('gives an entry that is committed late a later number', async () => {
    const organization = newId();
    const late = { action: 'write', entity: 'patient', organizationId: organization } as const;
    await trail.platform.get(Database).tx(systemContext, async (tx) => {
      await trail.platform.get(Audit).record(tx, late);
      await tx.query('SELECT 1');
      await trail.record(2, organization);
      await trail.seal();
    });
    await trail.seal();
    const rows = await trail.sql<{ action: string }>(
      'SELECT action FROM audit_entries WHERE organization_id = $1 ORDER BY seq',
      [organization],
    );
    expect(rows.map(({ action }) => action)).toEqual(['read', 'read', 'write']);
    await sound();
  });

  it('writes down every head when it starts, and never hangs a line on half a line', async () => {
    await appendFile(trail.file.path, '{"organization":nu');
    const before = await sound();
    const { context } = trail.platform;
    const next = new Sealer(
      context.get(CONFIG),
      trail.platform.get(SealerStore),
      trail.platform.get(Schedules),
      trail.platform.get(Clock),
    );
    await next.seal();
    const { file, chains } = await sound();
    expect(file).toMatchObject({ lines: before.file.lines + chains, unreadable: [before.file.lines], behind: 0 });
  });

  it('keeps a head it could not write until it can', async () => {
    const organization = newId();
    const { context } = trail.platform;
    const config = { ...context.get<object>(CONFIG), AUDIT_ANCHOR_FILE: `${trail.file.path}/below-a-file` };
    const stuck = new Sealer(
      config as ConstructorParameters<typeof Sealer>[0],
      trail.platform.get(SealerStore),
      trail.platform.get(Schedules),
      trail.platform.get(Clock),
    );
    await trail.record(1, organization);
    await expect(stuck.seal()).rejects.toMatchObject({ code: expect.stringMatching(/ENOTDIR|EEXIST/) as unknown });
    expect(await numbers(organization)).toEqual([1]);
    expect((await sound()).file.behind).toBe(1);
    await trail.record(1, organization);
    await trail.seal();
    expect((await sound()).file.behind).toBe(0);
  });

  describe('is the only one', () => {
    const as = (sql: string) =>
      withClient(trail.platform.database.databaseUrl, async (client) => {
        await client.query('BEGIN');
        return await client.query(sql);
      });
    const asSealer = (sql: string) => as(`SET LOCAL ROLE pharmonico_sealer; ${sql}`);
    const insert = `INSERT INTO audit_entries (id, actor_kind, action, entity, entity_ids, outcome, occurred_at, seq, hash)
      VALUES (gen_random_uuid(), 'system', 'read', 'x', '{}', 'success', now(), 1, 'x')`;

    it.each([
      ['number an entry', `UPDATE audit_entries SET seq = 1`],
      ['insert a numbered entry', insert],
      ['delete an entry', 'DELETE FROM audit_entries'],
      ['read an anchor', 'SELECT * FROM audit_anchors'],
      ['write an anchor', `INSERT INTO audit_anchors VALUES (gen_random_uuid(), 1, 'x', now())`],
    ])('the application may not %s', async (_what, sql) => {
      await expect(as(sql)).rejects.toMatchObject({ code: '42501' });
    });

    it.each([
      ['change what was recorded', `UPDATE audit_entries SET action = 'x'`],
      ['record', insert],
      ['delete an entry', 'DELETE FROM audit_entries'],
      ['empty the trail', 'TRUNCATE audit_entries'],
      ['change an anchor', 'UPDATE audit_anchors SET seq = 1'],
      ['delete an anchor', 'DELETE FROM audit_anchors'],
      ['read anything else', 'SELECT * FROM patients'],
    ])('itself may not %s', async (_what, sql) => {
      await expect(asSealer(sql)).rejects.toMatchObject({ code: '42501' });
    });

    it('itself does not reach what is sealed', async () => {
      const results = (await asSealer(`UPDATE audit_entries SET hash = 'x', seq = seq + 1`)) as unknown as {
        command: string;
        rowCount: number;
      }[];
      expect(results.at(-1)).toMatchObject({ command: 'UPDATE', rowCount: 0 });
    });
  });
});

describe('a process with the role scheduler', () => {
  it('seals every second, and what is left when it stops', async () => {
    const trail = await startTrail();
    try {
      await trail.platform.work();
      await trail.record(3);
      await until(async () => (await trail.sql('SELECT 1 FROM audit_entries WHERE seq IS NULL')).length === 0);
      await trail.record(2);
      await trail.platform.context.close();
      expect(await trail.sql('SELECT 1 FROM audit_entries WHERE seq IS NULL')).toEqual([]);
    } finally {
      await trail.platform.stop().catch(() => undefined);
    }
  });
});
