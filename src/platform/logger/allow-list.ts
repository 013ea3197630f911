import { framesOf } from './frames.js';

/**
 * What may stand in a log line. Everything else is dropped and only its name is kept, so that a field with patient data
 * shows up as a missing field and not as a leak.
 */
const allowedFields = new Set([
  'action',
  'age',
  'attempt',
  'attempts',
  'cause',
  'code',
  'context',
  'count',
  'errorName',
  'event',
  'host',
  'job',
  'kind',
  'method',
  'mode',
  'module',
  'ms',
  'msg',
  'name',
  'outcome',
  'part',
  'pid',
  'port',
  'problems',
  'queue',
  'queues',
  'reason',
  'requestId',
  'roles',
  'route',
  'seconds',
  'setting',
  'signal',
  'slot',
  'source',
  'stack',
  'state',
  'status',
  'step',
  'url',
  'vendor',
  'version',
]);

const idField = /^[a-z][A-Za-z]*Id$/;
const idValue = /^[\w.:-]{1,100}$/;
const longestText = 2_000;

export type LogFields = Readonly<Record<string, unknown>>;

export function allowed(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const safe = isAllowed(name, value) ? plain(value) : undefined;
    if (safe === undefined) dropped.push(name);
    else kept[name] = safe;
  }
  return dropped.length === 0 ? kept : { ...kept, dropped };
}

/** An error as a line: its kind and where it happened, never its message. */
export function fieldsOfError(error: Error): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  const stack = framesOf(error);
  return { errorName: error.name, ...(typeof code === 'string' && { code }), ...(stack !== undefined && { stack }) };
}

function isAllowed(name: string, value: unknown): boolean {
  if (allowedFields.has(name)) return true;
  return idField.test(name) && typeof value === 'string' && idValue.test(value);
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, longestText);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number')) return value;
  return undefined;
}
