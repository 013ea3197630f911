import type { OrderCoverage, OrderMedication, PrescriptionOrder } from '../../modules/prescriptions/order/index.js';
import { catalog, type CatalogDrug } from '../catalog.js';
import { aPatient, aPrescriber } from './people.js';
import type { UsState } from './places.js';
import type { Random } from './random.js';

export interface OrderContext {
  seed: number;
  /** Counts from 0 within one run. */
  index: number;
  /** The day the orders are sent, YYYY-MM-DD. */
  date: string;
  states: readonly UsState[];
  /** The next free line of each state, so that patients of one run do not share a phone while its numbers last. */
  lines: Map<UsState, number>;
}

/** Invented plans: no processor has these BINs. */
const payers = [
  { bin: '990011', pcn: 'DEMO1', groupId: 'ACME', payerName: 'Acme Health' },
  { bin: '990022', pcn: 'DEMO2', groupId: 'UNION7', payerName: 'Union Benefit' },
  { bin: '990033', pcn: 'DEMO3', groupId: 'STATEX', payerName: 'State Exchange Plan' },
] as const;

/** NCI codes of the DEA schedules. */
const scheduleCodes = { II: 'C48675', III: 'C48676', IV: 'C48677', V: 'C48679' } as const;

/** An order without a fault, of a drug that the filter admits. */
export function validOrder(
  random: Random,
  context: OrderContext,
  admits: (drug: CatalogDrug) => boolean = () => true,
): PrescriptionOrder {
  const state = random.pick(context.states);
  const drug = random.pick(catalog.filter(admits));
  const serial = `${context.seed}-${context.index + 1}`;
  const line = context.lines.get(state) ?? context.seed;
  context.lines.set(state, line + 1);
  return {
    messageId: random.hex(32),
    prescriberOrderNumber: `RX-${serial}`,
    writtenDate: addDays(context.date, -random.int(0, 5)),
    patient: aPatient(random, state, serial, line, Number(context.date.slice(0, 4))),
    prescriber: aPrescriber(random, context.seed, state),
    medication: aMedication(random, drug),
    ...(random.chance(0.7) && { coverage: aCoverage(random) }),
    ...(drug.schedule !== undefined && { digitallySigned: true }),
    ...(random.chance(0.1) && { note: 'Please call the patient before shipping.' }),
  };
}

function aMedication(random: Random, drug: CatalogDrug): OrderMedication {
  return {
    description: drug.name,
    ndc: random.chance(0.3) ? hyphenated(drug.ndc) : drug.ndc,
    strength: drug.strength,
    form: drug.form,
    ...(drug.schedule !== undefined && { schedule: drug.schedule, scheduleCode: scheduleCodes[drug.schedule] }),
    quantity: drug.quantity,
    quantityUnit: drug.unit,
    daysSupply: drug.daysSupply,
    // 21 CFR 1306.12: a schedule II prescription is never refilled.
    refills: drug.schedule === 'II' ? 0 : random.int(0, 3),
    substitutions: random.chance(0.9) ? 0 : 1,
    sig: drug.sig,
  };
}

function aCoverage(random: Random): OrderCoverage {
  return { ...random.pick(payers), cardholderId: `M${random.digits(9)}`, personCode: '01', relationship: '1' };
}

/** 5-4-2 */
function hyphenated(ndc: string): string {
  return `${ndc.slice(0, 5)}-${ndc.slice(5, 9)}-${ndc.slice(9)}`;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * The date everywhere in the United States or the day before: in UTC it may be tomorrow already, and an order written
 * tomorrow is refused.
 */
export function sendingDay(now: Date = new Date()): string {
  const behindUtcMs = 12 * 3_600_000;
  return new Date(now.getTime() - behindUtcMs).toISOString().slice(0, 10);
}
