import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAlive, isRunningPostgres, isStale, parsePidFile } from './postmaster.js';

describe('parsePidFile', () => {
  it('finds pid and port', () => {
    expect(parsePidFile('4711\n/var/lib/pg\n1700000000\n5433\n\n127.0.0.1\n 2197072 3\nready   \n')).toEqual({
      pid: 4711,
      port: 5433,
    });
  });
  it('knows the negated pid of a standalone backend', () => {
    expect(parsePidFile('-4711\n/var/lib/pg\n')).toEqual({ pid: 4711, port: undefined });
  });
  it.each(['', '\n', 'x', '0\n'])('takes %j, a file being written, for none', (text) => {
    expect(parsePidFile(text)).toBeUndefined();
  });
});

describe('isRunningPostgres', () => {
  it.each([
    ['12 (postgres) S 1 12 12', true],
    ['12 (postgres.exe) R 1 12 12', true],
    ['12 (postgres) Z 1 12 12', false],
    ['12 (node) S 1 12 12', false],
    ['12 (a) (b) S 1 12 12', false],
  ])('%s: %s', (stat, expected) => {
    expect(isRunningPostgres(stat)).toBe(expected);
  });
});

describe('isStale', () => {
  it('is true for a process that ended', async () => {
    const child = spawn('true', { stdio: 'ignore' });
    await once(child, 'exit');
    const pid = child.pid ?? 0;
    expect(isAlive(pid)).toBe(false);
    expect(isStale({ pid, port: undefined })).toBe(true);
  });
});
