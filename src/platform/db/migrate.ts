import { DataSource, type MigrationInterface } from 'typeorm';
import { migrateQueueSchema } from '../jobs/queue-backend.js';
import { dataSourceOptions } from './data-source.js';
import { withQueueMigrationGrant } from './roles.js';

/** One migrator at a time, whatever number of processes starts. */
const migrationLock = 7_302_604;

/** A large table takes its time to be changed, and so does waiting for another migrator. */
const untimed = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 };

export type MigrationClasses = readonly (new () => MigrationInterface)[];

/** Brings the schema of the application and of the queue up to date. @returns names of the migrations that ran */
export async function migrate(
  ownerUrl: string,
  queueUrl: string | undefined,
  migrations: MigrationClasses,
): Promise<string[]> {
  const options = dataSourceOptions(ownerUrl);
  const dataSource = new DataSource({
    ...options,
    migrations: [...migrations],
    extra: { ...options.extra, ...untimed },
  });
  await dataSource.initialize();
  try {
    const runner = dataSource.createQueryRunner();
    await runner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    try {
      const ran = await dataSource.runMigrations();
      if (queueUrl !== undefined) await withQueueMigrationGrant(ownerUrl, () => migrateQueueSchema(queueUrl));
      return ran.map((migration) => migration.name);
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
      await runner.release();
    }
  } finally {
    await dataSource.destroy();
  }
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
