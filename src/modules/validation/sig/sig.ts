/** A number, or the two ends of a range such as "1-2 tablets". */
export interface Amount {
  value: number;
  max?: number;
}

export type PeriodUnit = 'hour' | 'day' | 'week' | 'month';

export interface Period extends Amount {
  unit: PeriodUnit;
}

export interface Strength extends Amount {
  unit: string;
}

export interface DailyMaximum {
  amount: number;
  /** Dose unit or strength unit; absent when the text gives a bare number of doses. */
  unit?: string;
}

/** What a SIG can say. Words are those of the label ("by mouth", "tablet"), not codes. */
export interface SigValues {
  /** Verb of the instruction: take, apply, inject. */
  method: string;
  dose: Amount;
  unit: string;
  /** Milligrams and the like, never counted as a dose. */
  strength: Strength;
  route: string;
  /** Times per period. */
  frequency: Amount;
  period: Period;
  /** Moments of the day, in the order of the text. */
  when: readonly string[];
  duration: Period;
  asNeeded: true;
  indication: string;
  /** Stated or computed most in 24 hours, in units of the dose. */
  maxPerDay: DailyMaximum;
}

/**
 * `coded`: the sender's structured SIG said it and the text does not contradict it. `derived`: read from the text;
 * `implied` when the text does not say it but its other words leave no choice (a tablet is taken by mouth).
 */
export type SigField<T> =
  { source: 'coded'; value: T } | { source: 'derived'; value: T; implied?: true } | { source: 'absent' };

export type SigFields = { [K in keyof SigValues]: SigField<SigValues[K]> };

export interface ParsedSig extends SigFields {
  /** As written: the text is what the patient is told, whatever the fields say. */
  text: string;
  normalized: string;
  /** Several steps or several doses ("then", taper): the fields describe the first one only. */
  multiStep: boolean;
  /** Fields whose structured value the text contradicts; the text won. */
  conflicts: (keyof SigValues)[];
}

const hoursPerUnit: Readonly<Record<PeriodUnit, number>> = { hour: 1, day: 24, week: 168, month: 720 };

export function valueOf<T>(field: SigField<T>): T | undefined {
  return field.source === 'absent' ? undefined : field.value;
}

/** The fewest days of a period such as "1-2 weeks". */
export function daysOf({ value, unit }: Period): number {
  return (value * hoursPerUnit[unit]) / 24;
}

/** Fewest and most administrations in 24 hours; a longer period means fewer of them. */
export function dosesPerDay(frequency: Amount, period: Period): { fewest: number; most: number } {
  const hours = hoursPerUnit[period.unit];
  return {
    fewest: (frequency.value * 24) / (hours * (period.max ?? period.value)),
    most: ((frequency.max ?? frequency.value) * 24) / (hours * period.value),
  };
}
