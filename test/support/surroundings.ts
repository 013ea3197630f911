import { loadConfig, type Config } from '../../config/index.js';
import { Cleanup } from './cleanup.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { testFolder } from './folder.js';
import { looker, type Sql } from './looker.js';
import { freePort } from './ports.js';
import { startTestSandbox, type TestSandbox } from './sandbox.js';

/** What every part of the product needs around it before it starts. */
export interface Surroundings {
  database: TestDatabase;
  folder: string;
  /** Where the application is going to listen. */
  url: string;
  /** Looks at rows past row-level security. */
  sql: Sql;
  cleanup: Cleanup;
  config(env?: Record<string, string>): Config;
  /** The vendors, at a speed in simulated seconds per second; 0 = parcels and pharmacy orders only move when told. */
  sandbox(speed?: number, orderLookup?: boolean): Promise<TestSandbox>;
}

/**
 * Database, folder and settings of its own, all gone after `cleanup.run()`.
 * @param makeDatabase default: one of the server all specs share
 */
export async function surroundings(
  name: string,
  makeDatabase: (folder: string) => Promise<TestDatabase> = createTestDatabase,
): Promise<Surroundings> {
  const cleanup = new Cleanup();
  const folder = await testFolder(name);
  cleanup.add(() => folder.remove());
  const database = await makeDatabase(folder.path);
  cleanup.add(() => database.drop());
  const { sql, end } = looker(database.superuserUrl);
  cleanup.add(end);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const redis = process.env.PHARMONICO_TEST_REDIS_URL;
  return {
    database,
    folder: folder.path,
    url,
    sql,
    cleanup,
    config: (env = {}) =>
      loadConfig({
        NODE_ENV: 'test',
        PORT: String(port),
        PUBLIC_URL: url,
        DATA_DIR: folder.path,
        LOG_LEVEL: 'silent',
        // Workers hurry: what waits seconds in production waits milliseconds here.
        RETRY_SCALE: '0.02',
        OUTBOX_POLL_MS: '50',
        ...(redis !== undefined && { REDIS_URL: redis, QUEUE_PREFIX: database.name }),
        ...env,
      }),
    sandbox: async (speed = 0, orderLookup = false) => {
      const sandbox = await startTestSandbox({ folder: folder.path, appUrl: url, speed, orderLookup });
      cleanup.add(() => sandbox.stop());
      return sandbox;
    },
  };
}
