import { addTo, isCalendarDate } from '../calendar.js';
import { finding } from '../findings.js';
import { drugsNamedIn } from '../drug-names.js';
import type { Rule, Subject } from '../subject.js';
import type { PriorPrescription } from '../validation-context.js';

/** A year at a time, refilled 99 times: the most an order can come to. */
const MOST_DAYS = 365 * 100;
/** States in which nothing reached the patient and nothing will. */
const withoutSupply = new Set(['cancelled', 'failed', 'returned', 'validation_issue']);

export const historyRules: Readonly<Record<string, Rule>> = {
  /** VA DRU03, DRU05; claims answer DUR "TD" or reject 79 to the same. */
  duplicateTherapy: (subject) => {
    const { context } = subject;
    const duplicate = context.priorPrescriptions.some(
      (prior) => counts(prior) && isSameDrug(subject, prior) && suppliedUntil(prior) > context.today,
    );
    return duplicate ? [finding('history.duplicate-therapy', '/medication')] : [];
  },
};

export function counts(prior: PriorPrescription): boolean {
  return !withoutSupply.has(prior.state);
}

/** Same package, same generic name, or a description that names the same ingredient. */
export function isSameDrug({ order, drug, ndc }: Subject, prior: PriorPrescription): boolean {
  const ndc11 = drug?.ndc11 ?? (ndc?.kind === 'ok' ? ndc.ndc11 : undefined);
  if (ndc11 !== undefined && ndc11 === prior.ndc11) return true;
  const generic = prior.genericName?.trim().toLowerCase();
  if (generic === undefined || generic === '') return false;
  if (drug) return drug.genericName.trim().toLowerCase() === generic;
  return drugsNamedIn(order.medication.description ?? '').some(({ ingredient }) => ingredient === generic);
}

/** First day without supply if every fill was taken from the date written on. */
function suppliedUntil({ writtenDate, daysSupply, refills }: PriorPrescription): string {
  const days = Math.trunc(daysSupply * (refills + 1));
  return isCalendarDate(writtenDate) && days > 0 ? addTo(writtenDate, { days: Math.min(days, MOST_DAYS) }) : '';
}
