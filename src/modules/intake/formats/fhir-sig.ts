import type { Concept, Dosage, Quantity } from './fhir-resources.js';
import { isBlank } from './order.schema.js';
import { readDate } from './values.js';

const unitWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    s: 'second',
    min: 'minute',
    h: 'hour',
    d: 'day',
    wk: 'week',
    mo: 'month',
    a: 'year',
  }),
);

const weekdays: ReadonlyMap<string, string> = new Map(
  Object.entries({
    mon: 'Monday',
    tue: 'Tuesday',
    wed: 'Wednesday',
    thu: 'Thursday',
    fri: 'Friday',
    sat: 'Saturday',
    sun: 'Sunday',
  }),
);

/** Units a label counts in words, as senders write one of them. */
const countedWord =
  /^(?:tablet|caplet|capsule|pill|drop|puff|spray|lozenge|troche|film|packet|dose|unit|application)$/i;

/** HL7 EventTiming, as far as prescriptions use it. */
const eventWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    HS: 'at bedtime',
    WAKE: 'on waking',
    MORN: 'in the morning',
    NOON: 'at noon',
    AFT: 'in the afternoon',
    EVE: 'in the evening',
    NIGHT: 'at night',
    C: 'with meals',
    CM: 'with breakfast',
    CD: 'with lunch',
    CV: 'with dinner',
    AC: 'before meals',
    ACM: 'before breakfast',
    PC: 'after meals',
    PCM: 'after breakfast',
  }),
);

/** Text is authoritative; structure is only put into words where a line has no text, and nothing is added to it. */
export function sigOf(instructions: readonly Dosage[]): string | undefined {
  const lines = instructions.map(
    (dosage) => [dosage.text, dosage.patientInstruction].find((text) => !isBlank(text)) ?? composed(dosage),
  );
  return lines.filter((line) => !isBlank(line)).join('; ') || undefined;
}

/** What only limits or explains a direction is said after it, and never instead of it. */
function composed(dosage: Dosage): string {
  const direction = joined(' ', [
    words(dosage.method),
    dose(dosage),
    words(dosage.route),
    frequency(dosage),
    onDays(dosage),
    atTimes(dosage),
    ...(dosage.timing?.repeat?.when ?? []).map((event) => eventWords.get(event) ?? ''),
    asNeeded(dosage),
  ]);
  if (direction === '') return '';
  const limited = joined(', ', [joined(' ', [direction, duration(dosage)]), ...ceilings(dosage)]);
  return joined('. ', [limited, ...(dosage.additionalInstruction ?? []).map(words)]);
}

function joined(separator: string, parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(separator);
}

function listed(parts: readonly string[]): string {
  return parts.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

/** "Swallow - dosing instruction imperative (qualifier value)" is SNOMED for "Swallow". */
function words(concept: Concept | undefined): string {
  const display = concept?.coding?.find((coding) => coding.display !== undefined)?.display ?? '';
  return (concept?.text ?? display.split(/ - | \(/)[0] ?? '').trim();
}

function dose(dosage: Dosage): string {
  const rate = dosage.doseAndRate?.[0];
  const { low, high } = rate?.doseRange ?? {};
  if (low?.value !== undefined && high?.value !== undefined) return `${low.value} to ${measured(high)}`;
  return rate?.doseQuantity ? measured(rate.doseQuantity) : '';
}

function measured({ value, unit, code }: Quantity): string {
  const word = unit ?? code ?? '';
  return value === undefined ? '' : `${value} ${word}${value > 1 && countedWord.test(word) ? 's' : ''}`.trim();
}

function frequency(dosage: Dosage): string {
  const repeat = dosage.timing?.repeat;
  const { frequencyMax, period, periodMax, periodUnit, dayOfWeek = [], timeOfDay = [] } = repeat ?? {};
  const unit = unitWords.get(periodUnit ?? '');
  if (period === undefined || unit === undefined) return words(dosage.timing?.code);
  const every = span(period, periodMax);
  const isDaily = every === '1' && unit === 'day';
  const times = span(repeat?.frequency ?? (isDaily && timeOfDay.length > 0 ? timeOfDay.length : 1), frequencyMax);
  // "every day on Monday" would say two things.
  if (isDaily && dayOfWeek.length > 0) return times === '1' ? '' : `${times} times a day`;
  const interval = every === '1' ? `every ${unit}` : `every ${every} ${unit}s`;
  return times === '1' ? interval : `${times} times ${interval}`;
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

/** In words `parseSig` reads as the most of a day. */
function ceilings({ maxDosePerPeriod, maxDosePerAdministration }: Dosage): string[] {
  const { numerator, denominator } = maxDosePerPeriod ?? {};
  return [
    numerator?.value === undefined ? '' : joined(' ', [`max ${measured(numerator)}`, per(denominator)]),
    maxDosePerAdministration?.value === undefined ? '' : `max ${measured(maxDosePerAdministration)} per dose`,
  ];
}

function per(denominator: Quantity | undefined): string {
  if (denominator === undefined) return '';
  const time = timeSpan(String(denominator.value ?? 1), denominator);
  return `per ${time.replace(/^1 /, '')}`;
}

function span(from: number, to: number | undefined): string {
  return to === undefined || to === from ? String(from) : `${from}-${to}`;
}

function asNeeded(dosage: Dosage): string {
  const reason = words(dosage.asNeededCodeableConcept);
  if (reason !== '') return `as needed for ${reason}`;
  return dosage.asNeededBoolean === true || dosage.asNeededCodeableConcept ? 'as needed' : '';
}

function duration(dosage: Dosage): string {
  const { boundsDuration, boundsRange, boundsPeriod } = dosage.timing?.repeat ?? {};
  const { low, high } = boundsRange ?? {};
  return joined(' ', [
    boundsDuration?.value === undefined ? '' : `for ${timeSpan(String(boundsDuration.value), boundsDuration)}`,
    high?.value === undefined ? '' : `for ${timeSpan(span(low?.value ?? high.value, high.value), high)}`,
    boundsPeriod?.start === undefined ? '' : `from ${readDate(boundsPeriod.start)}`,
    boundsPeriod?.end === undefined ? '' : `until ${readDate(boundsPeriod.end)}`,
  ]);
}

/** "5 days", "1 week". */
function timeSpan(figure: string, { code, unit }: Quantity): string {
  const word = unitWords.get(code ?? '') ?? unitWords.get(unit ?? '') ?? unit ?? code ?? '';
  return `${figure} ${word}${figure === '1' || word === '' || word.endsWith('s') ? '' : 's'}`.trim();
}
