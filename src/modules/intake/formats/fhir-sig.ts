import { saysMore, type Concept, type Dosage, type Quantity, type Range } from './fhir-resources.js';
import { countedWord, eventWords, timingWords, unitWords, weekdays } from './fhir-sig-words.js';
import { isOf } from './fhir-systems.js';
import { isBlank } from './order.schema.js';
import { readDate } from './values.js';

/** Words for a part of a dosage: '' where the part is not there, undefined where it is there and cannot be said. */
type Words = string | undefined;

/**
 * Text is authoritative; structure is only put into words where a line has no text, and nothing is added to it.
 * @returns undefined also when a part has no words: what is left would be another direction
 */
export function sigOf(instructions: readonly Dosage[]): string | undefined {
  const directs = instructions.some((dosage) => written(dosage) !== undefined || direction(dosage) !== '');
  if (!directs) return undefined;
  const steps = stepsOf(instructions).map((step) =>
    joined(
      '; ',
      step.map((dosage) => written(dosage) ?? composed(dosage)),
    ),
  );
  return joined('; then ', steps) || undefined;
}

/** R4 Dosage.sequence: lines of one number are followed at the same time, those of another one after it. */
function stepsOf(instructions: readonly Dosage[]): Dosage[][] {
  const numbers = instructions.flatMap(({ sequence }) => sequence ?? []);
  if (numbers.length < instructions.length) return [[...instructions]];
  return [...new Set(numbers)]
    .sort((one, other) => one - other)
    .map((number) => instructions.filter(({ sequence }) => sequence === number));
}

function written({ text, patientInstruction }: Dosage): string | undefined {
  return [text, patientInstruction].find((said) => !isBlank(said));
}

/** What only limits or explains a direction is said after it, and never instead of it. */
function composed(dosage: Dosage): Words {
  if (saysMore(dosage)) return undefined;
  const limited = joined(', ', [joined(' ', [direction(dosage), ...duration(dosage)]), ...ceilings(dosage)]);
  return joined('. ', [limited, ...(dosage.additionalInstruction ?? []).map(words)]);
}

function direction(dosage: Dosage): Words {
  return joined(' ', [
    words(dosage.method),
    dose(dosage),
    words(dosage.route),
    phrase`(${words(dosage.site)})`,
    frequency(dosage),
    onDays(dosage),
    atTimes(dosage),
    ...events(dosage),
    asNeeded(dosage),
  ]);
}

function joined(separator: string, parts: readonly Words[]): Words {
  return parts.includes(undefined) ? undefined : parts.filter((part) => part !== '').join(separator);
}

/** The words within the others, where there are any. */
function phrase([before = '', after = '']: TemplateStringsArray, said: Words): Words {
  return said ? `${before}${said}${after}` : said;
}

function listed(parts: readonly string[]): string {
  return parts.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

/** "Swallow - dosing instruction imperative (qualifier value)" is SNOMED for "Swallow". */
function words(concept: Concept | undefined): Words {
  if (concept === undefined) return '';
  const display = concept.coding?.find((coding) => coding.display !== undefined)?.display ?? '';
  return (concept.text ?? display.split(/ - | \(/)[0] ?? '').trim() || undefined;
}

function dose({ doseAndRate = [] }: Dosage): Words {
  const [said, ...others] = new Set(
    doseAndRate.map(({ doseQuantity, doseRange }) => (doseRange ? rangeOf(doseRange) : measured(doseQuantity))),
  );
  return doseAndRate.length === 0 ? '' : others.length === 0 ? said : undefined;
}

function rangeOf({ low, high }: Range): Words {
  if (low === undefined) return phrase`up to ${measured(high)}`;
  const unit = commonUnit(low, high);
  const [from, to] = [low.value, high?.value];
  if (from === undefined || to === undefined || unit === undefined) return undefined;
  return `${from} to ${measured({ value: to, unit })}`;
}

/** The unit of both bounds, where only one has it, too. The words of one code may differ ("tablet", "Tablets"). */
function commonUnit(low: Quantity | undefined, high: Quantity | undefined): string | undefined {
  const [one, other] = [unitOf(low), unitOf(high)];
  const isOne = one === '' || other === '' || (low?.code ?? singular(one)) === (high?.code ?? singular(other));
  return isOne || singular(one) === singular(other) ? other || one : undefined;
}

function singular(word: string): string {
  return word.toLowerCase().replace(/s$/, '');
}

function measured(quantity: Quantity | undefined): Words {
  const { value } = quantity ?? {};
  const word = unitOf(quantity);
  return value === undefined ? undefined : `${value} ${word}${value > 1 && countedWord.test(word) ? 's' : ''}`.trim();
}

function unitOf({ unit, code }: Quantity = {}): string {
  return unit ?? code ?? '';
}

function frequency({ timing }: Dosage): Words {
  const {
    frequencyMax,
    period,
    periodMax,
    periodUnit,
    dayOfWeek = [],
    timeOfDay = [],
    ...repeat
  } = timing?.repeat ?? {};
  // FHIR: a code says all that frequency and period would.
  if (period === undefined && timing?.code !== undefined) return timingOf(timing.code);
  const given = [repeat.frequency, frequencyMax, period, periodMax, periodUnit];
  if (given.every((part) => part === undefined)) return '';
  const unit = unitWords.get(periodUnit ?? '');
  if (period === undefined || unit === undefined) return undefined;
  const every = span(period, periodMax);
  const isDaily = every === '1' && unit === 'day';
  const times = span(repeat.frequency ?? (isDaily && timeOfDay.length > 0 ? timeOfDay.length : 1), frequencyMax);
  // "every day on Monday" would say two things.
  if (isDaily && dayOfWeek.length > 0) return times === '1' ? '' : `${times} times a day`;
  const interval = every === '1' ? `every ${unit}` : `every ${every} ${unit}s`;
  return times === '1' ? interval : `${times} times ${interval}`;
}

function timingOf(code: Concept): Words {
  const known = code.coding?.find(({ system }) => system === undefined || isOf(system, 'timing'))?.code ?? '';
  return words(code) ?? timingWords.get(known);
}

function onDays(dosage: Dosage): string {
  const days = (dosage.timing?.repeat?.dayOfWeek ?? []).map((day) => weekdays.get(day) ?? day);
  return days.length > 0 ? `on ${listed(days)}` : '';
}

function atTimes(dosage: Dosage): string {
  const times = (dosage.timing?.repeat?.timeOfDay ?? []).map(clockTime);
  return times.length > 0 ? `at ${listed(times)}` : '';
}

/** "20:00:00" is 8:00 PM on a label. */
function clockTime(time: string): string {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) return time;
  return `${Number(hour) % 12 || 12}:${minute} ${Number(hour) < 12 ? 'AM' : 'PM'}`;
}

/** An offset is in minutes, before or after what the event itself says; at noon it could be either. */
function events({ timing }: Dosage): Words[] {
  const { when = [], offset = 0 } = timing?.repeat ?? {};
  if (when.length === 0 && offset !== 0) return [undefined];
  return when.map((event) => {
    const said = eventWords.get(event);
    if (offset === 0 || said === undefined) return said;
    return /^(?:before|after) /.test(said) ? `${offset} minutes ${said}` : undefined;
  });
}

/** In words `parseSig` reads as the most of a day. */
function ceilings({ maxDosePerPeriod: period, maxDosePerAdministration: single }: Dosage): Words[] {
  return [
    period === undefined ? '' : joined(' ', [phrase`max ${measured(period.numerator)}`, per(period.denominator)]),
    single === undefined ? '' : phrase`max ${measured(single)} per dose`,
  ];
}

function per(denominator: Quantity | undefined): Words {
  if (denominator === undefined) return '';
  return phrase`per ${timeSpan(denominator, denominator.value ?? 1)?.replace(/^1 /, '')}`;
}

function span(from: number, to: number | undefined): string {
  return to === undefined || to === from ? String(from) : `${from}-${to}`;
}

function asNeeded({ asNeededBoolean, asNeededCodeableConcept: reason }: Dosage): Words {
  if (reason !== undefined) return phrase`as needed for ${words(reason)}`;
  return asNeededBoolean === true ? 'as needed' : '';
}

function duration({ timing }: Dosage): Words[] {
  const { boundsDuration, boundsRange, boundsPeriod, count, countMax, ...repeat } = timing?.repeat ?? {};
  const each = { code: repeat.durationUnit ?? '' };
  const isTimed = repeat.duration !== undefined || repeat.durationMax !== undefined || each.code !== '';
  return [
    isTimed ? phrase`over ${timeSpan(each, repeat.duration, repeat.durationMax)}` : '',
    count === undefined && countMax === undefined ? '' : phrase`for ${timeSpan({ unit: 'dose' }, count, countMax)}`,
    boundsDuration === undefined ? '' : phrase`for ${timeSpan(boundsDuration, boundsDuration.value)}`,
    boundsRange === undefined ? '' : phrase`for ${timeSpanOf(boundsRange)}`,
    boundsPeriod?.start === undefined ? '' : `from ${readDate(boundsPeriod.start)}`,
    boundsPeriod?.end === undefined ? '' : `until ${readDate(boundsPeriod.end)}`,
  ];
}

function timeSpanOf({ low, high }: Range): Words {
  const unit = commonUnit(low, high);
  return high?.value === undefined || unit === undefined
    ? undefined
    : timeSpan({ unit }, low?.value ?? high.value, high.value);
}

/** "5 days", "1 week", "2-3 doses". */
function timeSpan({ code, unit }: Quantity, from: number | undefined, to?: number): Words {
  const word = unitWords.get(code ?? '') ?? unitWords.get(unit ?? '') ?? unit ?? code ?? '';
  if (from === undefined || word === '') return undefined;
  const figure = span(from, to);
  return `${figure} ${word}${figure === '1' || word.endsWith('s') ? '' : 's'}`;
}
