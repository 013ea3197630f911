import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Database, type Channel, type Hear, type Tx } from '../../platform/db/index.js';

/** Tells the streams of this process and of all others that something changed in a thread. */
@Injectable()
export class ThreadBell implements BeforeApplicationShutdown {
  private readonly channel: Channel;
  private hear: Hear | undefined;

  constructor(db: Database) {
    this.channel = db.channel('pharmonico_threads');
  }

  /** Once the transaction is committed. */
  ring(tx: Tx, threadId: string): void {
    tx.onCommit(() => this.announce([threadId]));
  }

  /** Of what is committed. */
  announce(threadIds: readonly string[]): void {
    if (threadIds.length === 0) return;
    this.channel.send(threadIds);
    this.hear?.(threadIds);
  }

  /** One listener per process; the connection it needs is opened with the first stream. */
  listen(hear: Hear): void {
    if (this.hear === undefined) this.channel.listen(hear);
    this.hear = hear;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.channel.stop();
  }
}
