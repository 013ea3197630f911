import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
/** What a process manager waits before it starts a program again that ended by itself. */
const restartMs = 300;

/** The application as its process manager sees it: started, started again whenever it ends, and killed without warning. */
export class AppProcess {
  private child: ChildProcess | undefined;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();
  /** Ends nobody asked for; a database that is away at the start is a reason. */
  ownEnds = 0;

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly logFile: string,
  ) {}

  start(): void {
    this.running = this.keepRunning();
  }

  /** Of the process group, so that nothing it started survives. */
  async killHard(): Promise<void> {
    const child = this.child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.child?.kill('SIGTERM');
    await this.running;
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopped) {
      const signal = await this.runOnce();
      if (signal === 'SIGKILL') continue;
      this.ownEnds += 1;
      await new Promise((resolve) => setTimeout(resolve, restartMs));
    }
  }

  private runOnce(): Promise<NodeJS.Signals | null> {
    const log = openSync(this.logFile, 'a');
    const child = spawn(process.execPath, ['--enable-source-maps', main], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'], ...this.env },
    });
    closeSync(log);
    this.child = child;
    return new Promise((resolve, reject) => {
      child.once('exit', (_code, signal) => resolve(signal));
      child.once('error', reject);
    });
  }
}
