import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { chmod, mkdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { canEnter, chooseAccount, runsAsRoot, type Account } from './account.js';

/** Where a cluster lives and who runs it. All files of one cluster lie side by side. */
export interface Placement {
  account: Account | undefined;
  dataDir: string;
  secretsFile: string;
  logFile: string;
  /** A folder the account can enter, for a copy of the binaries. */
  copyHome: () => Promise<string>;
}

/** Kept over reboots first; a read-only container may leave only the last. */
const sharedHomes = ['/var/lib/pharmonico', '/var/tmp/pharmonico', path.join(tmpdir(), 'pharmonico')];

/** The wanted folder when the account can reach it, else one named after it in a shared home (root below a 0700 folder). */
export async function placeCluster(wanted: string, log: (line: string) => void): Promise<Placement> {
  const wantedDir = path.resolve(wanted);
  await mkdir(path.dirname(wantedDir), { recursive: true });
  const parent = await realpath(path.dirname(wantedDir));
  const direct = path.join(parent, path.basename(wantedDir));
  const account = chooseAccount(direct);
  if (canEnter(account, parent)) return placementAt(direct, account, parent);

  const home = await sharedHome(account);
  const key = createHash('sha256').update(direct).digest('hex').slice(0, 16);
  const moved = path.join(home, 'data', key);
  await mkdir(path.dirname(moved), { recursive: true, mode: 0o755 });
  await chmod(path.dirname(moved), 0o755);
  log(`PostgreSQL's account cannot enter ${parent}; the data folder is ${moved}`);
  return placementAt(moved, chooseAccount(moved), parent);
}

function placementAt(dataDir: string, account: Account | undefined, parent: string): Placement {
  return {
    account,
    dataDir,
    secretsFile: `${dataDir}.secrets.json`,
    logFile: `${dataDir}.log`,
    copyHome: runsAsRoot() ? () => sharedHome(account) : () => Promise.resolve(parent),
  };
}

async function sharedHome(account: Account | undefined): Promise<string> {
  for (const home of sharedHomes) {
    const made = await mkdir(home, { recursive: true, mode: 0o755 }).catch(() => null);
    if (made === null) continue;
    if (made !== undefined) await chmod(home, 0o755);
    if (isOurs(home) && canEnter(account, home)) return home;
  }
  throw new Error(
    `No folder for PostgreSQL: none of ${sharedHomes.join(', ')} can be written by us and entered by it.`,
  );
}

/** In a folder everybody may write to, another user could have made ours first. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
