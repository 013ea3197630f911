import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, QueryFailedError, type MigrationInterface } from 'typeorm';
import { migrateQueueSchema } from '../jobs/queue-backend.js';
import { dataSourceOptions } from './data-source.js';
import { withQueueMigrationGrant } from './roles.js';

/** One migrator at a time, whatever number of processes starts. */
const migrationLock = 7_302_604;

/** A large table takes its time to be changed. */
const untimed = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 };

/** While a change waits for a table, everybody who comes later waits behind it, readers too: it stands back and comes again. */
interface LockPatience {
  lockTimeoutMs: number;
  tries: number;
  pauseMs: number;
}

/** About five minutes in all. */
const usualPatience: LockPatience = { lockTimeoutMs: 5_000, tries: 20, pauseMs: 10_000 };
const lockNotAvailable = '55P03';

export type MigrationClasses = readonly (new () => MigrationInterface)[];

/**
 * Brings the schema of the application and of the queue up to date.
 * @returns names of the migrations that ran
 * @throws Error that names the statement and who holds its tables when they were never free
 */
export async function migrate(
  ownerUrl: string,
  queueUrl: string | undefined,
  migrations: MigrationClasses,
  patience = usualPatience,
): Promise<string[]> {
  const options = dataSourceOptions(ownerUrl);
  const dataSource = new DataSource({
    ...options,
    migrations: [...migrations],
    extra: { ...options.extra, ...untimed, lock_timeout: patience.lockTimeoutMs },
  });
  await dataSource.initialize();
  try {
    const runner = dataSource.createQueryRunner();
    await runner.query('SET lock_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    try {
      const ran = await pendingMigrations(dataSource, migrations);
      await runPatiently(dataSource, patience);
      if (queueUrl !== undefined) await withQueueMigrationGrant(ownerUrl, () => migrateQueueSchema(queueUrl));
      return ran;
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
      await runner.release();
    }
  } finally {
    await dataSource.destroy();
  }
}

/** Each migration is a transaction of its own: what went through stays, and a repeat begins with the one that waited. */
async function runPatiently(dataSource: DataSource, { lockTimeoutMs, tries, pauseMs }: LockPatience): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await dataSource.runMigrations();
      return;
    } catch (error) {
      if (!isKeptWaiting(error)) throw error;
      if (tried >= tries) {
        const held = await holdersOf(dataSource, error.query);
        const waited = `waited ${tries} times ${lockTimeoutMs} ms for a lock`;
        throw new Error(`The migration gave up: "${error.query}" ${waited}. ${held}`, { cause: error });
      }
      await sleep(pauseMs);
    }
  }
}

function isKeptWaiting(error: unknown): error is QueryFailedError {
  return error instanceof QueryFailedError && (error.driverError as { code?: unknown }).code === lockNotAvailable;
}

/** Who uses the tables the statement names, at this moment. */
async function holdersOf(dataSource: DataSource, statement: string): Promise<string> {
  const holders = await dataSource.query<{ holder: string }[]>(
    `SELECT format('pid %s (%s, %s) holds %s', a.pid, a.usename, coalesce(nullif(a.application_name, ''), 'unnamed'),
       string_agg(DISTINCT c.relname, ', ')) AS holder
     FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.pid <> pg_backend_pid() AND c.relkind IN ('r', 'p') AND strpos($1, c.relname) > 0
     GROUP BY a.pid, a.usename, a.application_name ORDER BY a.pid`,
    [statement],
  );
  return holders.length === 0 ? 'Nobody holds its tables now.' : `${holders.map(({ holder }) => holder).join('; ')}.`;
}

/** Names of migrations that have not run. An application does not start on an older schema. */
export async function pendingMigrations(dataSource: DataSource, migrations: MigrationClasses): Promise<string[]> {
  const [table] = await dataSource.query<{ known: boolean }[]>(
    `SELECT to_regclass('public.migrations') IS NOT NULL AS known`,
  );
  const rows = table?.known === true ? await dataSource.query<{ name: string }[]>('SELECT name FROM migrations') : [];
  const ran = new Set(rows.map((row) => row.name));
  return migrations.map((migration) => migration.name).filter((name) => !ran.has(name));
}
