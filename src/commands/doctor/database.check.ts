import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../platform/db/data-source.js';
import { pendingMigrations, type MigrationClasses } from '../../platform/db/migrate.js';
import { factsSql, powersAdvice, rolePowers, type DatabaseFacts } from '../../platform/db/role-powers.js';
import type { Finding } from './finding.js';

const area = 'database';
/** `NULLS NOT DISTINCT`, `security_invoker` and MERGE are from 15 on. */
const oldestVersion = 15;
const timeoutMs = 5_000;

export async function checkDatabase(
  databaseUrl: string,
  kind: string,
  migrations: MigrationClasses,
): Promise<Finding[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: timeoutMs });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<DatabaseFacts>(factsSql);
    const findings = rows.flatMap((facts) => databaseFindings(facts, kind));
    return [...findings, pendingFinding(await pendingOf(databaseUrl, migrations))];
  } finally {
    await client.end();
  }
}

export function databaseFindings(facts: DatabaseFacts, kind: string): Finding[] {
  const tooOld: Finding[] =
    facts.versionNumber < oldestVersion * 10_000
      ? [broken(`PostgreSQL ${facts.version}`, `Use PostgreSQL ${oldestVersion} or newer.`)]
      : [];
  const found = [...tooOld, ...rolePowers(facts).map((what) => broken(what, powersAdvice))];
  if (found.length > 0) return found;
  return [{ area, level: 'ok', found: `${kind}, PostgreSQL ${facts.version}, role ${facts.role} owns nothing` }];
}

function broken(what: string, next: string): Finding {
  return { area, level: 'broken', found: what, next };
}

export function pendingFinding(pending: readonly string[]): Finding {
  if (pending.length === 0) return { area: 'migrations', level: 'ok', found: 'the schema is up to date' };
  const found = `${pending.length} pending, first: ${pending.toSorted(byTimestamp)[0] ?? ''}`;
  return { area: 'migrations', level: 'broken', found, next: 'Run: npm run migrate' };
}

/** Names end with the 13 digits of their time. */
function byTimestamp(left: string, right: string): number {
  return Number(left.slice(-13)) - Number(right.slice(-13));
}

async function pendingOf(databaseUrl: string, migrations: MigrationClasses): Promise<string[]> {
  const dataSource = new DataSource(dataSourceOptions(databaseUrl, 1));
  await dataSource.initialize();
  try {
    return await pendingMigrations(dataSource, migrations);
  } finally {
    await dataSource.destroy();
  }
}
