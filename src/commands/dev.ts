import '../utc.js';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { loadConfig } from '../../config/index.js';
import * as migrations from '../../migrations/index.js';
import { keepAccounts } from '../demo/accounts.js';
import { claimData, refuseForeignData } from '../demo/data-claim.js';
import { onInterrupt } from '../demo/interrupts.js';
import { startSandboxProcess } from '../demo/sandbox-process.js';
import { newSandboxSecrets } from '../demo/sandbox-settings.js';
import { locateDatabase } from '../platform/db/locate.js';
import { migrate } from '../platform/db/migrate.js';

/** Simulated seconds per second: a parcel of four days is ten minutes under way. SANDBOX_SPEED says otherwise. */
const defaultSpeed = 600;

/** `npm run dev`: database, schema, sandbox, and the product restarted whenever its code changes. Ctrl-C ends all of it. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const database = await locateDatabase(config, say);
  const claim = await claimData(database.databaseUrl);
  // The first administrator is made once, by the demo or here: both keep the sign-in in the data folder.
  const accounts = await keepAccounts(config.DATA_DIR, process.env);
  await refuseForeignData(database.databaseUrl, accounts);
  if (database.ownerUrl !== undefined) await migrate(database.ownerUrl, database.queueUrl, Object.values(migrations));
  const sandbox = await startSandboxProcess({
    appUrl: `http://127.0.0.1:${config.PORT}`,
    speed: Number(process.env['SANDBOX_SPEED'] || defaultSpeed),
    dataDir: join(config.DATA_DIR, 'sandbox'),
    secrets: newSandboxSecrets(),
    brand: config.BRAND_NAME,
    port: 4400,
    smtpPort: 4425,
  });
  const development = { ADMIN_EMAIL: accounts.adminEmail, ADMIN_PASSWORD: accounts.adminPassword, ...process.env };
  say(`sandbox ${sandbox.url}   product http://127.0.0.1:${config.PORT}/docs`);
  if (process.env['ADMIN_PASSWORD'] === undefined) {
    say(`first administrator ${development.ADMIN_EMAIL}   password ${development.ADMIN_PASSWORD}`);
  }
  const nest = spawn(process.execPath, [join('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'start', '--watch'], {
    stdio: 'inherit',
    env: { ...sandbox.settings, PUBLIC_URL: `http://127.0.0.1:${config.PORT}`, ...development },
    detached: true, // a group of its own: the watcher leaves its application behind when it alone is told to stop
  });
  const stop = async () => {
    if (nest.pid !== undefined) process.kill(-nest.pid, 'SIGTERM');
    await new Promise((resolve) => nest.once('exit', resolve));
    await sandbox.stop();
    await claim.stop();
    await database.stop();
  };
  onInterrupt(() => {
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`dev: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});
