import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { validateSync } from 'class-validator';
import { CodeAnswerRequest, CodeRequest, CoverageRequest, VerifyRequest } from '../dto/enrollment.dto.js';
import type { SecondProof } from '../identity.policy.js';

/** Fields of a form as they came; repeated names and files are not among them. */
export type Fields = Readonly<Record<string, string>>;

export type Parsed<T> = { ok: true; value: T } | { ok: false; errors: Readonly<Record<string, string>> };

/** What a patient reads instead of the rule that failed. */
const sentences: Readonly<Record<string, string>> = {
  birthDate: 'Enter the birth date.',
  zip: 'Enter a ZIP code of five digits.',
  lastName: 'Enter the last name.',
  bin: 'The BIN has six digits.',
  pcn: 'The PCN has at most ten letters and digits.',
  groupId: 'The group has at most 15 letters and digits.',
  cardholderId: 'Enter the member ID, 2 to 20 letters and digits.',
  personCode: 'The person code has one to three digits or letters.',
  relationship: 'Say whose card it is.',
  government: 'Say whether it is government coverage.',
  payer: 'Choose who pays.',
  code: 'Enter the six digits of the code.',
  accepted: 'Please tick the box to agree, or call us.',
};

export function fieldsOf(body: unknown): Fields {
  const entries: [string, unknown][] = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const text = typeof value === 'string' ? value.trim() : '';
      return text === '' ? [] : [[name, text]];
    }),
  );
}

export function identityForm(fields: Fields, second: SecondProof): Parsed<VerifyRequest> {
  return parsed(VerifyRequest, { birthDate: fields['birthDate'], [second]: fields[second] ?? '' });
}

export function codeRequestForm(fields: Fields): Parsed<CodeRequest> {
  return parsed(CodeRequest, { channel: fields['channel'] });
}

export function codeAnswerForm(fields: Fields): Parsed<CodeAnswerRequest> {
  return parsed(CodeAnswerRequest, { code: fields['code'] });
}

const governmentAnswers: Readonly<Record<string, boolean>> = { no: false, yes: true };

const payers: Readonly<Record<string, (fields: Fields) => object>> = {
  cash: () => ({ cash: true }),
  on_file: ({ government = '' }) => ({ onFile: true, government: governmentAnswers[government] }),
  insurance: ({ bin, pcn, groupId, cardholderId, personCode, relationship, government = '' }) => ({
    bin,
    pcn,
    groupId,
    cardholderId,
    personCode,
    relationship,
    government: governmentAnswers[government],
  }),
};

/**
 * Card fields count only when the card is what pays; the same rules as for JSON, but that no plan is taken for commercial
 * before the patient was asked.
 */
export function coverageForm(fields: Fields): Parsed<CoverageRequest> {
  const payer = fields['payer'] ?? '';
  const answer = Object.hasOwn(payers, payer) ? payers[payer] : undefined;
  if (answer === undefined) return { ok: false, errors: onlyError('payer') };
  const coverage = parsed(CoverageRequest, answer(fields));
  const isAnswered = payer === 'cash' || Object.hasOwn(governmentAnswers, fields['government'] ?? '');
  if (isAnswered) return coverage;
  return { ok: false, errors: { ...(!coverage.ok && coverage.errors), ...onlyError('government') } };
}

export function consentForm(fields: Fields): Parsed<{ version: string }> {
  if (fields['accepted'] !== 'yes') return { ok: false, errors: onlyError('accepted') };
  return { ok: true, value: { version: fields['version'] ?? '' } };
}

function parsed<T extends object>(type: ClassConstructor<T>, plain: object): Parsed<T> {
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
  const value = plainToInstance(type, given);
  const wrong = validateSync(value, { whitelist: true, forbidUnknownValues: true });
  if (wrong.length === 0) return { ok: true, value };
  return { ok: false, errors: Object.assign({}, ...wrong.map(({ property }) => onlyError(property))) as Fields };
}

function onlyError(field: string): Fields {
  return { [field]: sentences[field] ?? 'Please check this.' };
}
