import pg from 'pg';
import { randomBytes } from 'node:crypto';
import { runMigrations } from 'bullmq';
import {
  bootstrapDatabase,
  databaseUrlAt,
  withClient,
  withQueueMigrationGrant,
  type RoleNames,
} from '../../src/platform/db/roles.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const query = async (url: string, sql: string, values: unknown[] = []) =>
  await withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql, values)).rows);

describe('database roles', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await query(database.ownerUrl, 'CREATE TABLE note (id serial PRIMARY KEY, body text)');
  });
  afterAll(() => database.drop());

  it('lets the app read and write rows of tables the owner makes, sequences included', async () => {
    await query(database.databaseUrl, `INSERT INTO note (body) VALUES ('a'); UPDATE note SET body = 'b'`);
    expect(await query(database.databaseUrl, 'SELECT body FROM note')).toEqual([{ body: 'b' }]);
    await query(database.databaseUrl, 'DELETE FROM note');
  });

  it.each([
    ['create a table', 'CREATE TABLE mine (id int)'],
    ['create a temporary table', 'CREATE TEMPORARY TABLE mine (id int)'],
    ['create a schema', 'CREATE SCHEMA mine'],
    ['empty a table at once', 'TRUNCATE note'],
    ['drop a table', 'DROP TABLE note'],
    ['become the owner', 'SET ROLE pharmonico_owner'],
    ['reach the queue', 'CREATE TABLE bullmq.mine (id int)'],
  ])('does not let the app %s', async (_what, sql) => {
    await expect(query(database.databaseUrl, sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('gives the app the rights of a narrow role only after SET LOCAL ROLE', async () => {
    await query(
      database.ownerUrl,
      `CREATE TABLE sealed (id int); REVOKE ALL ON sealed FROM pharmonico_app; GRANT SELECT ON sealed TO pharmonico_sealer`,
    );
    await expect(query(database.databaseUrl, 'SELECT * FROM sealed')).rejects.toMatchObject({ code: '42501' });
    await withClient(database.databaseUrl, async (client) => {
      await client.query('BEGIN; SET LOCAL ROLE pharmonico_sealer');
      expect((await client.query('SELECT * FROM sealed')).rows).toEqual([]);
      await client.query('COMMIT');
      await expect(client.query('SELECT * FROM sealed')).rejects.toMatchObject({ code: '42501' });
    });
  });

  it('fails a statement, and not the process, when a connection breaks between two of them', async () => {
    const broken = withClient(database.databaseUrl, async (client) => {
      const ended = new Promise((resolve) => client.once('end', resolve));
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await query(database.databaseUrl, 'SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await ended;
      await client.query('SELECT 1');
    });
    await expect(broken).rejects.toThrow();
  });

  it('keeps the queue role out of the business tables and inside its own schema', async () => {
    await expect(query(database.queueUrl, 'SELECT * FROM public.note')).rejects.toMatchObject({ code: '42501' });
    await query(database.queueUrl, 'CREATE SEQUENCE at_run_time');
    expect(
      await query(database.ownerUrl, `SELECT schemaname FROM pg_sequences WHERE sequencename = 'at_run_time'`),
    ).toEqual([{ schemaname: 'bullmq' }]);
  });

  it('lends the queue role the right to migrate and takes it back, also when the migration fails', async () => {
    const pool = new pg.Pool({ connectionString: database.queueUrl });
    const mayCreate = async () =>
      await query(
        database.ownerUrl,
        `SELECT has_database_privilege('pharmonico_queue', current_database(), 'CREATE') AS may`,
      );
    await withQueueMigrationGrant(database.ownerUrl, async () => {
      expect(await mayCreate()).toEqual([{ may: true }]);
      await runMigrations(pool, 'bullmq');
    });
    await pool.end();
    const failing = withQueueMigrationGrant(database.ownerUrl, () => Promise.reject(new Error('migration failed')));
    await expect(failing).rejects.toThrow('migration failed');
    expect(await mayCreate()).toEqual([{ may: false }]);
  });
});

describe('bootstrapDatabase', () => {
  /** Names of its own: roles are shared by every database of the server. */
  const tag = randomBytes(4).toString('hex');
  const name = (part: string): string => `Boot "${tag}" ${part}`;
  const roles: RoleNames = { owner: name('owner'), app: name('app'), queue: name('queue'), narrow: [name('narrow')] };
  const known = new Map<string, string>();
  const passwords = {
    passwordOf: async (role: string) => {
      const password = known.get(role) ?? `p:@/%${randomBytes(6).toString('hex')}`;
      known.set(role, password);
      return password;
    },
  };
  let superuserUrl: string;
  let spare: TestDatabase;
  beforeAll(async () => {
    spare = await createTestDatabase();
    superuserUrl = databaseUrlAt(spare.superuserUrl, 'postgres');
  });
  afterAll(async () => {
    await withClient(superuserUrl, async (admin) => {
      for (const part of ['one', 'two']) {
        await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name(part))} WITH (FORCE)`);
      }
      for (const role of [roles.app, roles.queue, roles.owner, ...roles.narrow, name('admin')]) {
        await admin.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`);
      }
    });
    await spare.drop();
  });

  it('may be run again, and twice at once, and opens every role with its password, whatever the names hold', async () => {
    const run = () => bootstrapDatabase(superuserUrl, { database: name('one'), roles, passwords });
    const [urls, again] = await Promise.all([run(), run()]);
    expect(again).toEqual(urls);
    expect(await run()).toEqual(urls);
    expect(await query(urls.databaseUrl, 'SELECT current_user AS me, current_database() AS db')).toEqual([
      { me: roles.app, db: name('one') },
    ]);
    expect(await query(urls.ownerUrl, 'SELECT current_user AS me')).toEqual([{ me: roles.owner }]);
    expect(await query(urls.queueUrl, 'SELECT current_user AS me')).toEqual([{ me: roles.queue }]);
  });

  it.each([
    ['is the owner', name('admin')],
    ['makes an owner', name('x owner')],
  ])(
    'works for a role of an external server that may create roles and databases, no more, and %s',
    async (_what, owner) => {
      const admin = name('admin');
      const password = randomBytes(6).toString('hex');
      await query(
        superuserUrl,
        `CREATE ROLE ${pg.escapeIdentifier(admin)} LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`,
      );
      const adminUrl = new URL(superuserUrl);
      adminUrl.username = encodeURIComponent(admin);
      adminUrl.password = password;
      const external: RoleNames = {
        owner,
        app: name('x app'),
        queue: name('x queue'),
        narrow: [name('x narrow')],
      };
      try {
        const run = () => bootstrapDatabase(adminUrl.href, { database: name('two'), roles: external, passwords });
        const urls = await run();
        expect(await run()).toEqual(urls);
        await query(urls.ownerUrl, 'CREATE TABLE note (id serial PRIMARY KEY)');
        await query(urls.databaseUrl, 'INSERT INTO note DEFAULT VALUES');
        await query(urls.queueUrl, 'CREATE SEQUENCE s');
        await withQueueMigrationGrant(urls.ownerUrl, () => query(urls.queueUrl, 'CREATE SCHEMA more'), external.queue);
      } finally {
        await withClient(superuserUrl, async (client) => {
          await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name('two'))} WITH (FORCE)`);
          for (const role of [external.app, external.queue, ...external.narrow, owner, admin]) {
            await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`);
          }
        });
      }
    },
  );

  it('refuses an app role that could bypass row level security', async () => {
    await query(superuserUrl, `ALTER ROLE ${pg.escapeIdentifier(roles.app)} BYPASSRLS`);
    const run = bootstrapDatabase(superuserUrl, { database: name('one'), roles, passwords });
    await expect(run).rejects.toThrow('BYPASSRLS');
  });
});
