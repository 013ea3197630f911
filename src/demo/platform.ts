import { join } from 'node:path';
import { loadConfig, type Config } from '../../config/index.js';
import * as migrations from '../../migrations/index.js';
import { locateDatabase, type DatabaseLocation } from '../platform/db/locate.js';
import { migrate } from '../platform/db/migrate.js';
import { start, type RunningApplication } from '../start.js';
import type { KeptAccounts } from './accounts.js';
import { claimData, refuseForeignData } from './data-claim.js';
import { usablePort } from './ports.js';
import { startSandboxProcess, type SandboxProcess } from './sandbox-process.js';
import { newSandboxSecrets } from './sandbox-settings.js';

export interface DemoPlatform {
  url: string;
  sandboxUrl: string;
  /** Application, then sandbox, then database. */
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What suits a demo unless the environment says otherwise: quiet, and quick to try again. */
const demoDefaults = { LOG_LEVEL: 'fatal', RETRY_SCALE: '0.1', OUTBOX_POLL_MS: '200' };
const notForProduction = 'the demo invents people and vendors; it is not for production (NODE_ENV)';
const sandboxPorts = { port: 4400, smtpPort: 4425 };

/** Starts database, schema, vendors and the whole application in this process. */
export async function startPlatform(
  env: Environment,
  accounts: KeptAccounts,
  say: (line: string) => void,
): Promise<DemoPlatform> {
  if (env['NODE_ENV'] === 'production') throw new Error(notForProduction);
  const wanted = loadConfig(env);
  const started: { stop(): Promise<unknown> }[] = [];
  const stop = async () => {
    for (const one of started.splice(0).toReversed()) await one.stop();
  };
  try {
    const database = await locateDatabase(wanted, say);
    const claim = await claimData(database.databaseUrl);
    started.push(database, claim);
    await refuseForeignData(database.databaseUrl, accounts);
    await bringUpToDate(database, say);
    const port = await usablePort(wanted.PORT, wanted.HOST);
    if (port !== wanted.PORT && wanted.PORT !== 0)
      say(`port ${wanted.PORT} is taken; the application listens on ${port}`);
    const sandbox = await startSandbox(wanted, port);
    started.push(sandbox);
    const running = await startApplication(env, accounts, sandbox, database, port);
    started.push(running);
    return { url: `http://127.0.0.1:${port}`, sandboxUrl: sandbox.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUpToDate(database: DatabaseLocation, say: (line: string) => void): Promise<void> {
  if (database.ownerUrl === undefined) {
    say('DATABASE_OWNER_URL is not set: the schema is taken as it is');
    return;
  }
  const ran = await migrate(database.ownerUrl, database.queueUrl, Object.values(migrations));
  if (ran.length > 0) say(`${ran.length} migrations ran`);
}

function startSandbox({ DATA_DIR, BRAND_NAME }: Config, port: number): Promise<SandboxProcess> {
  return startSandboxProcess({
    appUrl: `http://127.0.0.1:${port}`,
    speed: 0,
    dataDir: join(DATA_DIR, 'sandbox'),
    secrets: newSandboxSecrets(),
    brand: BRAND_NAME,
    ...sandboxPorts,
  });
}

function startApplication(
  env: Environment,
  { adminEmail, adminPassword }: KeptAccounts,
  sandbox: SandboxProcess,
  { databaseUrl, queueUrl }: DatabaseLocation,
  port: number,
): Promise<RunningApplication> {
  const config = loadConfig({
    ...demoDefaults,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...env,
    ...sandbox.settings,
    PORT: String(port),
    ADMIN_EMAIL: adminEmail,
    ADMIN_PASSWORD: adminPassword,
  });
  return start({ config, databaseUrl, queueUrl, logger: false });
}
