import { Database, type DbContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startMatrix } from '../support/access-matrix/start.js';
import type { SignedIn, World } from '../support/access-matrix/world.js';
import type { TestApp } from '../support/app.js';
import { insertRow } from '../support/looker.js';

const parties = ['patient', 'doctor', 'pharmacy'] as const;
const everybody = [...parties, 'ops', 'admin', 'integrator', 'auditor'] as const satisfies readonly SignedIn[];

/** What a party of a prescription sees its own rows of. */
const ofAPrescription = [
  'prescriptions',
  'prescription_versions',
  'prescription_status_events',
  'healthcare_tickets',
  'chat_threads',
  'claims',
  'invoices',
  'payments',
  'refunds',
  'shipments',
  'tracking_events',
  'tracking_links',
  'notifications',
  'notification_attempts',
  'recommendations',
  'enrollment_links',
];

/** Statements without any WHERE: the application has forgotten everything it ought to ask. */
describe('the database, when the application checks nothing', () => {
  let app: TestApp;
  let db: Database;
  let world: World;
  let tables: string[];
  let unreadable: ReadonlySet<string>;

  beforeAll(async () => {
    const matrix = await startMatrix();
    ({ test: app, world } = matrix);
    db = matrix.get(Database);
    const forced = await app.sql<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity ORDER BY 1`,
    );
    tables = forced.map(({ name }) => name);
    const closed = await app.sql<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) AS name WHERE NOT has_table_privilege('pharmonico_app', name, 'SELECT')`,
      [tables],
    );
    unreadable = new Set(closed.map(({ name }) => name));
  });
  afterAll(() => app.stop());

  /** No right to read at all is no row either. */
  const everyRowOf = async (context: DbContext, table: string): Promise<string[]> => {
    if (unreadable.has(table)) return [];
    const rows = await db.tx(context, (tx) =>
      tx.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${table} t`),
    );
    return rows.map(({ row }) => row);
  };

  /** Runs a statement and takes it back. @returns the rows it touched, or the code of the refusal */
  const tried = async (context: DbContext, statement: string, values: string[] = []): Promise<string[] | string> => {
    const touched: string[] = [];
    class TakenBack extends Error {}
    try {
      await db.tx(context, async (tx) => {
        touched.push(...(await tx.query<{ row: string }>(statement, values)).map(({ row }) => row));
        throw new TakenBack();
      });
    } catch (error) {
      if (!(error instanceof TakenBack)) return String((error as { code?: unknown }).code);
    }
    return touched;
  };

  it('looks at every table that has party data', () => {
    expect(tables.length).toBeGreaterThan(35);
    expect(tables).toEqual(expect.arrayContaining(ofAPrescription));
    expect([...unreadable]).toEqual(['audit_anchors']);
  });

  it.each(everybody)('shows the %s no row of anybody else, in any table', async (caller) => {
    const hidden = world.hiddenFrom(caller);
    const leaks: string[] = [];
    for (const table of tables) {
      const rows = await everyRowOf(world.contextOf(caller), table);
      leaks.push(...rows.filter((row) => hidden.some((id) => row.includes(id))).map((row) => `${table}: ${row}`));
    }
    expect(leaks).toEqual([]);
  });

  it.each(everybody)('lets the %s change no row of anybody else, in any table', async (caller) => {
    const hidden = world.hiddenFrom(caller);
    const leaks: string[] = [];
    for (const table of tables) {
      const [column] = await app.sql<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum LIMIT 1`,
        [table],
      );
      const statement = `UPDATE ${table} t SET ${column?.name} = ${column?.name} RETURNING to_jsonb(t)::text AS row`;
      const rows = await tried(world.contextOf(caller), statement);
      if (rows === '42501') continue;
      if (typeof rows === 'string') throw new Error(`${table}: ${rows}`);
      leaks.push(...rows.filter((row) => hidden.some((id) => row.includes(id))).map((row) => `${table}: ${row}`));
    }
    expect(leaks).toEqual([]);
  });

  it.each(parties)('shows the %s its own', async (caller) => {
    const { prescription } = world.holdings.own.path;
    const missing: string[] = [];
    for (const table of ofAPrescription) {
      const rows = await everyRowOf(world.contextOf(caller), table);
      if (!rows.some((row) => row.includes(prescription))) missing.push(table);
    }
    expect(missing).toEqual([]);
  });

  it.each(['ops', 'admin', 'integrator'] as const)('shows the %s both parties of the organization', async (caller) => {
    for (const table of ofAPrescription) {
      const text = (await everyRowOf(world.contextOf(caller), table)).join();
      for (const owner of ['own', 'neighbour'] as const) {
        expect([table, text.includes(world.holdings[owner].path.prescription)]).toEqual([table, true]);
      }
    }
  });

  it('shows nobody anything without a context, nor with one of a stranger', async () => {
    const nobody: DbContext[] = [
      {},
      { role: 'ops' },
      { role: '', organization: '', provider: '', pharmacy: '', patient: '' },
      { role: 'doctor', organization: newId(), provider: newId() },
      // The right party in the wrong organization.
      {
        role: 'doctor',
        organization: world.holdings['other organization'].organizationId,
        provider: world.holdings.own.path.provider,
      },
    ];
    const { organizationId, path } = world.holdings.own;
    for (const context of nobody) {
      for (const table of tables) {
        const rows = (await everyRowOf(context, table)).filter(
          (row) => row.includes(organizationId) || row.includes(path.prescription),
        );
        expect([context, table, rows]).toEqual([context, table, []]);
      }
    }
  });

  it.each([
    ['doctor', 'prescriptions', 'organization_id', 'organization'],
    ['doctor', 'prescriptions', 'provider_id', 'provider'],
    ['pharmacy', 'prescriptions', 'pharmacy_id', 'pharmacy'],
    ['patient', 'prescriptions', 'patient_id', 'patient'],
    ['doctor', 'healthcare_tickets', 'primary_provider_id', 'provider'],
    ['pharmacy', 'healthcare_tickets', 'secondary_provider_id', 'pharmacy'],
    ['ops', 'prescriptions', 'organization_id', 'organization'],
    ['ops', 'healthcare_tickets', 'organization_id', 'organization'],
    ['ops', 'patients', 'organization_id', 'organization'],
    ['ops', 'coverages', 'organization_id', 'organization'],
    ['admin', 'users', 'organization_id', 'organization'],
    ['admin', 'api_keys', 'organization_id', 'organization'],
    ['admin', 'pharmacies', 'organization_id', 'organization'],
  ] as const)('does not let the %s give a row of %s away by its %s', async (caller, table, column, thing) => {
    const statement = `UPDATE ${table} t SET ${column} = $1 RETURNING to_jsonb(t)::text AS row`;
    const stranger = world.holdings['other organization'].path[thing];
    expect(await tried(world.contextOf(caller), statement, [stranger])).toBe('42501');
  });

  it('shows each side of a thread what is meant for it', async () => {
    const { organizationId, path } = world.holdings.own;
    const [thread] = await app.sql<{ id: string }>('SELECT id FROM chat_threads WHERE ticket_id = $1', [path.ticket]);
    const written = [
      ['providers', 'doctor', path.provider],
      ['all', 'doctor', path.provider],
      ['internal', 'doctor', path.provider],
      ['internal', 'pharmacy', path.pharmacy],
      ['internal', 'ops', organizationId],
    ] as const;
    for (const [seq, [audience, author, authorId]] of written.entries()) {
      await insertRow(app.sql, 'chat_messages', {
        id: newId(),
        thread_id: thread?.id,
        organization_id: organizationId,
        seq: seq + 1_000,
        revision: seq + 1_000,
        audience,
        kind: 'text',
        author_party: author,
        author_party_id: authorId,
        code: `${audience} of ${author}`,
        created_at: new Date(),
      });
    }
    const seenBy = async (context: DbContext) =>
      (
        await db.tx(context, (tx) =>
          tx.query<{ code: string }>('SELECT code FROM chat_messages WHERE seq >= 1000 ORDER BY seq'),
        )
      ).map(({ code }) => code);
    const shared = ['providers of doctor', 'all of doctor'];
    expect(await seenBy(world.contextOf('patient'))).toEqual(['all of doctor']);
    expect(await seenBy(world.contextOf('doctor'))).toEqual([...shared, 'internal of doctor']);
    expect(await seenBy(world.contextOf('pharmacy'))).toEqual([...shared, 'internal of pharmacy']);
    expect(await seenBy(world.contextOf('ops'))).toEqual([...shared, 'internal of ops']);
    for (const caller of everybody) expect(await seenBy(world.contextOf(caller, 'other organization'))).toEqual([]);
    for (const caller of parties) expect(await seenBy(world.contextOf(caller, 'neighbour'))).toEqual([]);
  });
});
