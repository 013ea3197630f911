import type { OrderMedication, PrescriptionOrder } from '../../modules/prescriptions/order/index.js';
import { catalog, type CatalogDrug } from '../catalog.js';
import { addDays, type OrderContext } from './order.js';
import { usStates } from './places.js';
import type { Random } from './random.js';

export interface Defect {
  /** Which drugs the fault can be shown on; any when absent. */
  admits?: (drug: CatalogDrug) => boolean;
  apply: (order: PrescriptionOrder, random: Random, context: OrderContext) => PrescriptionOrder;
}

/** One fault each, on an order that has no other. */
export const defects = {
  'npi-check-digit': {
    apply: (order) => withPrescriber(order, { npi: wrongLastDigit(order.prescriber.npi) }),
  },
  'dea-check-digit': {
    admits: isControlled,
    apply: (order) => withPrescriber(order, { dea: wrongLastDigit(order.prescriber.dea) }),
  },
  'ndc-ten-digits': {
    apply: (order) => withMedication(order, { ndc: (order.medication.ndc ?? '').replaceAll('-', '').slice(0, 10) }),
  },
  'sig-missing': {
    apply: (order) => ({ ...order, medication: without(order.medication, 'sig') }),
  },
  'sig-other-drug': {
    apply: (order, random) =>
      withMedication(order, { sig: `Take 1 tablet of ${otherDrug(order, random)} by mouth once daily` }),
  },
  'quantity-unit-mg': {
    // C28253 is the milligram: a strength, not something to count. Real templates contain it.
    apply: (order) => withMedication(order, { quantityUnit: 'C28253' }),
  },
  'quantity-days-mismatch': {
    admits: (drug) => drug.unit === 'C48542' && / once daily\b(?!.*as needed)/.test(drug.sig),
    apply: (order) => withMedication(order, { quantity: (order.medication.quantity ?? 0) * 4 }),
  },
  'refills-schedule-2': {
    admits: (drug) => drug.schedule === 'II',
    apply: (order, random) => withMedication(order, { refills: random.int(1, 3) }),
  },
  'state-zip-mismatch': {
    apply: (order, random) => {
      const others = usStates.filter((state) => state !== order.patient.address?.state);
      return {
        ...order,
        patient: { ...order.patient, address: { ...order.patient.address, state: random.pick(others) } },
      };
    },
  },
  'written-in-future': {
    apply: (order, random, { date }) => ({ ...order, writtenDate: addDays(date, random.int(7, 30)) }),
  },
  'birth-date-missing': {
    apply: (order) => ({ ...order, patient: without(order.patient, 'birthDate') }),
  },
  'written-stale': {
    // Prescriptions expire a year after the day of writing, controlled ones after six months (21 CFR 1306.22).
    apply: (order, random, { date }) => ({ ...order, writtenDate: addDays(date, -random.int(380, 700)) }),
  },
  'controlled-unsigned': {
    admits: isControlled,
    apply: (order) => without(order, 'digitallySigned'),
  },
} as const satisfies Readonly<Record<string, Defect>>;

export type DefectName = keyof typeof defects;

export const defectNames: readonly DefectName[] = Object.keys(defects).filter(isDefectName);

export function isDefectName(name: string): name is DefectName {
  return Object.hasOwn(defects, name);
}

export function defectOf(name: DefectName): Defect {
  return defects[name];
}

function isControlled(drug: CatalogDrug): boolean {
  return drug.schedule !== undefined;
}

function withMedication(order: PrescriptionOrder, fields: Partial<OrderMedication>): PrescriptionOrder {
  return { ...order, medication: { ...order.medication, ...fields } };
}

function withPrescriber(order: PrescriptionOrder, fields: { npi?: string; dea?: string }): PrescriptionOrder {
  return { ...order, prescriber: { ...order.prescriber, ...fields } };
}

function without<T extends object, K extends keyof T>(whole: T, field: K): Omit<T, K> {
  const rest = { ...whole };
  // A copy of which one field is taken: what is left is the rest.
  Reflect.deleteProperty(rest, field);
  return rest;
}

function wrongLastDigit(number = ''): string {
  return `${number.slice(0, -1)}${(Number(number.slice(-1)) + 1) % 10}`;
}

function otherDrug(order: PrescriptionOrder, random: Random): string {
  const others = catalog.filter((drug) => drug.form === 'tablet' && drug.name !== order.medication.description);
  return random.pick(others).genericName;
}
