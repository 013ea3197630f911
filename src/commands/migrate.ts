import '../utc.js';
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { loadConfig, type Config } from '../../config/index.js';
import * as migrations from '../../migrations/index.js';
import { bootstrapDatabase, defaultRoles } from '../platform/db/roles.js';
import { locateDatabase } from '../platform/db/locate.js';
import { migrate } from '../platform/db/migrate.js';
import { createBucket } from '../platform/storage/index.js';
import { startProblem } from '../start-problem.js';

/**
 * `npm run migrate`: brings the schema up to date as the owner role. `-- --bootstrap` first creates database roles on an
 * external server (with the passwords of DATABASE_URL and QUEUE_DATABASE_URL) and the bucket of a fresh MinIO.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { bootstrap: { type: 'boolean', default: false } } });
  const config = loadConfig(process.env);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const database = await locateDatabase(config, say);
  try {
    if (database.ownerUrl === undefined)
      throw new Error('DATABASE_OWNER_URL is needed: migrations run as the owner of the tables');
    if (values.bootstrap && database.kind === 'external') {
      await bootstrapExternal(config, database.ownerUrl);
      await createBucket(config);
      say('roles and bucket are in place');
    }
    const ran = await migrate(database.ownerUrl, database.queueUrl, Object.values(migrations));
    say(ran.length === 0 ? 'the schema is up to date' : `ran ${ran.length} migration(s):\n  ${ran.join('\n  ')}`);
  } finally {
    await database.leave();
  }
}

/** The owner of DATABASE_OWNER_URL stays as it is; the other roles get the passwords their URLs name. */
async function bootstrapExternal(config: Config, ownerUrl: string): Promise<void> {
  const app = credentialsOf('DATABASE_URL', config.DATABASE_URL, defaultRoles.app);
  const queue = credentialsOf('QUEUE_DATABASE_URL', config.QUEUE_DATABASE_URL, defaultRoles.queue);
  const owner = new URL(ownerUrl);
  await bootstrapDatabase(ownerUrl, {
    database: decodeURIComponent(owner.pathname.slice(1)),
    roles: { owner: decodeURIComponent(owner.username) },
    passwords: {
      passwordOf: async (role) => {
        const named = [app, queue].find((one) => one?.name === role);
        if (named !== undefined) return named.password;
        // With Redis nobody signs in as the queue role; a later move to PostgreSQL names its password in a bootstrap of its own.
        if (config.REDIS_URL !== undefined) return randomBytes(24).toString('base64url');
        throw new Error(`no URL names the password of role ${role}`);
      },
    },
  });
}

/** @throws Error when the URL signs in as anybody else: migrations grant to the roles by name */
function credentialsOf(
  setting: string,
  url: string | undefined,
  role: string,
): { name: string; password: string } | undefined {
  if (url === undefined) return undefined;
  const { username, password } = new URL(url);
  if (decodeURIComponent(username) !== role) throw new Error(`${setting} must sign in as ${role}`);
  return { name: role, password: decodeURIComponent(password) };
}

main().catch((error: unknown) => {
  process.stderr.write(`migrate: ${startProblem(error)}\n`);
  process.exit(1);
});
