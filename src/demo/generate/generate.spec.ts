import { isE164, isValidDea, isValidNpi, zipAgainstState } from '../../modules/directory/identifiers/index.js';
import { parseFhir } from '../../modules/intake/formats/fhir.js';
import { parseJsonIntake } from '../../modules/intake/formats/json.js';
import { parseScript } from '../../modules/intake/formats/script.js';
import type { PrescriptionOrder } from '../../modules/prescriptions/order/index.js';
import { catalog } from '../catalog.js';
import { defectNames } from './defects.js';
import { generate, generatedFormats, type GeneratedPrescription } from './generate.js';
import { fileName, readCommand } from './main.js';
import { fictionalPhone, placesOf, usStates } from './places.js';

const options = { count: 400, seed: 7, defects: 0.4, date: '2026-06-15' };
const all = [...generate(options)];
const valid = all.filter((one) => one.expected === 'valid');

function read(one: GeneratedPrescription): PrescriptionOrder | undefined {
  if (one.format === 'json') return parseJsonIntake(JSON.parse(one.body)).order;
  return one.format === 'fhir'
    ? parseFhir(JSON.parse(one.body), options.date)
    : parseScript(Buffer.from(one.body)).order;
}

describe('generate', () => {
  it('gives the same bytes for the same seed, and others for another', () => {
    const again = [...generate(options)].map((one) => one.body);
    expect(again).toEqual(all.map((one) => one.body));
    expect([...generate({ ...options, seed: 8 })].map((one) => one.body)).not.toEqual(again);
  });

  it('gives back its order when any body is read, defective or not', () => {
    for (const one of all) expect(read(one)).toEqual(one.order);
  });

  it('writes every format and, of these many, every defect', () => {
    expect(new Set(all.map((one) => one.format))).toEqual(new Set(generatedFormats));
    expect(new Set(all.flatMap((one) => one.defect ?? []))).toEqual(new Set(defectNames));
    expect(valid.length).toBeGreaterThan(200);
  });

  it('has valid identifiers, phones, ZIPs and drugs in every valid order', () => {
    for (const { order } of valid) {
      const { patient, prescriber, medication } = order;
      expect(isValidNpi(prescriber.npi ?? '')).toBe(true);
      expect(isValidDea(prescriber.dea ?? '')).toBe(true);
      expect(prescriber.dea?.charAt(1)).toBe(prescriber.lastName?.charAt(0));
      expect(isE164(patient.phone ?? '')).toBe(true);
      expect(zipAgainstState(patient.address?.zip ?? '', patient.address?.state ?? '')).toBe('agrees');
      expect(catalog.map((drug) => drug.ndc)).toContain(medication.ndc?.replaceAll('-', ''));
      expect(order.digitallySigned).toBe(medication.schedule === undefined ? undefined : true);
      expect(order.writtenDate && order.writtenDate <= options.date && order.writtenDate > '2026-06-08').toBe(true);
    }
  });

  it('gives no two patients of a run the same phone or email', () => {
    const people = all.map((one) => one.order.patient);
    expect(new Set(people.map((patient) => patient.phone)).size).toBe(all.length);
    expect(new Set(people.map((patient) => patient.email)).size).toBe(all.length);
  });

  it('has a number that can exist for every state', () => {
    expect(usStates).toHaveLength(51);
    for (const state of usStates) {
      expect(isE164(fictionalPhone(state, 0))).toBe(true);
      expect(placesOf(state).length).toBeGreaterThan(0);
    }
  });

  it('keeps to the states and formats it is given, and makes no defect at 0', () => {
    const few = [...generate({ ...options, count: 40, defects: 0, states: ['TX'], formats: ['json'] })];
    expect(new Set(few.map((one) => `${one.format} ${one.expected} ${one.order.patient.address?.state}`))).toEqual(
      new Set(['json valid TX']),
    );
  });

  it.each(defectNames)('shows the fault %s in the order', (name) => {
    const one = all.find((candidate) => candidate.defect === name);
    expect(one && faults[name]?.(one.order)).toBe(true);
  });
});

const faults: Readonly<Record<string, (order: PrescriptionOrder) => boolean>> = {
  'npi-check-digit': (order) => !isValidNpi(order.prescriber.npi ?? ''),
  'dea-check-digit': (order) => !isValidDea(order.prescriber.dea ?? '') && order.medication.schedule !== undefined,
  'ndc-ten-digits': (order) => /^\d{10}$/.test(order.medication.ndc ?? ''),
  'sig-missing': (order) => !('sig' in order.medication),
  'sig-other-drug': (order) =>
    catalog.some(
      (drug) => order.medication.sig?.includes(drug.genericName) && drug.name !== order.medication.description,
    ),
  'quantity-unit-mg': (order) => order.medication.quantityUnit === 'C28253',
  'quantity-days-mismatch': (order) => (order.medication.quantity ?? 0) >= 4 * (order.medication.daysSupply ?? 0),
  'refills-schedule-2': (order) => order.medication.schedule === 'II' && (order.medication.refills ?? 0) > 0,
  'state-zip-mismatch': ({ patient: { address } }) =>
    zipAgainstState(address?.zip ?? '', address?.state ?? '') === 'disagrees',
  'written-in-future': (order) => (order.writtenDate ?? '') > options.date,
  'birth-date-missing': (order) => !('birthDate' in order.patient),
  'written-stale': (order) => (order.writtenDate ?? '') < '2025-06-15',
  'controlled-unsigned': (order) => order.medication.schedule !== undefined && !('digitallySigned' in order),
};

describe('the command line', () => {
  it('reads its options', () => {
    const args = ['--count', '3', '--seed', '9', '--defects', '0.5', '--out', 'x'];
    expect(readCommand(args, '2026-01-02')).toEqual({ count: 3, seed: 9, defects: 0.5, date: '2026-01-02', out: 'x' });
    expect(readCommand(['--help'], '2026-01-02')).toBe('help');
  });

  it.each([
    ['--count=-1'],
    ['--count=x'],
    ['--seed=1.5'],
    ['--defects=2'],
    ['--defects='],
    ['--date=2026-02-30'],
    ['--what'],
  ])('refuses %s', (arg) => expect(() => readCommand([arg], '2026-01-02')).toThrow());

  it('names files by number, format and fault', () => {
    const one = all.find((candidate) => candidate.format === 'script-2017071' && candidate.expected === 'valid');
    expect(one && fileName(0, one)).toBe('00001-script-2017071-valid.xml');
  });
});
