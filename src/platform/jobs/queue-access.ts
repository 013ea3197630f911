import { Logger } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { createQueueBackend, type QueueBackend } from './queue-backend.js';
import { codeOf } from './retry.js';

/** Injection token of `QueueAccess`. */
export const QUEUE_BACKEND = Symbol('queue backend');

/** Opens the queue backend when it is first needed: an API process that nobody asks about queues never does. */
export class QueueAccess {
  private readonly logger = new Logger(QueueAccess.name);
  private opened: QueueBackend | undefined;
  private quietUntil = 0;

  constructor(
    private readonly config: Config,
    private readonly queueUrl: string | undefined,
  ) {}

  get backend(): QueueBackend {
    this.opened ??= createQueueBackend(this.config, this.queueUrl, (part, error) => this.note(part, error));
    return this.opened;
  }

  async close(): Promise<void> {
    await this.opened?.close();
    this.opened = undefined;
  }

  /** A neighbour that is away makes every handle complain several times a second; one line in five seconds is enough. */
  private note(part: string, error: Error): void {
    const now = Date.now();
    if (now < this.quietUntil) return;
    this.quietUntil = now + 5_000;
    this.logger.warn({ msg: 'queue trouble', part, code: codeOf(error) });
  }
}
