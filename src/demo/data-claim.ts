import pg from 'pg';
import { passwordMatches } from '../modules/auth/index.js';
import type { KeptAccounts } from './accounts.js';

/** Two on the same data would work at each other's jobs with different vendors, and the first to end would take the database along. */
const demoLock = 7_302_699;

export const foreignAccounts =
  'this database has other accounts already: name an administrator in ADMIN_EMAIL and ADMIN_PASSWORD';

/** What a demo or `npm run dev` holds while it works on its data. */
export interface DataClaim {
  stop(): Promise<void>;
}

/** @throws Error when another one works on the same data; its database is left running */
export async function claimData(databaseUrl: string): Promise<DataClaim> {
  const client = await connected(databaseUrl);
  const { rows } = await client.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1) AS ours', [demoLock]);
  if (rows[0]?.ours === true) return { stop: () => client.end() };
  await client.end();
  throw new Error('a demo or `npm run dev` works on this data already; end it, or set DATA_DIR to another folder');
}

/**
 * Before anything works on the data: jobs of a real installation must not meet invented vendors.
 * @throws Error that says what to do when the database has people, and not this administrator
 */
export async function refuseForeignData(
  databaseUrl: string,
  { adminEmail, adminPassword }: KeptAccounts,
): Promise<void> {
  const client = await connected(databaseUrl);
  try {
    const { rows: tables } = await client.query<{ users: string | null }>(
      `SELECT to_regclass('public.users') AS users`,
    );
    if (tables[0]?.users === null) return;
    await client.query(`SELECT set_config('app.role', 'system', false)`);
    const { rows } = await client.query<{ email: string; hash: string }>(
      `SELECT email, password_hash AS hash FROM users ORDER BY lower(email) = lower($1) DESC LIMIT 1`,
      [adminEmail],
    );
    const [user] = rows;
    if (user === undefined) return;
    const isAdmin = user.email.toLowerCase() === adminEmail.toLowerCase();
    if (!isAdmin || !(await passwordMatches(user.hash, adminPassword))) throw new Error(foreignAccounts);
  } finally {
    await client.end();
  }
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
