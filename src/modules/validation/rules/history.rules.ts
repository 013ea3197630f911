import { addTo, isCalendarDate } from '../../prescriptions/order/index.js';
import { finding } from '../findings.js';
import { shareIngredient } from '../drug-names/index.js';
import { agree, strengthIn } from '../strengths.js';
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

  /** What a payer answers reject 79 to; in cash and on the direct path nobody else would ask. Holds controlled substances only. */
  refillTooSoon: (subject) => {
    const { order, context, schedule } = subject;
    const [earliest = ''] = context.priorPrescriptions
      .filter((prior) => isRefillOf(prior, subject))
      .map((prior) => refillableOn(prior, subject))
      .toSorted()
      .toReversed();
    if (dayOfFill(subject) >= earliest) return [];
    return [
      finding('history.refill-too-soon', '/medication/earliestFillDate', {
        words: { earliest },
        // Why it is filled early stands in the version of the order, and who stated it beside it.
        ...((schedule === undefined || order.medication.earlyFillReason !== undefined) && { severity: 'warns' }),
      }),
    ];
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

/** A dose that was changed, or is made up of two strengths, is no refill: of it duplicate therapy warns. */
function isRefillOf(prior: PriorPrescription, subject: Subject): boolean {
  return counts(prior) && isSameDrug(subject, prior) && !isOtherStrength(subject, prior);
}

function isOtherStrength({ order, drug }: Subject, prior: PriorPrescription): boolean {
  const [one, other] = [
    strengthIn(drug?.strength ?? order.medication.description ?? ''),
    strengthIn(prior.strength ?? prior.description ?? ''),
  ];
  if (one && other) return !agree(one, other);
  const [listed, priorListed] = [drug?.strength, prior.strength];
  return !isBlank(listed) && !isBlank(priorListed) && !isSameText(listed, priorListed);
}

/** The first day on which so much of a fill is used up as has to be; none for what was not filled. */
function refillableOn({ filledOn, daysSupply }: PriorPrescription, { schedule, context }: Subject): string {
  const { refillAfterPercent, schedule2RefillAfterPercent } = context.settings;
  if (filledOn === undefined || !isCalendarDate(filledOn) || !(daysSupply > 0)) return '';
  const percent = schedule === 'II' ? schedule2RefillAfterPercent : refillAfterPercent;
  return addTo(filledOn, { days: Math.ceil((Math.min(daysSupply, MOST_DAYS) * percent) / 100) });
}

/** What is dated ahead waits for its day: the prescriptions of a series, and those of a prescriber who plans. */
function dayOfFill({ order: { medication }, context: { today } }: Subject): string {
  const { earliestFillDate } = medication;
  const isAhead = !isBlank(earliestFillDate) && isCalendarDate(earliestFillDate) && earliestFillDate > today;
  return isAhead ? earliestFillDate : today;
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
