import { Clock } from '../../src/platform/clock/index.js';

/** A clock that stands still until it is told to move. */
export class FrozenClock extends Clock {
  private at = new Date();

  now(): Date {
    return new Date(this.at);
  }

  set(at: Date | string): void {
    this.at = new Date(at);
  }

  advance(milliseconds: number): void {
    this.at = new Date(this.at.getTime() + milliseconds);
  }
}
