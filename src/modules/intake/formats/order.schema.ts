import { z } from 'zod';
import { earlyFillReasons, type PrescriptionOrder } from '../../prescriptions/order/index.js';
import { FormatError, type FormatErrorCode, type FormatIssue } from './format-error.js';
import { readDate, readInstant, readPhone, readState, readZip } from './values.js';

// PostgreSQL can store neither U+0000 nor halves of surrogate pairs; other control characters have no business in an order.
const unstorable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]|\p{Surrogate}/u;

/** True when the text holds no control character and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !unstorable.test(text);
}

/** Trimmed. One check for all three, since an order has some forty texts: a check of the library's own costs as much as each. */
export const text = (max: number) =>
  z.string().check((payload) => {
    const trimmed = payload.value.trim();
    payload.value = trimmed;
    if (trimmed.length > max) {
      payload.issues.push({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: trimmed });
    }
    if (!isStorable(trimmed)) {
      payload.issues.push({ code: 'custom', params: { code: 'control_character' }, input: trimmed });
    }
  });

// Room for what was received where it cannot be read; validation says what is wrong with it.
const date = text(40).transform(readDate).exactOptional();
// A moment without its offset is none.
const instant = text(40)
  .refine((value) => readInstant(value) !== undefined, { params: { code: 'invalid_value' } })
  .transform((value) => readInstant(value) ?? value)
  .exactOptional();
const phone = text(40).transform(readPhone).exactOptional();
const email = text(254).exactOptional();
const name = text(70).exactOptional();
const identifier = text(80).exactOptional();
const count = z.int().min(0);

const address = z.strictObject({
  line1: text(100).exactOptional(),
  line2: text(100).exactOptional(),
  city: text(60).exactOptional(),
  state: text(40).transform(readState).exactOptional(),
  zip: text(20).transform(readZip).exactOptional(),
});

const patient = z.strictObject({
  externalId: identifier,
  firstName: name,
  middleName: name,
  lastName: name,
  birthDate: date,
  gender: z.enum(['male', 'female', 'other', 'unknown']).exactOptional(),
  email,
  phone,
  address: address.exactOptional(),
});

const prescriber = z.strictObject({
  npi: text(35).exactOptional(),
  dea: text(35).exactOptional(),
  spi: identifier,
  firstName: name,
  lastName: name,
  phone,
  email,
  address: address.exactOptional(),
});

const pharmacy = z.strictObject({
  ncpdpId: text(35).exactOptional(),
  npi: text(35).exactOptional(),
  name: text(100).exactOptional(),
});

const medication = z.strictObject({
  // SCRIPT: an..105, which validation says together with whatever else is wrong.
  description: text(500).exactOptional(),
  ndc: text(35).exactOptional(),
  rxnormCode: text(35).exactOptional(),
  strength: text(70).exactOptional(),
  form: text(70).exactOptional(),
  compound: z.boolean().exactOptional(),
  schedule: z.enum(['II', 'III', 'IV', 'V']).exactOptional(),
  scheduleCode: text(35).exactOptional(),
  quantity: z.number().min(0).max(1_000_000).exactOptional(),
  quantityUnit: text(35).exactOptional(),
  daysSupply: count.max(999).exactOptional(),
  // SCRIPT: n..2.
  refills: count.max(99).exactOptional(),
  substitutions: z.literal([0, 1]).exactOptional(),
  // SCRIPT: an..1000.
  sig: text(1_000).exactOptional(),
  diagnoses: z.array(text(20)).max(12).exactOptional(),
  earliestFillDate: date,
  latestFillDate: date,
  earlyFillReason: z.enum(earlyFillReasons).exactOptional(),
});

const coverage = z.strictObject({
  bin: text(35).exactOptional(),
  pcn: text(35).exactOptional(),
  groupId: text(35).exactOptional(),
  cardholderId: text(35).exactOptional(),
  personCode: text(10).exactOptional(),
  relationship: z.enum(['1', '2', '3', '4']).exactOptional(),
  payerName: text(100).exactOptional(),
});

export const MOST_OBSERVATIONS = 50;
export const LARGEST_MEASURE = 1_000_000;
export const LONGEST_MEASURE_UNIT = 20;

const observation = z.strictObject({
  code: text(20),
  value: z.number().min(-LARGEST_MEASURE).max(LARGEST_MEASURE),
  unit: text(LONGEST_MEASURE_UNIT).exactOptional(),
  date,
});

export const orderShape = {
  messageId: identifier,
  prescriberOrderNumber: identifier,
  sentAt: instant,
  writtenDate: date,
  patient,
  prescriber,
  pharmacy: pharmacy.exactOptional(),
  medication,
  coverage: coverage.exactOptional(),
  observations: z.array(observation).max(MOST_OBSERVATIONS).exactOptional(),
  digitallySigned: z.boolean().exactOptional(),
  note: text(2_000).exactOptional(),
};

/** The structure every door's order is held to: known fields, types, lengths. What is missing or wrong is validation's. */
const orderSchema: z.ZodType<PrescriptionOrder> = z.strictObject(orderShape);

/**
 * Turns what a door has read into an order: texts trimmed, blanks dropped, dates and phones normalised.
 * @throws FormatError `intake.order-invalid` with one issue per field.
 */
export function toOrder(draft: unknown): PrescriptionOrder {
  return check(orderSchema, tidy(draft), 'intake.order-invalid');
}

/** @throws FormatError of that code when the value does not fit the schema. */
export function check<T>(schema: z.ZodType<T>, value: unknown, code: FormatErrorCode): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new FormatError(code, result.error.issues.flatMap(issuesOf));
  return result.data;
}

/** An order is four levels deep; whatever lies deeper is refused by the schema without being walked. */
const TIDY_DEPTH = 6;

/** Without undefined and blank fields: an empty field says the same as an absent one, at every door. */
export function tidy(value: unknown, depth = 0): unknown {
  if (depth > TIDY_DEPTH || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: unknown) => tidy(item, depth + 1));
  const said = Object.entries(value).filter(([, field]) => !isBlank(field));
  for (const entry of said) entry[1] = tidy(entry[1], depth + 1);
  return Object.fromEntries(said);
}

export function isBlank(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value.trim() === '');
}

/** Our own sentences: the library's may hold what was sent. */
const sentences: Readonly<Record<string, string>> = {
  required: 'This field is required.',
  invalid_type: 'The value has the wrong type.',
  too_big: 'The value is too long or too large.',
  too_small: 'The value is too short or too small.',
  invalid_value: 'The value is not one of the allowed ones.',
  unrecognized_keys: 'This field is not known.',
  control_character: 'The text holds a control character or a broken character.',
};

function issuesOf(issue: z.core.$ZodIssue): FormatIssue[] {
  const code = codeOf(issue);
  const message = sentences[code] ?? 'The value does not have the documented form.';
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({ pointer: pointerOf(path), code, message }));
}

function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') return String(issue.params?.['code'] ?? 'custom');
  // The library says "invalid type" of a field that is not there; callers want to know the difference.
  return issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith('received undefined')
    ? 'required'
    : issue.code;
}

/** RFC 6901; a name is cut at 64 characters, since an unknown one is the caller's. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
