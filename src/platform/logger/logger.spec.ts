import { framesOf } from './frames.js';
import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

function capture() {
  const lines: Record<string, unknown>[] = [];
  const sink = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = new NestLogger(createLogger({ LOG_LEVEL: 'debug' }, sink));
  return { lines, logger };
}

describe('the log', () => {
  it('drops every field that is not on the list and says which', () => {
    const { lines, logger } = capture();
    logger.warn({ msg: 'job failed', job: 'x.y', patientName: 'Smith', prescriptionId: '019a', body: { dob: '1980' } });
    expect(lines[0]).toMatchObject({ level: 'warn', msg: 'job failed', job: 'x.y', prescriptionId: '019a' });
    expect(lines[0]?.['dropped']).toEqual(['patientName', 'body']);
    expect(JSON.stringify(lines)).not.toContain('Smith');
  });

  it('writes where an error happened and never its message', () => {
    const { lines, logger } = capture();
    logger.error(new TypeError('value Smith is wrong'), 'Worker');
    expect(lines[0]).toMatchObject({ errorName: 'TypeError', context: 'Worker' });
    expect(String(lines[0]?.['stack'])).toContain('at ');
    expect(JSON.stringify(lines)).not.toContain('Smith');
  });

  it('keeps the code of what made a part unavailable', () => {
    const { lines, logger } = capture();
    logger.warn({ msg: 'job failed', code: 'service.unavailable', cause: '57P01' });
    expect(lines[0]).toMatchObject({ cause: '57P01' });
    expect(lines[0]).not.toHaveProperty('dropped');
  });

  it('takes no line of a message for a place in the code', () => {
    const error = new TypeError('row\n  Smith, born 1980\n    at 12 Elm Street\nis $& wrong');
    const frames = framesOf(error)?.split('\n') ?? [];
    expect(frames[0]).toMatch(/^ +at .*logger\.spec/);
    expect(frames.join()).not.toMatch(/Smith|Elm/);
    expect(framesOf('Smith')).toBeUndefined();
  });

  it('does not take an id field as a way to smuggle text', () => {
    const { lines, logger } = capture();
    logger.log({ msg: 'x', noteId: 'John Smith, 1980' });
    expect(lines[0]?.['dropped']).toEqual(['noteId']);
  });
});
