import { start, type RunningApplication } from '../../src/start.js';
import type { TestDatabase } from './database.js';
import type { Sql } from './looker.js';
import type { TestSandbox } from './sandbox.js';
import { surroundings } from './surroundings.js';
import { eventually } from './until.js';

export interface TestApp extends RunningApplication {
  database: TestDatabase;
  /** Looks at rows past row-level security; never used by the code under test. */
  sql: Sql;
  sandbox: TestSandbox | undefined;
  /** Repeats until `look` answers something, for work that workers do. */
  eventually: typeof eventually;
}

export interface TestAppOptions {
  /** Default true: the vendors answer. */
  sandbox?: boolean;
  /** Simulated seconds per second in the sandbox. */
  sandboxSpeed?: number;
  env?: Record<string, string>;
  /** Hears every log line, down to debug. Default: silence. */
  logTo?: { write(line: string): void };
}

/** The whole product on a database of its own, with workers in the process and the sandbox beside it. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const around = await surroundings('app');
  const { databaseUrl, queueUrl } = around.database;
  const stop = () => around.cleanup.run();
  try {
    const sandbox = options.sandbox === false ? undefined : await around.sandbox(options.sandboxSpeed ?? 1);
    const { logTo } = options;
    const loud = logTo === undefined ? {} : { LOG_LEVEL: 'debug' };
    const config = around.config({ ...loud, ...sandbox?.settings, ...options.env });
    const log = logTo === undefined ? { logger: false as const } : { logTo };
    const running = await start({ config, databaseUrl, queueUrl, ...log });
    around.cleanup.add(() => running.stop());
    return { ...running, database: around.database, sandbox, sql: around.sql, eventually, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
