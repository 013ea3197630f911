import type { Concept, Dosage, Quantity } from './fhir-resources.js';

const unitWords: Readonly<Record<string, string>> = {
  s: 'second',
  min: 'minute',
  h: 'hour',
  d: 'day',
  wk: 'week',
  mo: 'month',
  a: 'year',
};

/** HL7 EventTiming, as far as prescriptions use it. */
const eventWords: Readonly<Record<string, string>> = {
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
};

/** Text is authoritative; structure is only put into words where a line has no text, and nothing is added to it. */
export function sigOf(instructions: readonly Dosage[]): string | undefined {
  const lines = instructions.map((dosage) => dosage.text ?? dosage.patientInstruction ?? composed(dosage));
  return lines.filter((line) => line.trim() !== '').join('; ') || undefined;
}

function composed(dosage: Dosage): string {
  const parts = [
    words(dosage.method),
    dose(dosage),
    words(dosage.route),
    frequency(dosage),
    ...(dosage.timing?.repeat?.when ?? []).map((event) => eventWords[event] ?? ''),
    asNeeded(dosage),
    duration(dosage.timing?.repeat?.boundsDuration),
  ];
  return parts.filter((part) => part !== '').join(' ');
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
  return value === undefined ? '' : `${value} ${unit ?? code ?? ''}`.trim();
}

function frequency(dosage: Dosage): string {
  const repeat = dosage.timing?.repeat;
  const { frequency: times, frequencyMax, period, periodMax, periodUnit } = repeat ?? {};
  const unit = unitWords[periodUnit ?? ''];
  if (period === undefined || unit === undefined) return words(dosage.timing?.code);
  const every = span(period, periodMax);
  const interval = every === '1' ? `every ${unit}` : `every ${every} ${unit}s`;
  if ((times ?? 1) === 1 && frequencyMax === undefined) return interval;
  return `${span(times ?? 1, frequencyMax)} times ${interval}`;
}

function span(from: number, to: number | undefined): string {
  return to === undefined || to === from ? String(from) : `${from}-${to}`;
}

function asNeeded(dosage: Dosage): string {
  const reason = words(dosage.asNeededCodeableConcept);
  if (reason !== '') return `as needed for ${reason}`;
  return dosage.asNeededBoolean === true || dosage.asNeededCodeableConcept ? 'as needed' : '';
}

function duration(bounds: Quantity | undefined): string {
  if (bounds?.value === undefined) return '';
  const unit = unitWords[bounds.code ?? ''] ?? bounds.unit ?? '';
  return `for ${bounds.value} ${unit}${bounds.value === 1 || unit.endsWith('s') ? '' : 's'}`;
}
