import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from '../../config/index.js';
import { bootstrapDatabase, withClient, type DatabaseUrls } from '../../src/platform/db/roles.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import { createQueueBackend } from '../../src/platform/jobs/index.js';
import { startTestApp } from '../support/app.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { runProgram } from '../support/process.js';

async function reachableFolder(name: string): Promise<TestFolder> {
  const folder = await testFolder(name);
  await chmod(folder.path, 0o711); // PostgreSQL may run under another account than we do
  return folder;
}

async function count(url: string, table: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
    return rows[0]?.count ?? -1;
  });
}

describe('npm run openapi', () => {
  it('prints what /docs-json of a running application says, and nothing but JSON, without a database', async () => {
    const app = await startTestApp({ sandbox: false, env: { ROLES: 'api' } });
    try {
      const { status, out, err } = await runProgram('commands/openapi.js', {
        DATABASE_URL: 'postgres://127.0.0.1:1/none',
      });
      expect([status, err]).toEqual([0, '']);
      expect(JSON.parse(out)).toEqual(await (await fetch(`${app.url}/docs-json`)).json());
    } finally {
      await app.stop();
    }
  });
});

describe('npm run db:reset', () => {
  let folder: TestFolder;
  const reset = (...args: string[]) => runProgram('commands/db-reset.js', { DATA_DIR: folder.path }, ...args);

  /** The server of that data folder, for a moment. */
  async function within<T>(look: (urls: DatabaseUrls, server: EmbeddedPostgres) => Promise<T>): Promise<T> {
    const server = await startEmbeddedPostgres({ dataDir: path.join(folder.path, 'postgres') });
    try {
      return await look(await bootstrapDatabase(server.superuserUrl(), { passwords: server.secrets }), server);
    } finally {
      await server.stop();
    }
  }

  beforeAll(async () => {
    folder = await reachableFolder('reset');
    expect((await runProgram('commands/migrate.js', { DATA_DIR: folder.path })).status).toBe(0);
    await within(async ({ queueUrl }, server) => {
      await withClient(server.superuserUrl('pharmonico'), (admin) =>
        admin.query(
          `INSERT INTO organizations (id, name, brand, created_at) VALUES (gen_random_uuid(), 'A', 'A', now())`,
        ),
      );
      const backend = createQueueBackend(loadConfig({}), queueUrl, () => undefined);
      await backend.queue('steps').add('x', { rows: [] });
      await backend.close();
    });
  });
  afterAll(() => folder.remove());

  it('does nothing without --yes, and says so', async () => {
    const { status, err } = await reset();
    expect([status, err]).toEqual([1, expect.stringContaining('--yes')]);
  });

  it('does nothing in production', async () => {
    const { status, err } = await runProgram(
      'commands/db-reset.js',
      { DATA_DIR: folder.path, NODE_ENV: 'production' },
      '--yes',
    );
    expect([status, err]).toEqual([1, expect.stringContaining('production')]);
    await within(async (_urls, server) => {
      expect(await count(server.superuserUrl('pharmonico'), 'organizations')).toBe(1);
      expect(await count(server.superuserUrl('pharmonico'), 'bullmq.job')).toBe(1);
    });
  });

  it('empties database and queue and leaves both ready for work, also while the server is in use', async () => {
    await within(async ({ queueUrl }, server) => {
      const { status, out, err } = await reset('--yes');
      expect([status, err, out]).toEqual([0, '', expect.stringContaining('schema new')]);
      expect(await count(server.superuserUrl('pharmonico'), 'organizations')).toBe(0);
      expect(await count(server.superuserUrl('pharmonico'), 'bullmq.job')).toBe(0);
      const backend = createQueueBackend(loadConfig({}), queueUrl, () => undefined);
      await backend.queue('steps').add('x', { rows: [] });
      await backend.close();
    });
    const { out } = await runProgram('commands/migrate.js', { DATA_DIR: folder.path });
    expect(out).toContain('up to date');
  });
});

describe('npm run migrate -- --bootstrap', () => {
  let folder: TestFolder;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    folder = await reachableFolder('external');
    server = await startEmbeddedPostgres({ dataDir: path.join(folder.path, 'pg'), fsync: false });
    await withClient(server.superuserUrl(), async (admin) => {
      await admin.query(`CREATE ROLE rx_owner LOGIN CREATEROLE CREATEDB PASSWORD 'own er'`);
      await admin.query('CREATE DATABASE rx OWNER rx_owner');
    });
  });
  afterAll(async () => {
    await server.stop();
    await folder.remove();
  });

  const urlOf = (user: string) => `postgres://${user}@127.0.0.1:${server.port}/rx`;

  it.each([
    ['PostgreSQL', (): Record<string, string> => ({ QUEUE_DATABASE_URL: urlOf('pharmonico_queue:q%3Aueue') })],
    // 127.0.0.1:1 answers nobody: migrations have no business with Redis.
    ['Redis', (): Record<string, string> => ({ REDIS_URL: 'redis://127.0.0.1:1' })],
  ])('prepares an external database, any number of times, with the queues on %s', async (_, queues) => {
    const settings = {
      DATABASE_URL: urlOf('pharmonico_app:p%40ss'),
      DATABASE_OWNER_URL: urlOf('rx_owner:own%20er'),
      DATA_DIR: folder.path,
      ...queues(),
    };
    for (let times = 0; times < 2; times += 1) {
      const { status, err } = await runProgram('commands/migrate.js', settings, '--bootstrap');
      expect([status, err]).toEqual([0, '']);
    }
    const [powers] = await withClient(settings.DATABASE_URL, async (client) => {
      const found = await client.query<{ powerful: boolean }>(
        `SELECT rolsuper OR rolbypassrls OR rolcreaterole AS powerful FROM pg_roles WHERE rolname = current_user`,
      );
      return found.rows;
    });
    expect(powers).toEqual({ powerful: false });
  });

  it('names the role an URL should have signed in as', async () => {
    const settings = {
      DATABASE_URL: urlOf('me:x'),
      DATABASE_OWNER_URL: urlOf('rx_owner:own%20er'),
      DATA_DIR: folder.path,
    };
    const { status, err } = await runProgram('commands/migrate.js', settings, '--bootstrap');
    expect([status, err]).toEqual([1, expect.stringContaining('DATABASE_URL must sign in as pharmonico_app')]);
  });
});
