import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../platform/db/data-source.js';
import { pendingMigrations, type MigrationClasses } from '../../platform/db/migrate.js';
import type { Finding } from './finding.js';

const area = 'database';
/** `NULLS NOT DISTINCT`, `security_invoker` and MERGE are from 15 on. */
const oldestVersion = 15;
const timeoutMs = 5_000;

export interface DatabaseFacts {
  versionNumber: number;
  version: string;
  role: string;
  superuser: boolean;
  bypassesRowSecurity: boolean;
  owns: number;
}

const factsSql = `SELECT current_setting('server_version_num')::int AS "versionNumber", current_setting('server_version') AS version,
  r.rolname AS role, r.rolsuper AS superuser, r.rolbypassrls AS "bypassesRowSecurity",
  (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm')) AS owns
  FROM pg_roles r WHERE r.rolname = current_user`;

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
  const problems: [boolean, string, string][] = [
    [
      facts.versionNumber < oldestVersion * 10_000,
      `PostgreSQL ${facts.version}`,
      `Use PostgreSQL ${oldestVersion} or newer.`,
    ],
    [facts.superuser, `role ${facts.role} is a superuser`, asAppRole],
    [facts.bypassesRowSecurity, `role ${facts.role} bypasses row-level security`, asAppRole],
    [facts.owns > 0, `role ${facts.role} owns ${facts.owns} table(s) or view(s)`, asAppRole],
  ];
  const found = problems
    .filter(([is]) => is)
    .map(([, what, next]): Finding => ({ area, level: 'broken', found: what, next }));
  if (found.length > 0) return found;
  return [{ area, level: 'ok', found: `${kind}, PostgreSQL ${facts.version}, role ${facts.role} owns nothing` }];
}

const asAppRole =
  'Let DATABASE_URL name the application role; `npm run migrate -- --bootstrap` creates the roles, DATABASE_OWNER_URL keeps the owner.';

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
