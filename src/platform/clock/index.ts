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
