import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';
import { fieldsOfError, type LogFields } from './allow-list.js';

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug';

/** Nest's own logging and every `new Logger(Name)` of ours, as JSON lines. The last argument Nest passes is the context. */
export class NestLogger implements LoggerService {
  constructor(private readonly sink: Logger) {}

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(chatter.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    this.sink[level](fieldsOf(message, rest));
  }
}

/** Nest announces every route and module at start; that is noise outside debugging. */
const chatter = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory']);

function fieldsOf(message: unknown, rest: readonly unknown[]): LogFields {
  const last = rest.at(-1);
  const context = typeof last === 'string' ? { context: last } : {};
  const error = [message, ...rest].find((part) => part instanceof Error);
  if (error instanceof Error) return { msg: 'error', ...fieldsOfError(error), ...context };
  if (typeof message === 'string') return { msg: message, ...context };
  if (typeof message === 'object' && message !== null) return { ...message, ...context };
  return { msg: String(message), ...context };
}
