import { isLaxer } from '../drug-names/controlled.js';
import { areSame, ingredientsOf } from '../drug-names/index.js';
import { finding, type Finding } from '../findings.js';
import { isBlank, isSchedule, statedSchedule, type Rule, type StatedSchedule, type Subject } from '../subject.js';

/** SCRIPT 2017071 DrugDescription. */
const DESCRIPTION_LENGTH = 105;
const SCHEDULE = '/medication/schedule';

export const drugRules: Readonly<Record<string, Rule>> = {
  /** SCRIPT 2017071 MedicationPrescribed DrugDescription: mandatory, at most 105 characters. */
  drugDescription: ({ order: { medication } }) => {
    const field = '/medication/description';
    if (isBlank(medication.description)) return [finding('drug.description-missing', field)];
    return medication.description.length > DESCRIPTION_LENGTH ? [finding('drug.description-too-long', field)] : [];
  },

  /** NCPDP D.0 406-D6: every claim of ours says "not a compound". */
  drugCompound: ({ order: { medication } }) =>
    medication.compound === true ? [finding('drug.compound', '/medication/compound')] : [],

  /** NCPDP D.0 407-D7 takes 11 digits; 21 CFR 207.33 for the layouts. Ten bare digits are resolved by the directory only. */
  drugCode: (subject) => {
    const { medication } = subject.order;
    if (subject.ndc) return ndcFindings(subject);
    return isBlank(medication.rxnormCode) ? [finding('drug.code-missing', '/medication/ndc')] : [];
  },

  /** A transposed digit in an NDC is another drug; the description is what the prescriber meant. */
  drugAgainstDirectory: ({ order, drug }) => {
    const { description } = order.medication;
    if (!drug || isBlank(description)) return [];
    if (isMentioned(`${drug.name} ${drug.genericName}`, description)) return [];
    return [finding('drug.differs-from-directory', '/medication/ndc', { words: { directoryDrug: drug.name } })];
  },

  /** 21 CFR 1308.11 to 1308.15; the directory's schedule wins over the stated one. */
  drugSchedule: (subject) => {
    const { order, drug } = subject;
    const stated = statedSchedule(order);
    if (stated === 'I') return [finding('drug.schedule-one', SCHEDULE, { source: '21 CFR 1308.11' })];
    if (!drug) return scheduleWithoutDirectory(stated, subject);
    const unknown = stated === 'unknown' ? [finding('drug.schedule-unknown', SCHEDULE, { severity: 'warns' })] : [];
    return [...unknown, ...scheduleAgainstDirectory(stated, drug.schedule)];
  },
};

function ndcFindings({ ndc, drug, order }: Subject): Finding[] {
  const field = '/medication/ndc';
  const words = { ndc: order.medication.ndc ?? '' };
  const notFound = drug ? [] : [finding('drug.not-in-directory', field, { words })];
  if (!ndc || ndc.kind === 'ok') return notFound;
  if (ndc.kind === 'ambiguous') {
    const candidates = ndc.candidates.join(', ');
    return drug
      ? []
      : [finding('drug.ndc-ambiguous', field, { words: { ...words, candidates }, source: '21 CFR 207.33' })];
  }
  const sixDigits = ndc.reason === 'six-digit-labeler';
  return [
    finding(sixDigits ? 'drug.ndc-six-digit-labeler' : 'drug.ndc-invalid', field, { words, source: '21 CFR 207.33' }),
  ];
}

/** What nobody can look up has to be said: a controlled drug that passes for another one is shipped as that. */
function scheduleWithoutDirectory(stated: StatedSchedule | undefined, { controlled }: Subject): Finding[] {
  if (stated === 'unknown') return [finding('drug.schedule-unknown', SCHEDULE)];
  if (!controlled) return [];
  const { ingredient, schedules } = controlled;
  const details = { words: { ingredient, schedule: schedules.join(' or ') }, source: '21 CFR 1308' };
  if (!isSchedule(stated)) return [finding('drug.schedule-needed', SCHEDULE, details)];
  return isLaxer(stated, schedules) ? [finding('drug.schedule-differs', SCHEDULE, details)] : [];
}

function scheduleAgainstDirectory(stated: StatedSchedule | undefined, schedule: string | undefined): Finding[] {
  if (stated === 'unknown' || stated === schedule) return [];
  // States schedule more than federal law does (gabapentin is V in several), so a stricter sender is not wrong.
  if (schedule === undefined) {
    return stated === undefined || stated === 'none' ? [] : [finding('drug.schedule-unexpected', SCHEDULE)];
  }
  const code = stated === undefined ? 'drug.schedule-unsaid' : 'drug.schedule-differs';
  return [finding(code, SCHEDULE, { words: { schedule }, source: '21 CFR 1308' })];
}

/** By all that is known to be in both, else by a word. */
function isMentioned(known: string, description: string): boolean {
  const [listed, ordered] = [ingredientsOf(known), ingredientsOf(description)];
  if (listed.size === 0 || ordered.size === 0) return shareWord(description, known);
  return areSame(listed, ordered);
}

function shareWord(description: string, known: string): boolean {
  const words = (text: string): string[] => text.toLowerCase().match(/[a-z]{4,}/g) ?? [];
  const forms = new Set([
    'tablet',
    'tablets',
    'capsule',
    'capsules',
    'cream',
    'solution',
    'oral',
    'extended',
    'release',
  ]);
  const wanted = new Set(words(known).filter((word) => !forms.has(word)));
  return wanted.size === 0 || words(description).some((word) => wanted.has(word));
}
