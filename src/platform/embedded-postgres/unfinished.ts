import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from './postmaster.js';

/** Nothing made under such a name takes longer, so an older one is abandoned even if its pid is in use again. */
const longestWorkMs = 10 * 60_000;

/** A name beside `goal` to make it under; it is renamed when complete. */
export const unfinishedName = (goal: string): string =>
  `${goal}.unfinished-${process.pid}-${randomBytes(4).toString('hex')}`;

/** Removes what killed processes left, not what another one is making just now. */
export async function removeAbandoned(goal: string): Promise<void> {
  const folder = path.dirname(goal);
  const prefix = `${path.basename(goal)}.unfinished-`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const full = path.join(folder, name);
    const made = await stat(full).catch(() => undefined);
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (!made || (isAlive(pid) && Date.now() - made.mtimeMs < longestWorkMs)) continue;
    await rm(full, { recursive: true, force: true });
  }
}
