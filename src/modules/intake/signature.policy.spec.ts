import type { PrescriptionOrder } from '../prescriptions/index.js';
import { mergePatch } from './merge-patch.js';
import { keepSignature } from './signature.policy.js';

const order: PrescriptionOrder = {
  writtenDate: '2026-11-20',
  patient: { firstName: 'Ada', lastName: 'Marsh', birthDate: '1980-02-29', address: { zip: '78701' } },
  prescriber: { npi: '1993999998', dea: 'AA1234563', firstName: 'Ines', lastName: 'Roy' },
  medication: {
    description: 'Oxycodone 5 mg tablet',
    ndc: '7000009010',
    strength: '5 mg',
    quantity: 20,
    quantityUnit: 'C48542',
    refills: 0,
  },
  digitallySigned: true,
};
const signedAfter = (patch: object, current = order) =>
  keepSignature(current, mergePatch(current, patch) as PrescriptionOrder).digitallySigned;

describe('a digital signature', () => {
  it.each([undefined, false])('is never declared by a correction of an order that says %p of it', (digitallySigned) => {
    const { digitallySigned: signed, ...unsigned } = order;
    const current = digitallySigned === undefined ? unsigned : { ...unsigned, digitallySigned };
    expect(signedAfter({ digitallySigned: signed }, current)).toBe(digitallySigned);
  });

  it.each([
    { digitallySigned: null },
    { digitallySigned: false },
    { medication: { daysSupply: 10, sig: 'Take 1 tablet by mouth daily', schedule: 'II' } },
    { medication: { quantity: 10 } },
    { medication: { description: ' OXYCODONE  5 mg tablet' } },
    { medication: { ndc: '70000-0090-10' } },
    { patient: { address: { line1: '1 Elm St' }, phone: '+15125550100' } },
    { note: 'Called the patient.' },
    { medication: { quantityUnit: 'TAB' } },
    { medication: { quantityUnit: 'each' } },
  ])('stays with a correction to %j', (patch) => {
    expect(signedAfter(patch)).toBe(true);
  });

  it.each([
    { writtenDate: '2026-11-21' },
    { patient: { firstName: 'Eve' } },
    { patient: { lastName: 'Moss' } },
    { patient: { birthDate: '1980-02-28' } },
    { prescriber: { npi: '1234567893' } },
    { prescriber: { dea: null } },
    { medication: { description: 'Oxycodone 10 mg tablet' } },
    { medication: { ndc: '70000011230' } },
    { medication: { ndc: null } },
    { medication: { strength: '10 mg' } },
    { medication: { rxnormCode: '1049621' } },
    { medication: { quantity: 21 } },
    { medication: { refills: 1 } },
    { medication: { quantityUnit: 'mL' } },
    { medication: { quantityUnit: 'bottle' } },
    { medication: { quantityUnit: null } },
  ])('falls with a correction to %j, whatever the patch says of it', (patch) => {
    expect(signedAfter({ ...patch, digitallySigned: true })).toBeUndefined();
  });

  const withMedication = (change: object) => mergePatch(order, { medication: change }) as PrescriptionOrder;

  it.each([
    [{ ndc: null }, { ndc: '70000-0090-10' }],
    [{ ndc: '7000-09' }, { ndc: '70000-0090-10' }],
    [{ ndc: '7000-09' }, { ndc: null }],
    [{ quantityUnit: null }, { quantityUnit: 'C48542' }],
    [{ quantityUnit: 'C38046' }, { quantityUnit: 'C48542' }],
    [{ quantityUnit: 'bottle' }, { quantityUnit: 'Bottle' }],
    [{ quantityUnit: 'vial' }, { quantityUnit: 'each' }],
    [{ quantityUnit: 'vial' }, { quantityUnit: 'C48551' }],
    [{ quantityUnit: 'each' }, { quantityUnit: 'C48551' }],
  ])('given with %j stays with a correction to %j', (received, patch) => {
    expect(signedAfter({ medication: patch }, withMedication(received))).toBe(true);
  });

  it.each([
    [{ ndc: null }, { ndc: '70000-0090-10', strength: '10 mg' }],
    [{ ndc: '70000009010' }, { ndc: '7000-09' }],
    [{ quantityUnit: 'bottle' }, { quantityUnit: 'mL' }],
    [{ quantityUnit: 'mg' }, { quantityUnit: 'C48542' }],
    [{ quantityUnit: 'vial' }, { quantityUnit: 'mL' }],
    [{ quantityUnit: 'vial' }, { quantityUnit: 'syringe' }],
    [{ quantityUnit: 'vial' }, { quantityUnit: 'C48542' }],
    [{ quantityUnit: 'vial' }, { quantityUnit: null }],
  ])('given with %j falls with a correction to %j', (received, patch) => {
    expect(signedAfter({ medication: patch }, withMedication(received))).toBeUndefined();
  });
});
