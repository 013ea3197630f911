import { normalizeNdc, type NormalizedNdc } from '../directory/identifiers/index.js';
import {
  scheduleNamed,
  type DeaSchedule,
  type NamedSchedule,
  type PrescriptionOrder,
} from '../prescriptions/order/index.js';
import { controlledIngredientIn, type ControlledIngredient } from './drug-names/controlled.js';
import type { Finding } from './findings.js';
import { parseSig, type ParsedSig } from './sig/index.js';
import type { DirectoryDrug, ValidationContext } from './validation-context.js';

/** The order with what several rules need, worked out once. */
export interface Subject {
  order: PrescriptionOrder;
  context: ValidationContext;
  ndc?: NormalizedNdc;
  drug?: DirectoryDrug;
  /** Of an order whose drug is not in the directory: what its description says is in it. */
  controlled?: ControlledIngredient;
  /** The directory's schedule, else the stated one, else the ingredient's: the law goes by the drug, not by the form. */
  schedule?: DeaSchedule;
  sig?: ParsedSig;
}

export type Rule = (subject: Subject) => Finding[];

export type StatedSchedule = NamedSchedule | 'unknown';

/** What the sender says about the schedule, undefined when nothing. A code that controls nothing takes no schedule back. */
export function statedSchedule(order: PrescriptionOrder): StatedSchedule | undefined {
  const { schedule, scheduleCode } = order.medication;
  if (isBlank(scheduleCode)) return schedule;
  const named = scheduleNamed(scheduleCode) ?? 'unknown';
  return named === 'none' || named === 'unknown' ? (schedule ?? named) : named;
}

export function subjectOf(order: PrescriptionOrder, context: ValidationContext): Subject {
  const { ndc: ndcText, sig } = order.medication;
  const ndc = isBlank(ndcText) ? undefined : normalizeNdc(ndcText);
  const drug = context.drug ?? onlyCandidate(ndc, context.drugCandidates ?? []);
  const stated = statedSchedule(order);
  const controlled = drug ? undefined : controlledIngredientIn(order.medication.description ?? '');
  const schedule = drug?.schedule ?? (isSchedule(stated) ? stated : onlyOf(controlled));
  return {
    order,
    context,
    ...(ndc && { ndc }),
    ...(drug && { drug }),
    ...(controlled && { controlled }),
    ...(schedule && { schedule }),
    ...(!isBlank(sig) && { sig: parseSig(sig) }),
  };
}

export function isSchedule(stated: StatedSchedule | undefined): stated is DeaSchedule {
  return stated !== undefined && stated !== 'I' && stated !== 'none' && stated !== 'unknown';
}

export function isBlank(value: string | undefined): value is undefined | '' {
  return value === undefined || value.trim() === '';
}

function onlyOf(controlled: ControlledIngredient | undefined): DeaSchedule | undefined {
  return controlled?.schedules.length === 1 ? controlled.schedules[0] : undefined;
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
