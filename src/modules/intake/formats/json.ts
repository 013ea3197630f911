import { z } from 'zod';
import { serviceLevels, type PrescriptionOrder, type ServiceLevel } from '../../prescriptions/order/index.js';
import { FormatError } from './format-error.js';
import { check, isBlank, isStorable, orderShape, tidy } from './order.schema.js';

export type IntakePath = 'full' | 'cash' | 'direct';

export interface JsonIntake {
  order: PrescriptionOrder;
  path?: IntakePath;
  serviceLevel?: ServiceLevel;
  /** The caller's own keys; at most 16 KB. */
  metadata?: Record<string, unknown>;
}

const MAX_METADATA_BYTES = 16 * 1024;
const MAX_METADATA_DEPTH = 16;

const metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => isShallow(value, MAX_METADATA_DEPTH), { params: { code: 'too_deep' }, abort: true })
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_METADATA_BYTES, { params: { code: 'too_big' } })
  .refine(holdsStorableText, { params: { code: 'control_character' } });

const body: z.ZodType<PrescriptionOrder & Omit<JsonIntake, 'order'>> = z.strictObject({
  ...orderShape,
  path: z.enum(['full', 'cash', 'direct']).exactOptional(),
  serviceLevel: z.enum(serviceLevels).exactOptional(),
  metadata: metadata.exactOptional(),
});

/**
 * Reads our own JSON body: the fields of the order, and beside them `path` and `metadata`.
 * @throws FormatError with one issue per field, each with its JSON pointer and without the value.
 */
export function parseJsonIntake(input: unknown): JsonIntake {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new FormatError('intake.json-not-object', [
      { pointer: '', code: 'invalid_type', message: 'The body must be a JSON object.' },
    ]);
  }
  // The caller's own keys are kept as they are, blanks included.
  const draft = Object.entries(input).map(([key, value]: [string, unknown]) =>
    key === 'metadata' ? [key, value] : [key, tidy(value, 1)],
  );
  const given = draft.filter(([, value]) => !isBlank(value));
  const whole: unknown = Object.fromEntries(given);
  const { path, serviceLevel, metadata: own, ...order } = check(body, whole, 'intake.order-invalid');
  return {
    order,
    ...(path !== undefined && { path }),
    ...(serviceLevel !== undefined && { serviceLevel }),
    ...(own !== undefined && { metadata: own }),
  };
}

/** Walked level by level, so that no depth can exhaust the stack. */
function isShallow(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return false;
    level = level.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return true;
}

/** Only called on what `isShallow` has accepted. */
function holdsStorableText(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => isStorable(key) && holdsStorableText(item));
}
