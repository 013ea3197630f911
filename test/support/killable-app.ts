import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startProgram, startsWithinMs } from './process.js';
import { until } from './until.js';

/** The built application as a process of its own, which ends without warning and starts again at the same address. */
export class KillableApp {
  private child: ChildProcess | undefined;

  constructor(
    readonly url: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { port } = new URL(this.url);
    this.child = startProgram('main.js', {
      NODE_ENV: 'test',
      PORT: port,
      PUBLIC_URL: this.url,
      ...this.settings,
    }).child;
    const alive = () =>
      fetch(`${this.url}/api/health/live`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(alive, startsWithinMs);
  }

  /** `kill -9` */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
