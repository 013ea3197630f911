import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import * as migrations from '../migrations/index.js';
import { bootstrapDatabase, type DatabaseUrls } from '../src/platform/db/index.js';
import { migrate } from '../src/platform/db/migrate.js';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres/index.js';

/** A database for one run of the bench, with fsync on: an insert that is not durable is no insert. */
export interface Stage {
  urls: DatabaseUrls;
  folder: string;
  /** As superuser, for seeding and looking. */
  sql: pg.Pool;
  stop(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-bench-'));
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres') });
  const urls = await bootstrapDatabase(server.superuserUrl(), { passwords: server.secrets });
  await migrate(urls.ownerUrl, urls.queueUrl, Object.values(migrations));
  const sql = new pg.Pool({ connectionString: server.superuserUrl('pharmonico'), max: 20 });
  // The server is stopped while idle connections are still open; that is no reason to fall.
  sql.on('error', () => undefined);
  return {
    urls,
    folder,
    sql,
    stop: async () => {
      await sql.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** How `npm start` starts the product; what it is compared with is started the same way. */
export const asStarted = startOptions();

/** A program of ours in a process of its own; `ready` sees its first lines. */
export async function launch(
  script: string,
  env: Record<string, string>,
  ready: (line: string) => boolean,
): Promise<{ child: ChildProcess; line: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [...asStarted, script], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.on('line', (text) => {
      if (ready(text)) resolve(text);
    });
    void ended.then(() => reject(new Error(`${script} ended before it was ready`)));
  });
  // From here on what it logs is let go unread: reading it would be this program's time.
  lines.close();
  child.stdout.resume();
  return {
    child,
    line,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The options of node that tell it how to run; where errors come from is not asked here. */
function startOptions(): string[] {
  const { scripts } = createRequire(import.meta.url)('../../package.json') as { scripts: { start: string } };
  return scripts.start.match(/--(?:max|no)-\S+/g) ?? [];
}
