import {
  scheduleNamed,
  type DeaSchedule,
  type NamedSchedule,
  type OrderCoverage,
  type OrderPatient,
} from '../../prescriptions/order/index.js';

export type ScriptVersion = '2017071' | '2023011';

/** How senders name the version on the wire: the attribute of real messages is a date (20170715). */
const versionPatterns: readonly [RegExp, ScriptVersion][] = [
  [/^(?:2017071|20170715)$/, '2017071'],
  [/^2023\d*$/, '2023011'],
];

export function readVersion(text: string): ScriptVersion | undefined {
  return versionPatterns.find(([pattern]) => pattern.test(text))?.[1];
}

/** Root attributes of a message we write on our own account; an answer carries those of its request. */
export const rootAttributes: Readonly<Record<ScriptVersion, Readonly<Record<string, string>>>> = {
  '2017071': {
    DatatypesVersion: '20170715',
    TransportVersion: '20170715',
    TransactionDomain: 'SCRIPT',
    TransactionVersion: '20170715',
    StructuresVersion: '20170715',
    ECLVersion: '20170715',
  },
  '2023011': { version: '2023011', TransactionDomain: 'SCRIPT', TransactionVersion: '2023011' },
};

/** Schedule I (C48672) and "not controlled" (C38046) answer undefined: the code as received tells them apart. */
export function readSchedule(code: string | undefined): DeaSchedule | undefined {
  const named = code === undefined ? undefined : scheduleNamed(code);
  return named === 'I' || named === 'none' ? undefined : named;
}

/** What cannot be read stands before what says that nothing is controlled: validation asks what it means. */
const strictestFirst: readonly (NamedSchedule | undefined)[] = ['I', 'II', 'III', 'IV', 'V', undefined, 'none'];

/** Of several codes the one that asks for most care; one that controls nothing comes last. */
export function strictestSchedule(codes: readonly (string | undefined)[]): string | undefined {
  const rank = (code: string): number => strictestFirst.indexOf(scheduleNamed(code));
  return codes.filter((code) => code !== undefined).toSorted((a, b) => rank(a) - rank(b))[0];
}

export const scheduleCodes: Readonly<Record<DeaSchedule, string>> = {
  II: 'C48675',
  III: 'C48676',
  IV: 'C48677',
  V: 'C48679',
};

/** NCI Thesaurus codes of the units strengths are given in. */
export const strengthUnits: Readonly<Record<string, string>> = {
  C28253: 'mg',
  C28254: 'mL',
  C48152: 'mcg',
  C48155: 'g',
  C25613: '%',
};

/** Qualifiers of DrugDBCode whose codes are RxNorm concepts: branded and clinical drugs, generic and branded packs. */
export const rxnormQualifiers: ReadonlySet<string> = new Set(['SBD', 'SCD', 'GPK', 'BPK', 'RXNORM']);

/** Qualifiers of ProductCode that mean a National Drug Code. */
export const ndcQualifiers: ReadonlySet<string> = new Set(['ND', 'NDC', '03']);

/** ICD-10-CM; senders without a qualifier mean it too, ICD-9 ended in 2015. */
export const icd10Qualifiers: ReadonlySet<string> = new Set(['ABF', 'ICD10', 'ICD-10', 'ICD10CM']);

const genders: Readonly<Record<string, NonNullable<OrderPatient['gender']>>> = {
  m: 'male',
  male: 'male',
  f: 'female',
  female: 'female',
  u: 'unknown',
  unknown: 'unknown',
  o: 'other',
  other: 'other',
};

export function readGender(text: string | undefined): OrderPatient['gender'] {
  const key = text?.toLowerCase() ?? '';
  return Object.hasOwn(genders, key) ? genders[key] : undefined;
}

/** SCRIPT knows M, F and U only. */
export const genderCodes: Readonly<Record<NonNullable<OrderPatient['gender']>, string>> = {
  male: 'M',
  female: 'F',
  other: 'U',
  unknown: 'U',
};

export const relationships: Readonly<Record<string, NonNullable<OrderCoverage['relationship']>>> = {
  '1': '1',
  '2': '2',
  '3': '3',
  '4': '4',
};
