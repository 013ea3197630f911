import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** The operating-system account PostgreSQL runs under. */
export interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root; these accounts exist already, so nothing is created on the system. */
const unprivilegedNames = ['postgres', 'nobody'];

export const runsAsRoot = (): boolean => process.getuid?.() === 0;

export function accountNamed(passwd: string, name: string): Account | undefined {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([login]) => login === name);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : undefined;
}

/**
 * Undefined: run as ourselves. As root, data that somebody made earlier keeps its owner, else the first unprivileged account
 * of the system is taken.
 */
export function chooseAccount(dataDir: string): Account | undefined {
  if (!runsAsRoot()) return undefined;
  const existing = statSync(dataDir, { throwIfNoEntry: false });
  if (existing && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const passwd = readFileSync('/etc/passwd', 'utf8');
  for (const name of unprivilegedNames) {
    const account = accountNamed(passwd, name);
    if (account) return account;
  }
  throw new Error('PostgreSQL does not run as root and /etc/passwd has neither postgres nor nobody. Set DATABASE_URL.');
}

/** Asked of the kernel, as that account: mode bits alone miss access lists and mounts. */
export function canEnter(account: Account | undefined, folder: string): boolean {
  if (!account) return true;
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { ...account, cwd: '/' }).status === 0;
}
