import { spawn } from 'node:child_process';
import { closeSync, fchmodSync, openSync, readSync, fstatSync, ftruncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './ask.js';
import type { Binaries } from './binaries.js';
import { childEnvironment } from './environment.js';
import type { Placement } from './placement.js';

export const host = '127.0.0.1';

const logLimitBytes = 10 * 1024 * 1024;

/** PostgreSQL refuses the setting where the kernel cannot tell (POLLRDHUP and its likes). */
const checksClients = ['linux', 'darwin', 'freebsd'].includes(process.platform);

/** Errors of statements quote values, hence patient data: they go to the application, never to the log (`log` lies above `error`). */
const settings: Record<string, string> = {
  listen_addresses: host,
  unix_socket_directories: '',
  max_connections: '200',
  // A session whose application was killed ends within a second instead of holding locks, or the shared memory, to its end.
  client_connection_check_interval: checksClients ? '1s' : '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** A power cut may destroy the data; a killed process still loses nothing (that would be synchronous_commit off). */
const withoutDurability: Record<string, string> = { fsync: 'off', full_page_writes: 'off' };

export type Launch = { state: 'ready' } | { state: 'refused' } | { state: 'exited'; said: string };

export interface LaunchSettings {
  port: number;
  fsync: boolean;
  /** Milliseconds since the epoch. */
  deadline: number;
  ask: () => Promise<Answer>;
}

/** So long another PostgreSQL may answer on a port it took a moment before ours wanted it: ours ends by itself meanwhile. */
const refusalToleratedMs = 2_000;

/**
 * Starts the server and waits until it answers or ends; `refused`: it runs and our password does not open it. Detached, in its
 * own process group: Ctrl-C in the terminal must not stop it before the application has drained.
 */
export async function launch(
  place: Placement,
  binaries: Binaries,
  { port, fsync, deadline, ask }: LaunchSettings,
): Promise<Launch> {
  const log = openSync(place.logFile, 'a+', 0o600);
  try {
    fchmodSync(log, 0o600);
    if (fstatSync(log).size > logLimitBytes) ftruncateSync(log);
    const before = fstatSync(log).size;
    const child = spawn(binaries.postgres, ['-D', place.dataDir, ...settingArguments(port, fsync)], {
      ...place.account,
      cwd: '/',
      env: childEnvironment,
      detached: true,
      stdio: ['ignore', 'ignore', log],
    });
    let exit: string | undefined;
    child.once('exit', (code, signal) => (exit = `ended with ${signal ?? `status ${code ?? 'unknown'}`}`));
    child.once('error', (error) => (exit = error.message));
    child.unref();
    let refusedSince: number | undefined;
    while (exit === undefined && Date.now() < deadline) {
      const answer = await ask();
      if (answer === 'ours') return { state: 'ready' };
      refusedSince = answer === 'refused' ? (refusedSince ?? Date.now()) : undefined;
      if (refusedSince !== undefined && Date.now() - refusedSince > refusalToleratedMs) {
        return { state: 'refused' };
      }
      await sleep(20);
    }
    return { state: 'exited', said: `${exit ?? 'did not answer in time'}\n${readFrom(log, before)}` };
  } finally {
    closeSync(log);
  }
}

function settingArguments(port: number, fsync: boolean): string[] {
  const all = { ...settings, port: String(port), ...(fsync ? {} : withoutDurability) };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function readFrom(file: number, start: number): string {
  const buffer = Buffer.alloc(Math.min(Math.max(fstatSync(file).size - start, 0), 4096));
  const length = readSync(file, buffer, 0, buffer.length, start);
  return buffer.toString('utf8', 0, length).trim();
}

/** The wanted port when it is free, else one the kernel chooses. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  try {
    return await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: wanted, exclusive: true }, () => {
        const address = server.address();
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('The kernel gave no port.'));
      });
    });
  } catch (error) {
    if (wanted !== 0) return await freePort();
    throw error;
  } finally {
    server.close();
  }
}
