import { addTo, isCalendarDate } from '../../prescriptions/order/index.js';
import { finding } from '../findings.js';
import { shareIngredient } from '../drug-names/index.js';
import { isBlank, type Rule, type Subject } from '../subject.js';
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

/** Same package, same generic name, or, where the directory knows one of the two at most, an ingredient or words they share. */
export function isSameDrug({ order, drug, ndc }: Subject, prior: PriorPrescription): boolean {
  const ndc11 = drug?.ndc11 ?? (ndc?.kind === 'ok' ? ndc.ndc11 : undefined);
  if (ndc11 !== undefined && ndc11 === prior.ndc11) return true;
  const { description } = order.medication;
  const [generic, priorGeneric] = [drug?.genericName, prior.genericName];
  if (!isBlank(generic) && !isBlank(priorGeneric)) return isSameText(generic, priorGeneric);
  return (
    isSameText(description, prior.description) ||
    shareIngredient(isBlank(generic) ? description : generic, isBlank(priorGeneric) ? prior.description : priorGeneric)
  );
}

/** "Atorvastatin 20 mg Tablet" and "ATORVASTATIN 20MG TABLET" are one; the point of "0.5 mg" counts. */
function isSameText(one = '', other = ''): boolean {
  const [left, right] = [one, other].map((text) => text.toLowerCase().replace(/[^\p{L}\p{N}.]/gu, ''));
  return left !== '' && left === right;
}

/** First day without supply if every fill was taken from the date written on. */
function suppliedUntil({ writtenDate, daysSupply, refills }: PriorPrescription): string {
  const days = Math.trunc(daysSupply * (refills + 1));
  return isCalendarDate(writtenDate) && days > 0 ? addTo(writtenDate, { days: Math.min(days, MOST_DAYS) }) : '';
}
