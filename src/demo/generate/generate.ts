import { buildFhir } from '../../modules/intake/formats/fhir.js';
import { buildNewRx } from '../../modules/intake/formats/script.js';
import type { PrescriptionOrder } from '../../modules/prescriptions/order/index.js';
import { defectNames, defectOf, type DefectName } from './defects.js';
import { validOrder, type OrderContext } from './order.js';
import { usStates, type UsState } from './places.js';
import { Random } from './random.js';

export type GeneratedFormat = 'script-2017071' | 'script-2023011' | 'json' | 'fhir';

export interface GeneratedPrescription {
  format: GeneratedFormat;
  contentType: string;
  body: string;
  expected: 'valid' | 'defect';
  defect?: DefectName;
  /** What the body says; reading it gives exactly this. */
  order: PrescriptionOrder;
}

export interface GenerateOptions {
  count: number;
  seed: number;
  /** Share of orders with a fault, 0 to 1. */
  defects: number;
  /** The day the orders are sent, YYYY-MM-DD; the same seed and date give the same bytes. */
  date: string;
  /** All fifty and DC unless said otherwise. */
  states?: readonly UsState[];
  formats?: readonly GeneratedFormat[];
}

interface Encoding {
  contentType: string;
  write: (order: PrescriptionOrder, date: string) => string;
}

/** The mailbox of the platform's own pharmacy in the invented directory. */
export const receiver = { id: '7000001', qualifier: 'P' };

const encodings: Readonly<Record<GeneratedFormat, Encoding>> = {
  'script-2017071': { contentType: 'application/xml', write: (order, date) => script(order, date, '2017071') },
  'script-2023011': { contentType: 'application/xml', write: (order, date) => script(order, date, '2023011') },
  json: { contentType: 'application/json', write: (order) => JSON.stringify(order) },
  fhir: { contentType: 'application/fhir+json', write: (order) => JSON.stringify(buildFhir(order)) },
};

export const generatedFormats: readonly GeneratedFormat[] = ['script-2017071', 'script-2023011', 'json', 'fhir'];

/** Prescriptions of invented people, one at a time, so that a large run needs no memory. */
export function* generate(options: GenerateOptions): Generator<GeneratedPrescription, void, undefined> {
  const random = new Random(options.seed);
  const { seed, date, states = usStates, formats = generatedFormats } = options;
  const lines = new Map<UsState, number>();
  for (let index = 0; index < options.count; index += 1) {
    const defect = random.chance(options.defects) ? random.pick(defectNames) : undefined;
    const format = random.pick(formats);
    const order = orderWith(defect, random, { seed, index, date, states, lines });
    const outcome = defect === undefined ? { expected: 'valid' as const } : { expected: 'defect' as const, defect };
    yield { format, ...encode(order, format, date), ...outcome, order };
  }
}

/** An order as a prescriber's system would send it. */
export function encode(
  order: PrescriptionOrder,
  format: GeneratedFormat,
  date: string,
): { contentType: string; body: string } {
  const { contentType, write } = encodings[format];
  return { contentType, body: write(order, date) };
}

function orderWith(name: DefectName | undefined, random: Random, context: OrderContext): PrescriptionOrder {
  if (name === undefined) return validOrder(random, context);
  const defect = defectOf(name);
  return defect.apply(validOrder(random, context, defect.admits), random, context);
}

function script(order: PrescriptionOrder, date: string, version: '2017071' | '2023011'): string {
  const from = { id: order.prescriber.spi ?? 'UNKNOWN', qualifier: 'D' };
  return buildNewRx(order, { from, to: receiver, sentTime: new Date(`${date}T15:00:00Z`) }, version);
}
