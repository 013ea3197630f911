import { Logger } from '@nestjs/common';
import { codeOf } from '../jobs/index.js';

/** Work of a few milliseconds on our own tables, so frequent that rows about it would outweigh it. */
export interface Repeated {
  name: string;
  everyMs: number;
  /** @returns whether more waits: it is then run again at once */
  run(): Promise<boolean>;
}

/** Runs it again and again, never twice at a time; a failure costs one pause. */
export class Repetition {
  private readonly logger = new Logger(Repetition.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private started = false;
  private failing = false;

  constructor(private readonly work: Repeated) {}

  start(): void {
    this.started = true;
    this.next(0);
  }

  /** Waits for the run under way and runs a last time, for what has come since. A backlog is left to the next process. */
  async finish(): Promise<void> {
    if (!this.started) return;
    this.started = false;
    clearTimeout(this.timer);
    await this.running;
    await this.drain(() => false);
  }

  private next(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.drain(() => this.started).finally(() => {
        if (this.started) this.next(this.work.everyMs);
      });
    }, afterMs);
  }

  private async drain(mayGoOn: () => boolean): Promise<void> {
    try {
      while ((await this.work.run()) && mayGoOn());
      if (this.failing) this.logger.log({ msg: 'goes on', name: this.work.name });
      this.failing = false;
    } catch (error) {
      // Said once: an outage of an hour is one line, not thousands.
      if (!this.failing) this.logger.warn({ msg: 'waits', name: this.work.name, code: codeOf(error) });
      this.failing = true;
    }
  }
}
