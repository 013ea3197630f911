import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import * as migrations from '../../migrations/index.js';
import { newSandboxSecrets } from '../../src/demo/sandbox-settings.js';
import { startSandboxProcess } from '../../src/demo/sandbox-process.js';
import { bootstrapDatabase } from '../../src/platform/db/index.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import { AppProcess } from './app-process.js';

/** Three days of the outside world pass in a second. */
const sandboxSpeed = 259_200;

/** Waiting compressed about fiftyfold; what is bounded by real answer times only as far as loopback allows. */
const compressed = {
  RETRY_SCALE: '0.02',
  OUTBOX_LEASE_MS: '3000',
  OUTBOX_POLL_MS: '100',
  EFFECT_HOLD_MS: '5000',
  RECONCILE_EVERY_MS: '3000',
  TRACKING_POLL_MINUTES: '1',
};

export const account = { email: 'chaos@pharmonico.example', password: 'kill minus nine, twenty times' };

/** Database and vendors in processes of their own, which outlive the application that is killed again and again. */
export interface World {
  folder: string;
  appUrl: string;
  sandboxUrl: string;
  app: AppProcess;
  /** As superuser; every query opens its own connection, since the server may be gone a moment later. */
  sql<R extends pg.QueryResultRow>(text: string): Promise<R[]>;
  emptyQueue(): Promise<void>;
  killDatabase(): Promise<void>;
  stop(options: { keep: boolean }): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-chaos-'));
  await chmod(folder, 0o711);
  const dataDir = path.join(folder, 'postgres');
  const server = await startEmbeddedPostgres({ dataDir });
  const urls = await bootstrapDatabase(server.superuserUrl(), { passwords: server.secrets });
  await migrate(urls.ownerUrl, urls.queueUrl, Object.values(migrations));
  const port = await freePort();
  const appUrl = `http://127.0.0.1:${port}`;
  const sandbox = await startSandboxProcess({
    appUrl,
    speed: sandboxSpeed,
    dataDir: path.join(folder, 'sandbox'),
    secrets: newSandboxSecrets(),
    // Every prescription is to end by itself, also one whose order was on its way when the application was killed.
    orderLookup: true,
    brand: 'Pharmonico',
  });
  const app = new AppProcess(
    {
      ...sandbox.settings,
      ...compressed,
      NODE_ENV: 'test',
      PORT: String(port),
      PUBLIC_URL: appUrl,
      DATA_DIR: folder,
      DATABASE_URL: urls.databaseUrl,
      QUEUE_DATABASE_URL: urls.queueUrl,
      ADMIN_EMAIL: account.email,
      ADMIN_PASSWORD: account.password,
      LOG_LEVEL: 'warn',
    },
    path.join(folder, 'app.log'),
  );
  const sql = <R extends pg.QueryResultRow>(text: string) => asSuperuser<R>(server, text);
  return {
    folder,
    appUrl,
    sandboxUrl: sandbox.url,
    app,
    sql,
    emptyQueue: () => emptyQueue(sql),
    killDatabase: async () => {
      // SIGQUIT is PostgreSQL's immediate shutdown: no checkpoint, recovery from the log at the next start.
      process.kill(await postmasterOf(server), 'SIGQUIT');
      await startEmbeddedPostgres({ dataDir, port: server.port });
    },
    stop: async ({ keep }) => {
      await app.stop();
      await sandbox.stop();
      await server.stop();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function asSuperuser<R extends pg.QueryResultRow>(server: EmbeddedPostgres, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: server.superuserUrl('pharmonico') });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Everything BullMQ knows, as if its server had lost its memory; only the version of its own schema stays. */
async function emptyQueue(sql: World['sql']): Promise<void> {
  const tables = await sql<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
  );
  const truncate = `TRUNCATE ${tables.map(({ name }) => name).join(', ')} CASCADE`;
  // The workers hold some of these tables in an order of their own; whoever PostgreSQL picks to lose tries again.
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sql(truncate);
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== '40P01' || attempt >= 20) throw error;
    }
  }
}

async function postmasterOf(server: EmbeddedPostgres): Promise<number> {
  return Number.parseInt(await readFile(path.join(server.dataDir, 'postmaster.pid'), 'utf8'), 10);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
