import { Injectable } from '@nestjs/common';

/**
 * Wakes relays after a commit. It may be lost: the relay's poll finds the row anyway. In-process relays listen here; the
 * `Notifier` passes it on to other processes, at most once every few milliseconds, because NOTIFY serializes commits.
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
