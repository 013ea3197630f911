import { pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from '../../../config/index.js';
import { requestContext } from '../http/request-context.js';
import { allowed } from './allow-list.js';

/**
 * A write per line costs more than making the line, and each line that is added copies those that wait: some ten at a time. Lines
 * wait this long at most; an exit writes what is left, only `kill -9` can lose the last fifth of a second, and what happened is in
 * PostgreSQL anyway.
 */
const buffered = { sync: false, minLength: 4_096, periodicFlush: 200 };

/** JSON lines on standard output; fields by allow-list; inside a request its id is added. */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>, destination?: DestinationStream): Logger {
  const options = {
    level: config.LOG_LEVEL,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: allowed },
    mixin: () => {
      const context = requestContext();
      return context === undefined ? {} : { requestId: context.requestId };
    },
  };
  return pino(options, destination ?? pino.destination(buffered));
}
