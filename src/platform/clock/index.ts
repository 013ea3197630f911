import { Injectable } from '@nestjs/common';

/** The only source of "now". SQL takes it as a parameter, so a test can freeze the whole platform. */
export abstract class Clock {
  abstract now(): Date;
}

@Injectable()
export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

/** A clock that stands still until it is told to move. */
@Injectable()
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
