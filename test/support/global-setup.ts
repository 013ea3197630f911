import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

// Jest loads this file and global-teardown without its module mapper, so neither imports a file of ours. The server itself is
// started by the first test that asks for a database (test-cluster.ts): pure specs pay nothing.

/**
 * Ends the run's PostgreSQL and removes its folder. It waits on a pipe, so it also acts when Jest is killed or interrupted and
 * no teardown runs.
 */
const reaper = `
read -r _
for data in "$0/pg" "$(cat "$0/data-dir" 2>/dev/null)"; do
  [ -f "$data/postmaster.pid" ] || continue
  pid=$(head -n 1 "$data/postmaster.pid")
  kill -QUIT "$pid"
  while kill -0 "$pid" && [ -f "$data/postmaster.pid" ]; do sleep 0.02; done
  rm -rf "$data" "$data.log" "$data.secrets.json"
done
rm -rf "$0"
`;

export default async function setup(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-test-'));
  // PostgreSQL may run under another account than we do (platform/embedded-postgres), which has to pass through.
  await chmod(folder, 0o711);
  const child = spawn('/bin/sh', ['-c', reaper, folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  process.env.PHARMONICO_TEST_RUN_DIR = folder;
  // Jest says nothing of a file whose every test is skipped.
  if (!existsSync(path.join('..', 'shared', 'fixtures')))
    process.stderr.write('../shared/fixtures is not there: the conformance suite is skipped\n');
  globalThis.endTestRun = () =>
    new Promise<void>((resolve) => {
      child.ref();
      child.once('exit', () => resolve());
      child.stdin.end();
    });
}

declare global {
  var endTestRun: (() => Promise<void>) | undefined;
}
