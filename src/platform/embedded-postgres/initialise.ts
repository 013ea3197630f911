import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from './environment.js';
import type { Binaries } from './binaries.js';
import type { Placement } from './placement.js';
import { removeAbandoned, unfinishedName } from './unfinished.js';
import { errorCode, unlessTaken } from './error-code.js';

export const superuser = 'postgres';

/**
 * Creates the cluster beside its goal and renames it, so that a crash leaves nothing half-made and of two processes at the
 * same moment one wins and the other uses its result. UTF-8 whatever the locale of the shell says.
 */
export async function initialiseOnce(place: Placement, binaries: Binaries, password: string, fsync: boolean) {
  if (existsSync(path.join(place.dataDir, 'PG_VERSION'))) return;
  await refuseForeignContent(place.dataDir);
  await removeAbandoned(place.dataDir);

  const unfinished = unfinishedName(place.dataDir);
  const passwordFile = `${unfinished}.password`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
    if (place.account) {
      await chown(unfinished, place.account.uid, place.account.gid);
      await chown(passwordFile, place.account.uid, place.account.gid);
    }
    await runInitdb(place, binaries, unfinished, passwordFile, fsync);
    await rename(unfinished, place.dataDir).catch(unlessTaken);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function runInitdb(place: Placement, binaries: Binaries, dir: string, passwordFile: string, fsync: boolean) {
  const settings = ['-D', dir, '-U', superuser, '-E', 'UTF8', '--locale=C', '-A', 'scram-sha-256'];
  const files = [`--pwfile=${passwordFile}`, '--no-instructions', ...(fsync ? [] : ['--no-sync'])];
  try {
    await promisify(execFile)(binaries.initdb, [...settings, ...files], {
      ...place.account,
      cwd: '/',
      env: childEnvironment,
    });
  } catch (cause) {
    const said = typeof cause === 'object' && cause && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new Error(`initdb failed for ${place.dataDir}: ${said}`, { cause });
  }
}

/** rename() replaces an empty folder; anything else there is somebody's and not ours to remove. */
async function refuseForeignContent(dataDir: string): Promise<void> {
  const entries = await readdir(dataDir).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  if (entries.length > 0)
    throw new Error(`${dataDir} is not empty and holds no PostgreSQL data. Choose another folder.`);
}
