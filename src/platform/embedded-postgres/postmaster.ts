import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './error-code.js';

/** What postmaster.pid says (PostgreSQL, src/include/utils/pidfile.h: one fact per line). */
export interface Postmaster {
  pid: number;
  port: number | undefined;
}

const pidFile = (dataDir: string): string => path.join(dataDir, 'postmaster.pid');

export function parsePidFile(text: string): Postmaster | undefined {
  const lines = text.split('\n');
  // A standalone backend (initdb, --single) writes its pid negated.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  const port = Number.parseInt(lines[3] ?? '', 10);
  return pid > 0 ? { pid, port: port > 0 ? port : undefined } : undefined;
}

export function readPostmaster(dataDir: string): Postmaster | undefined {
  const text = readIfThere(pidFile(dataDir));
  return text === undefined ? undefined : parsePidFile(text);
}

/** EPERM means the process exists and belongs to somebody else. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/**
 * True when the kernel gave the pid to another program, or the dead postmaster was never reaped (first process of a container is
 * a program that does not reap). Only Linux can tell; elsewhere a live pid is believed.
 */
export function isStale(postmaster: Postmaster): boolean {
  if (!isAlive(postmaster.pid)) return true;
  const stat = readIfThere(`/proc/${postmaster.pid}/stat`);
  return stat !== undefined && !isRunningPostgres(stat);
}

/** proc(5): pid (comm) state …; comm may itself contain parentheses. */
export function isRunningPostgres(stat: string): boolean {
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const state = stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  return name.startsWith('postgres') && !'ZX'.includes(state);
}

/**
 * Makes PostgreSQL see a stale pid file as stale although the pid is in use. It ignores a file that names its own parent, which
 * we are about to be, and still checks the shared memory named further down, which deleting the file would skip.
 */
export function disownPidFile(dataDir: string): void {
  const text = readIfThere(pidFile(dataDir));
  if (text === undefined) return;
  const known = parsePidFile(text);
  if (!known || !isStale(known)) return;
  writeFileSync(pidFile(dataDir), text.replace(/^-?\d+/, String(process.pid)));
}

/** SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything is written, the pid file goes last. */
export async function stopPostmaster(dataDir: string, timeoutMs: number): Promise<void> {
  const running = readPostmaster(dataDir);
  if (!running || isStale(running)) return;
  interrupt(running.pid);
  const deadline = Date.now() + timeoutMs;
  while (readPostmaster(dataDir)?.pid === running.pid || !isStale(running)) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL (pid ${running.pid}) did not stop within ${timeoutMs} ms.`);
    await sleep(20);
  }
}

function interrupt(pid: number): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    if (!goneCodes.includes(errorCode(error))) throw error;
  }
}

/** ESRCH: the process ended meanwhile, or while its /proc entry was read. */
const goneCodes: readonly unknown[] = ['ENOENT', 'ESRCH'];

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (goneCodes.includes(errorCode(error))) return undefined;
    throw error;
  }
}
