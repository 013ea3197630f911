import { heightCodes, weightCodes, type OrderObservation } from '../../prescriptions/order/index.js';
import { LARGEST_MEASURE, LONGEST_MEASURE_UNIT, MOST_OBSERVATIONS } from './order.schema.js';
import type { Draft } from './values.js';

export interface Measurement {
  /** LOINC */
  code: string | undefined;
  /** NaN where it is no number. */
  value: number | undefined;
  /** As the sender writes its unit; the first that is short enough is taken. */
  units: readonly (string | undefined)[];
  date: string | undefined;
}

/** Only what the rules ask for: a chart comes with hundreds of others, and none of them is a reason to refuse an order. */
export function vitalsAmong(measurements: readonly Measurement[]): Draft<OrderObservation>[] | undefined {
  const found = measurements.flatMap(({ code = '', value, units, date }) => {
    if (!isVital(code) || value === undefined || !(Math.abs(value) <= LARGEST_MEASURE)) return [];
    const unit = units.find((name) => name !== undefined && name.trim().length <= LONGEST_MEASURE_UNIT);
    return [{ code, value, unit, date }];
  });
  return found.length > 0 ? found.slice(0, MOST_OBSERVATIONS) : undefined;
}

export function isVital(code: string): boolean {
  return heightCodes.has(code) || weightCodes.has(code);
}
