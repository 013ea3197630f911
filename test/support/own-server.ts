import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as migrations from '../../migrations/index.js';
import { bootstrapDatabase } from '../../src/platform/db/index.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import { withClient } from '../../src/platform/db/roles.js';
import type { TestDatabase } from './database.js';
import { until } from './until.js';

const name = 'pharmonico';

/** A migrated database on a server of its own, which may go away without hurting other specs. */
export interface OwnServer extends TestDatabase {
  stop(): Promise<void>;
  /** As a machine that loses its power: no checkpoint, and at the next start recovery from the log. */
  kill(): Promise<void>;
  /** At the same address. */
  start(): Promise<void>;
}

export async function startOwnServer(folder: string): Promise<OwnServer> {
  await chmod(folder, 0o711); // PostgreSQL may run under another account than we do
  const dataDir = path.join(folder, 'postgres');
  let server = await startEmbeddedPostgres({ dataDir });
  const urls = await bootstrapDatabase(server.superuserUrl(), { database: name, passwords: server.secrets });
  await migrate(urls.ownerUrl, urls.queueUrl, Object.values(migrations));
  return {
    ...urls,
    name,
    superuserUrl: server.superuserUrl(name),
    drop: () => server.stop(),
    stop: () => server.stop(),
    kill: async () => {
      // SIGQUIT is PostgreSQL's immediate shutdown.
      process.kill(Number.parseInt(await readFile(path.join(server.dataDir, 'postmaster.pid'), 'utf8'), 10), 'SIGQUIT');
      await until(() => isGone(server.superuserUrl()));
    },
    start: async () => {
      server = await startEmbeddedPostgres({ dataDir, port: server.port });
    },
  };
}

function isGone(url: string): Promise<boolean> {
  return withClient(url, (client) => client.query('SELECT 1')).then(
    () => false,
    () => true,
  );
}
