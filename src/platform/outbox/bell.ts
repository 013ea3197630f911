import { Injectable } from '@nestjs/common';

/**
 * Wakes the relay of this process after a commit. It may be lost: the relay's poll finds the row anyway. A process without a
 * relay passes it on to those that have one (`Lifecycle`).
 */
@Injectable()
export class Bell {
  private readonly listeners = new Set<() => void>();

  onRing(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  ring(): void {
    for (const listener of this.listeners) listener();
  }
}
