import { normalizeNdc, type NormalizedNdc } from '../directory/identifiers/index.js';
import type { DeaSchedule, PrescriptionOrder } from '../prescriptions/order/index.js';
import type { Finding } from './findings.js';
import { parseSig, type ParsedSig } from './sig/index.js';
import type { DirectoryDrug, ValidationContext } from './validation-context.js';

/** The order with what several rules need, worked out once. */
export interface Subject {
  order: PrescriptionOrder;
  context: ValidationContext;
  ndc?: NormalizedNdc;
  drug?: DirectoryDrug;
  /** The directory's schedule, else the stated one: the law goes by the drug, not by the form. */
  schedule?: DeaSchedule;
  sig?: ParsedSig;
}

export type Rule = (subject: Subject) => Finding[];

export type StatedSchedule = DeaSchedule | 'I' | 'none' | 'unknown';

/** NCIt codes of SCRIPT DEASchedule (FDA SPL list; C38046 = unspecified) beside the numerals other doors send. */
const schedules: Readonly<Record<string, StatedSchedule>> = {
  C48672: 'I',
  C48675: 'II',
  C48676: 'III',
  C48677: 'IV',
  C48679: 'V',
  C38046: 'none',
  I: 'I',
  II: 'II',
  III: 'III',
  IV: 'IV',
  V: 'V',
  CI: 'I',
  CII: 'II',
  CIII: 'III',
  CIV: 'IV',
  CV: 'V',
};

/** What the sender says about the schedule, undefined when nothing. */
export function statedSchedule(order: PrescriptionOrder): StatedSchedule | undefined {
  const { schedule, scheduleCode } = order.medication;
  if (isBlank(scheduleCode)) return schedule;
  return new Map(Object.entries(schedules)).get(scheduleCode.trim().toUpperCase()) ?? schedule ?? 'unknown';
}

export function subjectOf(order: PrescriptionOrder, context: ValidationContext): Subject {
  const { ndc: ndcText, sig } = order.medication;
  const ndc = isBlank(ndcText) ? undefined : normalizeNdc(ndcText);
  const drug = context.drug ?? onlyCandidate(ndc, context.drugCandidates ?? []);
  const stated = statedSchedule(order);
  const controlled = stated === 'I' || stated === 'none' || stated === 'unknown' ? undefined : stated;
  const schedule = drug?.schedule ?? controlled;
  return {
    order,
    context,
    ...(ndc && { ndc }),
    ...(drug && { drug }),
    ...(schedule && { schedule }),
    ...(!isBlank(sig) && { sig: parseSig(sig) }),
  };
}

export function isBlank(value: string | undefined): value is undefined | '' {
  return value === undefined || value.trim() === '';
}

/** Ten digits mean one drug only when exactly one of the three readings is in the directory. */
function onlyCandidate(
  ndc: NormalizedNdc | undefined,
  candidates: readonly DirectoryDrug[],
): DirectoryDrug | undefined {
  if (ndc?.kind !== 'ambiguous') return undefined;
  const hits = candidates.filter(({ ndc11 }) => ndc.candidates.includes(ndc11));
  return hits.length === 1 ? hits[0] : undefined;
}
