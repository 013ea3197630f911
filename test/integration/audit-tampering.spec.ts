import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { chainedColumns, Verifier } from '../../src/modules/audit/index.js';
import { TrailWatch } from '../../src/modules/audit/trail-watch.js';
import { entryText } from '../../src/modules/audit/audit-chain.js';
import { newId } from '../../src/platform/ids/index.js';
import { startTrail, type Trail } from '../support/audit-trail.js';
import { runProgram } from '../support/process.js';

/** Another value of each column that its constraints allow. */
const edits: Readonly<Record<string, string>> = {
  organization_id: 'gen_random_uuid()',
  seq: '5000',
  id: 'gen_random_uuid()',
  actor_kind: `'webhook'`,
  actor_id: 'gen_random_uuid()',
  actor_role: `'admin'`,
  action: `'write'`,
  entity: `'prescription'`,
  entity_ids: 'entity_ids[1:1]',
  outcome: `'denied'`,
  reason: 'NULL',
  request_id: `''`,
  ip: `'192.0.2.1'`,
  occurred_at: `occurred_at + interval '1 microsecond'`,
  hash: `sha256('x')`,
};

/** Computes a chain anew from its first entry on, as somebody who knows how would. */
const rebuild = (organization: string) => `
  WITH anew AS (
    SELECT id, audit_chain(decode(repeat('00', 32), 'hex'), ${entryText}) OVER (ORDER BY seq) AS hash
    FROM audit_entries WHERE organization_id = '${organization}' AND seq IS NOT NULL)
  UPDATE audit_entries e SET hash = anew.hash FROM anew WHERE anew.id = e.id`;
const rebuildAnchors = `
  UPDATE audit_anchors a SET hash = e.hash FROM audit_entries e WHERE e.organization_id = a.chain AND e.seq = a.seq`;

describe('the sealed audit chain finds', () => {
  let trail: Trail;
  /** 12 entries each, sealed in three parts of four. */
  const [org, other] = [newId(), newId()];
  const idAt = async (seq: number): Promise<string | undefined> =>
    (
      await trail.sql<{ id: string }>('SELECT id FROM kept_entries WHERE organization_id = $1 AND seq = $2', [org, seq])
    )[0]?.id;
  const at = `WHERE organization_id = '${org}' AND seq`;

  beforeAll(async () => {
    trail = await startTrail();
    for (let part = 0; part < 3; part += 1) {
      await trail.record(4, org, { reason: 'a "quoted"\n reason \u0001 — Ω 😀', actor: { kind: 'user', id: newId() } });
      await trail.record(4, other);
      await trail.record(2);
      await trail.seal();
    }
    await trail.keep();
  });
  afterEach(() => trail.restore());
  afterAll(() => trail.platform.stop());

  it('nothing where nothing was done, in batches of any size', async () => {
    for (const batch of [1, 3, 4, 1_000])
      expect(await trail.verify(batch)).toMatchObject({
        chains: 3,
        entries: 30,
        bad: [],
        file: { state: 'present', lines: 9, unreadable: [], behind: 0 },
        late: { entries: 0 },
      });
  });

  it('covers every column of an entry', async () => {
    const columns = await trail.sql<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'audit_entries'`,
    );
    expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(edits).sort());
    expect([...chainedColumns, 'hash'].sort()).toEqual(Object.keys(edits).sort());
  });

  it.each(Object.entries(edits))('an edit of %s', async (column, value) => {
    const id = await idAt(6);
    await trail.sql(`UPDATE audit_entries SET ${column} = ${value} ${at} = 6`);
    const moved = column === 'organization_id' || column === 'seq';
    const shown = column === 'id' ? (expect.any(String) as unknown) : id;
    expect((await trail.verify()).bad).toContainEqual({
      organizationId: org,
      seq: 6,
      id: moved ? null : shown,
      fault: moved ? 'missing' : 'altered',
      foundBy: 'chain',
      provenUpTo: 4,
    });
  });

  it('an entry whose number was taken away', async () => {
    await trail.sql(`UPDATE audit_entries SET seq = NULL, hash = NULL ${at} = 6`);
    expect((await trail.verify()).bad).toMatchObject([{ seq: 6, fault: 'missing', id: null }]);
    await trail.seal();
    expect((await trail.verify()).bad).toMatchObject([{ seq: 6, fault: 'missing', id: null }]);
  });

  it('a delete in the middle, at the beginning and of a whole chain', async () => {
    await trail.sql(`DELETE FROM audit_entries ${at} = 6`);
    await trail.sql(`DELETE FROM audit_entries WHERE organization_id = '${other}' AND seq = 1`);
    await trail.sql('DELETE FROM audit_entries WHERE organization_id IS NULL');
    expect((await trail.verify()).bad).toMatchObject([
      { organizationId: null, seq: 1, fault: 'missing', foundBy: 'anchors' },
      { organizationId: org, seq: 6, fault: 'missing', foundBy: 'chain', provenUpTo: 4 },
      { organizationId: other, seq: 1, fault: 'missing', foundBy: 'chain', provenUpTo: 0 },
    ]);
  });

  it('a whole chain that is gone with its anchors, by the file', async () => {
    await trail.sql(`DELETE FROM audit_entries WHERE organization_id = '${org}'`);
    await trail.sql(`DELETE FROM audit_anchors WHERE chain = '${org}'`);
    expect((await trail.verify()).bad).toMatchObject([
      { organizationId: org, seq: 1, fault: 'missing', foundBy: 'file' },
    ]);
  });

  it('a swap of two rows, of their numbers or with their hashes', async () => {
    await trail.sql(`UPDATE audit_entries SET seq = -1 ${at} = 6`);
    expect((await trail.verify()).bad).toMatchObject([{ organizationId: org, seq: -1, fault: 'forged' }]);
    await trail.sql(`UPDATE audit_entries SET seq = 6 ${at} = 7`);
    await trail.sql(`UPDATE audit_entries SET seq = 7 ${at} = -1`);
    const swapped = [{ organizationId: org, seq: 6, id: await idAt(7), fault: 'altered' }];
    expect((await trail.verify()).bad).toMatchObject(swapped);
    await trail.sql(
      `UPDATE audit_entries e SET hash = k.hash FROM kept_entries k WHERE k.organization_id = e.organization_id AND k.seq = e.seq`,
    );
    expect((await trail.verify()).bad).toMatchObject(swapped);
  });

  it('a cut of the tail, by the anchors', async () => {
    await trail.sql(`DELETE FROM audit_entries ${at} > 9`);
    expect((await trail.verify()).bad).toEqual([
      { organizationId: org, seq: 10, id: null, fault: 'missing', foundBy: 'anchors', provenUpTo: 8 },
    ]);
    await trail.record(3, org);
    await trail.seal();
    expect((await trail.verify()).bad).toMatchObject([{ seq: 10, fault: 'missing', foundBy: 'chain' }]);
  });

  it('a cut of the tail with its anchors, by the file, also when sealing went on', async () => {
    await trail.sql(`DELETE FROM audit_entries ${at} > 8`);
    await trail.sql(`DELETE FROM audit_anchors WHERE chain = '${org}' AND seq > 8`);
    const cut = { organizationId: org, foundBy: 'file', provenUpTo: 8 };
    expect((await trail.verify()).bad).toEqual([{ ...cut, seq: 9, id: null, fault: 'missing' }]);
    await trail.record(6, org);
    await trail.seal();
    expect((await trail.verify()).bad).toEqual([
      { ...cut, seq: 12, id: expect.any(String) as unknown, fault: 'rebuilt' },
    ]);
  });

  it('what is new, every hour, from the last seal before it on', async () => {
    const verifier = trail.platform.get(Verifier);
    const check = () => trail.platform.get(TrailWatch).check();
    await expect(check()).resolves.toBeUndefined();
    await trail.sql(`UPDATE audit_entries SET actor_id = gen_random_uuid() ${at} = 6`);
    expect(await verifier.verifyRecent(8)).toMatchObject([{ organizationId: org, seq: 6, fault: 'altered' }]);
    expect(await verifier.verifyRecent(3)).toEqual([]);
    await expect(check()).rejects.toMatchObject({ code: 'audit.trail-broken' });
    await trail.sql(`DELETE FROM audit_entries ${at} > 11`);
    expect(await verifier.verifyRecent(3)).toMatchObject([{ organizationId: org, seq: 12, fault: 'missing' }]);
  });

  it('a chain that was rebuilt after an edit, by the anchors', async () => {
    await trail.sql(`UPDATE audit_entries SET actor_id = gen_random_uuid() ${at} = 6`);
    await trail.sql(rebuild(org));
    expect((await trail.verify()).bad).toEqual([
      { organizationId: org, seq: 8, id: await idAt(8), fault: 'rebuilt', foundBy: 'anchors', provenUpTo: 4 },
    ]);
  });

  it('a chain that was rebuilt with its anchors, by the file', async () => {
    await trail.sql(`UPDATE audit_entries SET actor_id = gen_random_uuid() ${at} = 6`);
    await trail.sql(rebuild(org));
    await trail.sql(rebuildAnchors);
    expect((await trail.verify()).bad).toEqual([
      { organizationId: org, seq: 8, id: await idAt(8), fault: 'rebuilt', foundBy: 'file', provenUpTo: 4 },
    ]);
  });

  it('an entry that was chained by hand behind the last seal, and anchors that were deleted', async () => {
    await trail.sql(`DELETE FROM audit_anchors WHERE chain = '${other}'`);
    await trail.sql(`INSERT INTO audit_entries (id, organization_id, actor_kind, action, entity, entity_ids, outcome, occurred_at, seq, hash)
      VALUES (gen_random_uuid(), '${org}', 'system', 'read', 'patient', '{}', 'success', now(), 13, sha256('x'))`);
    await trail.sql(rebuild(org));
    expect((await trail.verify()).bad).toMatchObject([
      { organizationId: org, seq: 13, fault: 'unanchored', provenUpTo: 12 },
      { organizationId: other, seq: 1, fault: 'unanchored', provenUpTo: 0 },
    ]);
  });

  it('that the anchor file is gone or empty', async () => {
    await rm(trail.file.path);
    expect((await trail.verify()).file).toMatchObject({ state: 'missing' });
    await writeFile(trail.file.path, '\n');
    expect((await trail.verify()).file).toMatchObject({ state: 'missing' });
  });

  it('lines of the file that cannot be read, and goes on with the others', async () => {
    const [first = '', ...rest] = (await readFile(trail.file.path, 'utf8')).split('\n');
    await writeFile(trail.file.path, [first.slice(0, 40), ...rest].join('\n'));
    await appendFile(trail.file.path, '{"organization":null,"seq":0}\n{}');
    expect(await trail.verify()).toMatchObject({ bad: [], file: { lines: 11, unreadable: [1, 10, 11] } });
  });

  it('entries that wait for longer than a minute', async () => {
    await trail.record(2, org);
    expect((await trail.verify()).late).toEqual({ entries: 0, oldest: null });
    await trail.sql(`UPDATE audit_entries SET occurred_at = now() - interval '61 seconds' WHERE seq IS NULL`);
    expect((await trail.verify()).late).toEqual({ entries: 2, oldest: expect.any(Date) as unknown });
  });

  it('no edit within the open second before sealing', async () => {
    await trail.record(1, org);
    await trail.sql(`UPDATE audit_entries SET action = 'write' WHERE seq IS NULL`);
    await trail.seal();
    expect((await trail.verify()).bad).toEqual([]);
  });

  describe('npm run audit:verify', () => {
    const verify = (more: Record<string, string> = {}) =>
      runProgram('commands/audit-verify.js', {
        DATABASE_URL: trail.platform.database.databaseUrl,
        DATA_DIR: trail.dataDir,
        ...more,
      });
    const words = (text: string) => text.replaceAll(/[^\w.:,-]+/g, ' ');

    it('ends with 0 where all is sound, and says what it cannot find', async () => {
      const { status, out, err } = await verify();
      expect([status, err]).toEqual([0, '']);
      expect(words(out)).toContain('30 entries in 3 chain s , anchors agree');
      expect(words(out)).toContain('before it was sealed');
    });

    it('ends with 1 and names the first bad row', async () => {
      const id = (await idAt(6)) ?? '';
      await trail.sql(`UPDATE audit_entries SET reason = 'x' ${at} IN (6, 9)`);
      const { status, out } = await verify();
      expect(status).toBe(1);
      expect(out).toContain(
        `First bad row: organization ${org}, seq 6, id ${id}: the entry is not the one that was sealed.\n`,
      );
      expect(out).not.toContain('seq 9');
    });

    it('ends with 1 without the anchor file, with late entries, and without a database', async () => {
      expect((await verify({ AUDIT_ANCHOR_FILE: `${trail.dataDir}/none` })).status).toBe(1);
      await trail.record(1, org);
      await trail.sql(`UPDATE audit_entries SET occurred_at = now() - interval '61 seconds' WHERE seq IS NULL`);
      const late = await verify();
      expect([late.status, words(late.out)]).toEqual([1, expect.stringContaining('1 entries are older than 60 s')]);
      const gone = await verify({ DATABASE_URL: 'postgres://pharmonico_app:x@127.0.0.1:1/none' });
      expect([gone.status, gone.err]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
    });
  });
});
