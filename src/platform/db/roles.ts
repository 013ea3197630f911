import pg from 'pg';
import { scramVerifier } from './scram.js';

/** Where the passwords of the roles are kept; an unknown one is made and remembered. */
export interface RolePasswords {
  passwordOf(role: string): Promise<string>;
}

export interface RoleNames {
  /** Owns the database and schema public, runs migrations, never serves a request. */
  owner: string;
  /** Serves requests: owns nothing, bypasses nothing. */
  app: string;
  /** Owns schema bullmq and nothing else: BullMQ creates sequences at run time, so table grants would not do. */
  queue: string;
  /** Narrow roles the app takes on for one transaction (SET LOCAL ROLE); migrations grant them their tables. */
  narrow: readonly string[];
}

export const defaultRoles: RoleNames = {
  owner: 'pharmonico_owner',
  app: 'pharmonico_app',
  queue: 'pharmonico_queue',
  narrow: ['pharmonico_relay', 'pharmonico_sealer'],
};

const queueSchema = 'bullmq';

export interface DatabaseUrls {
  /** The app role. */
  databaseUrl: string;
  ownerUrl: string;
  queueUrl: string;
}

export interface BootstrapOptions {
  passwords: RolePasswords;
  /** Default `pharmonico`. */
  database?: string;
  /** The owner may be the role of `adminUrl` itself: it is then left as it is. */
  roles?: Partial<RoleNames>;
}

/** Arbitrary and fixed: bootstraps of one server, and changes to the rights of one database, happen one after another. */
const bootstrapLock = 7_302_601;
const rightsLock = 7_302_603;

/**
 * Creates database and roles, or brings them to this state: any number of times, in several processes at once. `adminUrl` is a
 * superuser, or a role with CREATEROLE and CREATEDB. Rights on tables that exist already are not touched: they belong to the
 * migrations, which narrow them (an append-only table stays append-only).
 */
export async function bootstrapDatabase(adminUrl: string, options: BootstrapOptions): Promise<DatabaseUrls> {
  const database = options.database ?? 'pharmonico';
  const roles = { ...defaultRoles, ...options.roles };
  return await withClient(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [bootstrapLock]);
    const urls = await ensureRoles(admin, adminUrl, database, roles, options.passwords);
    const known = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (known.rowCount === 0) await createOwnedDatabase(admin, database, roles.owner);
    await grantDatabaseAccess(databaseUrlAt(adminUrl, database), roles);
    return urls;
  });
}

/** `template` must have no open connection. Rights on the database itself are not copied with it: see grantDatabaseAccess. */
export async function createOwnedDatabase(admin: pg.Client, database: string, owner: string, template?: string) {
  const from = template === undefined ? '' : ` TEMPLATE ${pg.escapeIdentifier(template)}`;
  await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${pg.escapeIdentifier(owner)}${from}`);
}

/** Everything that is kept per database: who may connect, who owns which schema, what the app may do with future tables. */
export async function grantDatabaseAccess(adminUrl: string, roles: RoleNames = defaultRoles): Promise<void> {
  const [owner, app, queue] = [roles.owner, roles.app, roles.queue].map((name) => pg.escapeIdentifier(name));
  const narrow = roles.narrow.map((name) => pg.escapeIdentifier(name)).join(', ');
  await withClient(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [rightsLock]);
    const { rows } = await admin.query<{ name: string; owned: boolean }>(
      `SELECT datname AS name, datdba = $1::regrole AS owned FROM pg_database WHERE datname = current_database()`,
      [owner],
    );
    const name = pg.escapeIdentifier(rows[0]?.name ?? '');
    if (!rows[0]?.owned) await admin.query(`ALTER DATABASE ${name} OWNER TO ${owner}`);
    await admin.query(`CREATE SCHEMA IF NOT EXISTS ${queueSchema} AUTHORIZATION ${queue}`);
    await admin.query(`ALTER ROLE ${queue} IN DATABASE ${name} SET search_path = ${queueSchema}`);
    await admin.query(`SET ROLE ${owner}`);
    await admin.query(`
      REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
      REVOKE CREATE ON DATABASE ${name} FROM ${queue};
      GRANT CONNECT ON DATABASE ${name} TO ${app}, ${queue};
      -- BullMQ adds jobs in bulk by way of a temporary table.
      GRANT TEMPORARY ON DATABASE ${name} TO ${queue};
      ALTER SCHEMA public OWNER TO ${owner};
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      GRANT USAGE ON SCHEMA public TO ${[app, narrow].filter(Boolean).join(', ')};
      ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app};
      ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO ${app};
    `);
  });
}

/**
 * Runs BullMQ's migrations with the one right they want and the queue role must not keep: CREATE on the database, even when the
 * schema exists. `ownerUrl`: a superuser or the owner, in the database the queue lives in.
 */
export async function withQueueMigrationGrant<T>(
  ownerUrl: string,
  migrate: () => Promise<T>,
  queueRole: string = defaultRoles.queue,
): Promise<T> {
  const queue = pg.escapeIdentifier(queueRole);
  return await withClient(ownerUrl, async (owner) => {
    await owner.query('SELECT pg_advisory_lock($1)', [rightsLock]);
    const { rows } = await owner.query<{ name: string }>('SELECT current_database() AS name');
    const name = pg.escapeIdentifier(rows[0]?.name ?? '');
    await owner.query(`GRANT CREATE ON DATABASE ${name} TO ${queue}`);
    try {
      return await migrate();
    } finally {
      await owner.query(`REVOKE CREATE ON DATABASE ${name} FROM ${queue}`);
    }
  });
}

async function ensureRoles(
  admin: pg.Client,
  adminUrl: string,
  database: string,
  roles: RoleNames,
  passwords: RolePasswords,
): Promise<DatabaseUrls> {
  const self = await admin.query<{ name: string }>('SELECT current_user AS name');
  const adminName = self.rows[0]?.name ?? '';
  const urlOf = async (role: string, attributes: string): Promise<string> => {
    const base = databaseUrlAt(adminUrl, database);
    if (role === adminName) return base;
    const password = await passwords.passwordOf(role);
    await ensureRole(admin, role, `LOGIN ${attributes}`, password);
    return withCredentials(base, role, password);
  };
  const ownerUrl = await urlOf(roles.owner, '');
  // NOINHERIT: the narrow roles' rights are there after SET LOCAL ROLE only.
  const databaseUrl = await urlOf(roles.app, 'NOINHERIT');
  const queueUrl = await urlOf(roles.queue, '');
  for (const role of roles.narrow) {
    await ensureRole(admin, role, 'NOLOGIN');
    await admin.query(`GRANT ${pg.escapeIdentifier(role)} TO ${pg.escapeIdentifier(roles.app)}`);
  }
  await takeMembership(admin, adminName, [roles.owner, roles.queue]);
  await refusePowerful(admin, [roles.app, roles.queue, ...roles.narrow]);
  return { databaseUrl, ownerUrl, queueUrl };
}

/** NOSUPERUSER and NOBYPASSRLS are the defaults and may not even be named by a CREATEROLE role; refusePowerful proves them. */
async function ensureRole(admin: pg.Client, role: string, attributes: string, password?: string): Promise<void> {
  const known = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  // The verifier, not the password: statements can end up in the server's log.
  const secret = password === undefined ? '' : ` PASSWORD ${pg.escapeLiteral(await scramVerifier(password))}`;
  const verb = known.rowCount === 0 ? 'CREATE' : 'ALTER';
  await admin.query(`${verb} ROLE ${pg.escapeIdentifier(role)} ${attributes}${secret}`);
}

/** From PostgreSQL 16 on, who creates a role may grant it but does not act as it; a superuser always does. */
async function takeMembership(admin: pg.Client, adminName: string, roles: readonly string[]): Promise<void> {
  const { rows } = await admin.query<{ superuser: boolean }>(
    'SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = current_user',
  );
  if (rows[0]?.superuser) return;
  for (const role of roles.filter((name) => name !== adminName)) {
    await admin.query(`GRANT ${pg.escapeIdentifier(role)} TO ${pg.escapeIdentifier(adminName)}`);
  }
}

async function refusePowerful(admin: pg.Client, roles: readonly string[]): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    'SELECT rolname AS name FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls)',
    [roles],
  );
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(', ');
  throw new Error(`Roles that must obey row level security are superuser or have BYPASSRLS: ${names}.`);
}

export function databaseUrlAt(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}

function withCredentials(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(user);
  changed.password = encodeURIComponent(password);
  return changed.href;
}

export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
  settings: Pick<pg.ClientConfig, 'options'> = {},
): Promise<T> {
  const client = new pg.Client({ connectionString: url, ...settings });
  // Of a connection that breaks between two statements; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
