import type { Amount, Period, PeriodUnit } from './sig.js';
import { figure, figures, fixedTimings, moments, type Timing } from './vocabulary.js';

interface FoundTiming extends Timing {
  index: number;
  length: number;
}

const units: readonly (readonly [pattern: string, unit: PeriodUnit])[] = [
  ['hours?|hrs?|h', 'hour'],
  ['days?|d', 'day'],
  ['weeks?|wks?|w', 'week'],
  ['months?|mos?', 'month'],
];
const unitPattern = units.map(([pattern]) => pattern).join('|');
const timesWords: Readonly<Record<string, number>> = { once: 1, twice: 2, thrice: 3 };

const everyPattern = new RegExp(String.raw`\b(?:every|q|each) ${figures} ?(${unitPattern})\b`, 'g');
const timesPattern = new RegExp(
  String.raw`\b(?:${figures} ?(?:times?|x)|(once|twice|thrice))(?: ?(?:a|per|each|every|in a|/) ?| )(${unitPattern}|daily|weekly|monthly)\b`,
  'g',
);
const slashPattern = new RegExp(String.raw`\b(${figure}) ?x? ?/ ?(day|week)\b`, 'g');
const dayNames = 'mon|tues?|wed|thu(?:rs?)?|fri|sat|sun';
const dayNamePattern = new RegExp(
  String.raw`\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|${dayNames})s?\b`,
  'g',
);

const weekOrder = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const dayRangePattern =
  /\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*(?: ?- ?| through | thru | to )(mon|tue|wed|thu|fri|sat|sun)/;

export function amountOf(value: string | undefined, max: string | undefined): Amount {
  const amount = Number(value);
  const upper = Number(max);
  return max === undefined || upper <= amount ? { value: amount } : { value: amount, max: upper };
}

function periodUnitOf(word: string): PeriodUnit {
  const adverbs: Readonly<Record<string, PeriodUnit>> = { daily: 'day', weekly: 'week', monthly: 'month' };
  const found = units.find(([pattern]) => new RegExp(`^(?:${pattern})$`).test(word));
  return adverbs[word] ?? found?.[1] ?? 'day';
}

const fixedPatterns = fixedTimings.map(
  ([pattern, timing]) => [new RegExp(String.raw`\b(?:${pattern})\b`, 'g'), timing] as const,
);
const momentPatterns = moments.map(([word, pattern, slot]) => ({
  word,
  pattern: new RegExp(String.raw`\b(?:${pattern})\b`),
  ...(slot !== undefined && { slot }),
}));
const span = String.raw`${figures} ?(days?|d|weeks?|wks?|months?)`;
const durations: readonly RegExp[] = [
  new RegExp(String.raw`\b(?:for(?: up to)?(?: the)?(?: next)?|x|times|during) ${span}\b`),
  new RegExp(String.raw`(?<!every |q |each |in )\b${span}$`),
];

/** How often, where the text says so. The phrase that comes first speaks for the first step. */
export function findTiming(text: string): { timing: Timing; implied: boolean } | undefined {
  const stated = joinRange(earliest(statedTimings(text)), text);
  const moment = momentTiming(text);
  if (!stated) return moment ?? weekdayTiming(text);
  const oncePerDay = stated.frequency.value === 1 && stated.period.value === 1 && stated.period.unit === 'day';
  // "daily in the morning and at bedtime" is twice.
  if (oncePerDay && moment && moment.timing.frequency.value > 1) return moment;
  return { timing: stated, implied: false };
}

export function findMoments(text: string): string[] {
  return momentHits(text).map((hit) => hit.word);
}

/** "for 7 days", "x 10 days", "times 2 weeks", or a bare "10 days" at the very end. */
export function findDuration(text: string): Period | undefined {
  const match = durations.map((pattern) => pattern.exec(text)).find((found) => found !== null);
  return match ? { ...amountOf(match[1], match[2]), unit: periodUnitOf(match[3] ?? '') } : undefined;
}

function statedTimings(text: string): FoundTiming[] {
  const found: FoundTiming[] = [];
  for (const match of text.matchAll(everyPattern)) {
    const [whole, value, max, unit = ''] = match;
    const period = { ...amountOf(value, max), unit: periodUnitOf(unit) };
    found.push({ frequency: { value: 1 }, period, index: match.index, length: whole.length });
  }
  for (const match of text.matchAll(timesPattern)) {
    const [whole, value, max, word, unit = ''] = match;
    const frequency = word === undefined ? amountOf(value, max) : { value: timesWords[word] ?? 1 };
    found.push({ frequency, period: { value: 1, unit: periodUnitOf(unit) }, index: match.index, length: whole.length });
  }
  for (const match of text.matchAll(slashPattern)) {
    const [whole, value, unit = ''] = match;
    const period: Period = { value: 1, unit: periodUnitOf(unit) };
    found.push({ frequency: { value: Number(value) }, period, index: match.index, length: whole.length });
  }
  for (const [pattern, timing] of fixedPatterns) {
    for (const match of text.matchAll(pattern)) {
      found.push({ ...timing, index: match.index, length: match[0].length });
    }
  }
  return found.filter(({ period, frequency }) => period.value > 0 && frequency.value > 0);
}

function earliest(found: readonly FoundTiming[]): FoundTiming | undefined {
  return [...found].sort((a, b) => a.index - b.index || b.length - a.length)[0];
}

/** "qd - bid" is one order of one to two times a day. */
function joinRange(first: FoundTiming | undefined, text: string): Timing | undefined {
  if (!first) return undefined;
  const { frequency, period } = first;
  const rest = text.slice(first.index + first.length);
  const lead = /^ ?(?:-|to|or) ?/.exec(rest)?.[0];
  const next = lead === undefined ? undefined : earliest(statedTimings(rest));
  const adjoining = next && next.index === lead?.length && next.period.unit === period.unit;
  if (!adjoining || next.period.value !== period.value || next.frequency.value <= frequency.value) {
    return { frequency, period };
  }
  return { frequency: { value: frequency.value, max: next.frequency.value }, period };
}

function momentHits(text: string): { word: string; slot?: string; index: number }[] {
  const hits = momentPatterns.flatMap(({ word, pattern, slot }) => {
    const match = pattern.exec(text);
    return match ? [{ word, index: match.index, ...(slot !== undefined && { slot }) }] : [];
  });
  return hits.sort((a, b) => a.index - b.index);
}

const ofSlot = (...slots: readonly string[]) =>
  `(?:${moments.flatMap(([, pattern, slot]) => (slots.includes(slot ?? '') ? pattern : [])).join('|')})`;
const meals = '(?:[ap]c|(?:before|after|with) (?:meals|(?:each|every) meal))';
const night = ofSlot('night');
const mealSlots = ['breakfast', 'lunch', 'dinner'];
const otherSlots = ['morning', 'noon', 'afternoon', 'evening'];
const and = String.raw` ?(?:and|&|/) ?`;
const aDose = String.raw`(?:(?:take )?${figures} \w+ )?`;
/** A dose of its own in any words; what is drunk or avoided is none. */
const anotherDose = String.raw`(?:(?!(?:drink|avoid|do|not|plenty|with (?:plenty|food|water))\b)[\w.-]+ ){0,6}?`;
/** "before meals and at bedtime" is four times; "with meals and plenty of water" only says how. */
const mealsAndNight = new RegExp(
  String.raw`\b(?:${meals}${and}${anotherDose}${night}|${night}${and}${aDose}${meals}|[ap]c hs)\b`,
);
const mealsAndOther = new RegExp(String.raw`\b${meals}${and}${anotherDose}${ofSlot(...otherSlots)}\b`);
const onceADay = /\bonce (?:(?:a|per|each|every) )?(?:day|daily)\b/;

/** "in the morning and at bedtime" is twice a day; "with food" says nothing about how often. */
function momentTiming(text: string): { timing: Timing; implied: boolean } | undefined {
  const slots = slotsOf(text);
  // "before meals and in the evening": whether dinner is the evening, nobody can tell.
  if (slots.size === 0 || mealsAndOther.test(text)) return undefined;
  const isBesideOthers = otherSlots.some((slot) => slots.has(slot));
  if (mealsAndNight.test(text) && !onceADay.test(text) && !isBesideOthers)
    for (const meal of mealSlots) slots.add(meal);
  return { timing: { frequency: { value: slots.size }, period: { value: 1, unit: 'day' } }, implied: true };
}

/** The times of a day; "in the morning or at bedtime" and "in the evening 2 hours before bed" are one, named twice. */
function slotsOf(text: string): Set<string> {
  const hits = momentHits(text).filter(({ slot }) => slot !== undefined);
  const slots = new Set(hits.flatMap(({ slot }) => slot ?? []));
  // What follows the last of them ("and drink water") joins none of them.
  const isJoined = (some: typeof hits) => /\band\b|&/.test(betweenOf(text, some));
  if (/\bor\b/.test(betweenOf(text, hits)) && !isJoined(hits)) return new Set([...slots].slice(0, 1));
  const late = hits.filter(({ slot }) => slot === 'evening' || slot === 'night');
  if (late.length > 1 && !isJoined(late)) slots.delete('evening');
  return slots;
}

/** From the first of these to the last. */
function betweenOf(text: string, hits: readonly { index: number }[]): string {
  return text.slice(hits[0]?.index, hits.at(-1)?.index);
}

function weekdayTiming(text: string): { timing: Timing; implied: boolean } | undefined {
  const range = dayRangePattern.exec(text);
  const days = new Set([...text.matchAll(dayNamePattern)].map(([day]) => day.slice(0, 3)));
  if (days.size === 0 || range) return range ? weekdayRange(range) : undefined;
  return { timing: { frequency: { value: days.size }, period: { value: 1, unit: 'week' } }, implied: true };
}

function weekdayRange(range: RegExpExecArray): { timing: Timing; implied: boolean } {
  const [first, last] = [range[1], range[2]].map((day) => weekOrder.indexOf(day ?? ''));
  const days = (((last ?? 0) - (first ?? 0) + 7) % 7) + 1;
  return { timing: { frequency: { value: days }, period: { value: 1, unit: 'week' } }, implied: true };
}

/** "daily Mon-Fri" gives two rhythms at once. */
export function mixesDaysAndWeekdays(text: string): boolean {
  return /\b(?:daily|day|[btq]id|qd)\b/.test(text) && text.search(dayNamePattern) >= 0;
}
