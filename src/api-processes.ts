import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerForAllProcesses } from './platform/metrics/all-processes.js';

/** Between two tries to replace a process, for as long as what replaces it ends before it answers. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Processes of this program that answer requests at one port, as Node runs the code of one on one core. One that dies is
 * replaced. They end with this process, also when it is killed.
 */
export class ApiProcesses {
  private isStopping = false;

  /** @param env what they are told beside the settings of this process */
  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly log: (line: string) => void,
  ) {}

  /** @throws Error when one ends before it answers; it has said why */
  async start(count: number): Promise<void> {
    answerForAllProcesses();
    const answering = await Promise.all(Array.from({ length: count }, () => this.begin()));
    if (!answering.every(Boolean)) {
      await this.stop();
      throw new Error('a process that was to answer requests ended before it did');
    }
    this.log(`${count} API processes answer`);
  }

  /** Each finishes what it is answering. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const left = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    for (const worker of left) worker.process.kill('SIGTERM');
    await Promise.all(left.map(endOf));
  }

  /** @returns false when it ended before it answered */
  private async begin(): Promise<boolean> {
    const worker = cluster.fork(this.env);
    // What is sent to one that has just died is an `error` of it, before its end is seen; unheard it would end this process.
    worker.on('error', () => undefined);
    const ended = endOf(worker);
    const answers = await Promise.race([once(worker, 'listening').then(() => true), ended.then(() => false)]);
    if (answers) void ended.then(() => this.replace(worker));
    return answers;
  }

  private async replace(dead: Worker): Promise<void> {
    if (!this.isStopping) this.log(`API process ${dead.process.pid ?? ''} ended; another one takes its place`);
    for (let pauseMs = firstPauseMs; !this.isStopping; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      if (await this.begin()) {
        this.log('as many API processes answer as before');
        return;
      }
      await sleep(pauseMs);
    }
  }
}

/** A process that could not be made at all has no end of its own, only an error. */
function endOf(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    if (worker.process.pid === undefined) resolve();
  });
}
