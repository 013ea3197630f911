import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** A program of ours that starts on a machine others use as well. */
export const startsWithinMs = 90_000;

export interface Ended {
  status: number | null;
  out: string;
  err: string;
}

/** A program of `dist` with these settings and no others. */
export function startProgram(
  program: string,
  settings: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): { child: ChildProcess; ended: Promise<Ended> } {
  const file = path.join(process.cwd(), 'dist', 'src', program);
  if (!existsSync(file)) throw new Error('dist is missing; run: npm run build');
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return { child, ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, out, err }))) };
}

/** To its end. */
export function runProgram(
  program: string,
  settings: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ended> {
  return startProgram(program, settings, args).ended;
}
