import { normalizeSig } from './normalize.js';
import {
  dosesPerDay,
  type Amount,
  type DailyMaximum,
  type ParsedSig,
  type SigField,
  type SigFields,
  type SigValues,
  type Strength,
} from './sig.js';
import { amountOf, findDuration, findMoments, findTiming, mixesDaysAndWeekdays } from './timing.js';
import {
  doseUnits,
  figure,
  figures,
  methods,
  routeOfMethod,
  routeOfUnit,
  routes,
  strengthUnits,
  wordOf,
} from './vocabulary.js';
import type { Term } from './vocabulary.js';

/** SCRIPT SigText holds 1000 characters; what lies beyond is not read. */
export const SIG_TEXT_LENGTH = 1000;

interface Found<T> {
  value: T;
  implied?: true;
}

type Derived = { [K in keyof SigValues]?: Found<SigValues[K]> };

const anyOf = (terms: readonly Term[]): string => terms.map(([, pattern]) => pattern).join('|');
const counted = new RegExp(String.raw`(?<![\d./-])${figures} ?-?(${anyOf(doseUnits)})\b(?! = )`);
const countedEverywhere = new RegExp(counted, 'g');
const measured = new RegExp(String.raw`(?<![\d./-])${figures} ?(${anyOf(strengthUnits)})\b`);
const anyMethod = new RegExp(String.raw`\b(?:${anyOf(methods)})\b`);
/** "do not crush or chew" tells nobody to chew. */
const forbidden = /\b(?:do not|dont|not)\b(?: crush)?(?: or)? [a-z]+/g;

const routePatterns = routes.map(
  ([word, pattern]) => [word, new RegExp(String.raw`\b(?:${pattern})(?![a-z])`)] as const,
);

const anyUnit = `${anyOf(doseUnits)}|${anyOf(strengthUnits)}`;
const perDay = String.raw`(?:/|per|in|a|each|every) ?(?:a )?(?:day|24 ?(?:hours?|hrs?|h))|daily`;
/** A ceiling needs either its own word (MDD, maximum daily dose) or a unit, so that "no more than 2 weeks" is none. */
const ceilings: readonly RegExp[] = [
  new RegExp(
    String.raw`\b(?:mdd|max(?:imum)? ?daily ?dose|max(?:imum)? dose per day) ?(?:=|of|is)? ?(${figure})(?: ?(${anyUnit})\b)?(?: ?(?:${perDay})\b)?`,
    'g',
  ),
  new RegExp(
    String.raw`\b(?:max(?:imum)?|nte|(?:do )?not (?:to )?exceed|(?:no|not) more than)(?: of)? (${figure}) ?(${anyUnit})? ?(?:${perDay})\b`,
    'g',
  ),
];

const dispensing = /\b(?:dispense|disp|qty|quantity)\b.*$/;
/** Words after which a bare number is a dose: "1 po", "1/2 tab" has its unit, "1 bid" has not. */
const afterBareDose = String.raw`po|by mouth|oral(?:ly)?|sl|pr|qd|q|bid|tid|qid|daily|every|once|twice|at bedtime|each`;
const bareDoses: readonly RegExp[] = [
  new RegExp(String.raw`(?<![\d./-])${figures} (?:${afterBareDose})\b`),
  new RegExp(String.raw`\b(?:${anyOf(methods)}) ${figures}$`),
];
/** "5 days every 28 days", "days 1-5 of each cycle", "the first 5 days of the month": some days of a longer round. */
const rounds: readonly RegExp[] = [
  /\b\d+ (?:days?|weeks?) (?:out )?(?:of|in|every|each|per|q)(?: (?:a|each|every))? (?:\d+[- ]?(?:days?|weeks?|months?)|week|month|cycle)\b/,
  /\bdays \d+(?:(?:[- ]| and | through | thru )\d+)* (?:of|in|every|each|per|q)\b/,
  /\b(?:first|1st|last) \d+ days (?:of|in)\b/,
];
const nextStep =
  /\bthen\b(?! (?:as needed|prn|stop$))|\b(?:off|skip|hold)\b|\b(?:taper|titrate|decrease|increase|pulse)|\bdays? \d+(?:-\d+)?(?= (?:take|and)|$)|\bon day \d|\brepeat\b/;
const asNeeded = /\bprn\b|\b(?:as|if|when|only if|only when) needed\b|\bas required\b|\bat the (?:1st|first) sign\b/;
const reason =
  /(?:\bprn|\bneeded)(?: -)?(?: for)? (?!for |up to|mdd|max|instr|x |\d)([a-z][a-z /-]*)|\bfor (?!\d|up to|the next|use\b)([a-z][a-z /-]*)/;
const reasonEnd =
  / (?:mdd|max(?:imum)?|instr|for|take|then|do|dont|not|no|until|by mouth|po|oral(?:ly)?|as|at|every|with|once|twice|daily|up|x|-)(?: .*)?$/;

/**
 * Reads a SIG. What the text does not say stays absent: a dose is never invented. Values of a structured SIG come in as
 * `coded` and hold unless the text says otherwise.
 */
export function parseSig(text: string, coded: Partial<SigValues> = {}): ParsedSig {
  const normalized = normalizeSig(text.slice(0, SIG_TEXT_LENGTH));
  const conflicts: (keyof SigValues)[] = [];
  const derived = derive(normalized);
  const field = <K extends keyof SigValues>(name: K): SigField<SigValues[K]> => {
    const given: SigValues[K] | undefined = coded[name];
    const read: Found<SigValues[K]> | undefined = derived[name];
    if (given === undefined) return read ? { source: 'derived', ...read } : { source: 'absent' };
    if (!read || read.implied || JSON.stringify(read.value) === JSON.stringify(given)) {
      return { source: 'coded', value: given };
    }
    conflicts.push(name);
    return { source: 'derived', ...read };
  };
  const fields: SigFields = {
    method: field('method'),
    dose: field('dose'),
    unit: field('unit'),
    strength: field('strength'),
    route: field('route'),
    frequency: field('frequency'),
    period: field('period'),
    when: field('when'),
    duration: field('duration'),
    asNeeded: field('asNeeded'),
    indication: field('indication'),
    maxPerDay: field('maxPerDay'),
  };
  return { text, normalized, multiStep: isMultiStep(normalized), conflicts, ...fields };
}

function derive(normalized: string): Derived {
  const stated = statedCeiling(normalized);
  const text = withoutCeilings(normalized).replace(dispensing, '').trim();
  const amount = findDose(text);
  const method = firstMethod(text);
  const timing = findTiming(text);
  const moments = findMoments(text);
  const duration = findDuration(text);
  const strength = findStrength(text);
  const indication = findIndication(text);
  const route = findRoute(text, method, amount?.unit);
  const most = maxPerDay(stated, amount, timing?.timing);
  const implied = timing?.implied === true && { implied: true as const };
  return {
    ...(method !== undefined && { method: { value: method } }),
    ...(amount && { dose: { value: amount.dose } }),
    ...(amount?.unit !== undefined && { unit: { value: amount.unit } }),
    ...(strength && { strength: { value: strength } }),
    ...(route && { route }),
    ...(timing && { frequency: { value: timing.timing.frequency, ...implied } }),
    ...(timing && { period: { value: timing.timing.period, ...implied } }),
    ...(moments.length > 0 && { when: { value: moments } }),
    ...(duration && { duration: { value: duration } }),
    ...(asNeeded.test(text) && { asNeeded: { value: true as const } }),
    ...(indication !== undefined && { indication: { value: indication } }),
    ...(most && { maxPerDay: most }),
  };
}

function findDose(text: string): { dose: Amount; unit?: string } | undefined {
  const withUnit = counted.exec(text);
  if (withUnit) {
    const unit = wordOf(doseUnits, withUnit[3] ?? '');
    return { dose: amountOf(withUnit[1], withUnit[2]), ...(unit !== undefined && { unit }) };
  }
  const bare = bareDoses.map((pattern) => pattern.exec(text)).find((match) => match !== null);
  return bare ? { dose: amountOf(bare[1], bare[2]) } : undefined;
}

function findStrength(text: string): Strength | undefined {
  const match = measured.exec(text);
  const unit = wordOf(strengthUnits, match?.[3] ?? '');
  return match && unit !== undefined ? { ...amountOf(match[1], match[2]), unit } : undefined;
}

function firstMethod(text: string): string | undefined {
  const match = anyMethod.exec(text.replace(forbidden, ' '));
  return match ? wordOf(methods, match[0]) : undefined;
}

function findRoute(text: string, method: string | undefined, unit: string | undefined): Found<string> | undefined {
  const stated =
    routePatterns.find(([, pattern]) => pattern.test(text))?.[0] ??
    (unit === 'drop' && /\bod\b/.test(text) ? 'in eye(s)' : undefined);
  if (stated !== undefined) return { value: stated };
  const implied = routeOfMethod[method ?? ''] ?? routeOfUnit[unit ?? ''];
  return implied === undefined ? undefined : { value: implied, implied: true };
}

function findIndication(text: string): string | undefined {
  const match = reason.exec(text);
  const words = (match?.[1] ?? match?.[2])?.replace(reasonEnd, '').trim();
  return words === '' ? undefined : words;
}

function statedCeiling(text: string): DailyMaximum | undefined {
  const match = ceilings.flatMap((pattern) => [...text.matchAll(pattern)])[0];
  if (!match) return undefined;
  const unit = wordOf(doseUnits, match[2] ?? '') ?? wordOf(strengthUnits, match[2] ?? '');
  return { amount: Number(match[1]), ...(unit !== undefined && { unit }) };
}

function withoutCeilings(text: string): string {
  return ceilings.reduce((current, pattern) => current.replace(pattern, ' '), text).replace(/\s+/g, ' ');
}

/** A ceiling can only lower what dose and frequency come to; one in milligrams cannot be compared and stands as it is. */
function maxPerDay(
  stated: DailyMaximum | undefined,
  single: { dose: Amount; unit?: string } | undefined,
  timing: { frequency: Amount; period: SigValues['period'] } | undefined,
): Found<DailyMaximum> | undefined {
  const inStrength = stated?.unit !== undefined && wordOf(strengthUnits, stated.unit.toLowerCase()) !== undefined;
  if (stated && (inStrength || !single || !timing)) return { value: stated };
  if (!single || !timing) return undefined;
  const computed = (single.dose.max ?? single.dose.value) * dosesPerDay(timing.frequency, timing.period).most;
  const amount = Math.min(computed, stated?.amount ?? computed);
  const value = { amount, ...(single.unit !== undefined && { unit: single.unit }) };
  return stated && stated.amount <= computed ? { value } : { value, implied: true };
}

function isMultiStep(text: string): boolean {
  const doses = [...withoutCeilings(text).matchAll(countedEverywhere)];
  const kinds = new Set(
    doses.map(([, value, max, unit]) => `${value ?? ''}-${max ?? ''} ${wordOf(doseUnits, unit ?? '') ?? ''}`),
  );
  return [nextStep, ...rounds].some((pattern) => pattern.test(text)) || kinds.size > 1 || mixesDaysAndWeekdays(text);
}
