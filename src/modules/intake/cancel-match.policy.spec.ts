import { cluesOf, mayNameThem, namesOthers, namesSamePeople } from './cancel-match.policy.js';
import type { ScriptCancel } from './formats/script.js';

const cancel: ScriptCancel = {
  prescriberNpi: '1993999998',
  patientLastName: "O'Neil-Núñez, Jr.",
  birthDate: '1980-02-29',
  ndc: '0071-0156-23',
  description: 'Atorvastatin 20 MG Oral Tablet',
  writtenDate: '2026-11-20',
};
const order = {
  prescriber: { npi: '1993999998' },
  patient: { lastName: 'ONEIL NUNEZ', birthDate: '1980-02-29' },
  medication: {},
};

describe('what a cancel message without our message may mean', () => {
  it('takes the drug in every form its number may be stored in', () => {
    expect(cluesOf(cancel)?.ndcs).toEqual(['0071-0156-23', '00071015623']);
    expect(cluesOf({ ...cancel, ndc: '0071015623' })?.ndcs).toHaveLength(4);
    const unnumbered = { ...cancel };
    delete unnumbered.ndc;
    expect(cluesOf(unnumbered)?.ndcs).toEqual([]);
  });

  it.each<[string, Partial<Record<keyof ScriptCancel, string | undefined>>]>([
    ['prescriber', { prescriberNpi: undefined }],
    ['last name', { patientLastName: undefined }],
    ['last name of letters', { patientLastName: '--' }],
    ['birth date', { birthDate: undefined }],
    ['birth date that can be read', { birthDate: '02/1980' }],
    ['written date', { writtenDate: undefined }],
    ['written date a database can hold', { writtenDate: '0000-01-01' }],
    ['drug', { ndc: undefined, description: undefined }],
  ])('points at nobody without a %s', (_, change) => {
    expect(cluesOf({ ...cancel, ...change } as ScriptCancel)).toBeUndefined();
  });

  it.each<[string, Partial<ScriptCancel>, boolean]>([
    ['name the same people', {}, false],
    ['name another prescriber', { prescriberNpi: '1234567893' }, true],
    ['name another birth date', { birthDate: '1980-03-01' }, true],
    ['name another family', { patientLastName: 'Marsh' }, true],
    ['write the name in another way', { patientLastName: 'oneil nunez' }, false],
    ['say a name without letters', { patientLastName: '--' }, false],
  ])('tells an order of others under the same number: those that %s', (_, change, others) => {
    expect(namesOthers({ ...cancel, ...change }, order)).toBe(others);
    expect(namesOthers({ ...cancel, ...change }, { prescriber: {}, patient: {}, medication: {} })).toBe(false);
  });

  it.each<[string, Partial<Record<keyof ScriptCancel, string | undefined>>, boolean]>([
    ['the birth date', { birthDate: '1980-03-01' }, true],
    ['the name', { patientLastName: 'Marsh' }, true],
    ['the prescriber', { prescriberNpi: '1234567893' }, true],
    ['all but the prescriber', { birthDate: '1980-03-01', patientLastName: 'Marsh' }, true],
    ['everybody', { prescriberNpi: '1234567893', birthDate: '1980-03-01', patientLastName: 'Marsh' }, false],
    ['all that is said', { prescriberNpi: '1234567893', birthDate: undefined, patientLastName: '--' }, false],
  ])('doubts an order of the same number when %s differs', (_, change, doubted) => {
    expect(mayNameThem({ ...cancel, ...change } as ScriptCancel, order)).toBe(doubted);
  });

  it.each([
    ['agree', {}, true],
    ['are of another prescriber', { prescriber: { npi: '1234567893' } }, false],
    ['are of a namesake', { patient: { ...order.patient, birthDate: '1980-03-01' } }, false],
    ['are of a twin by date', { patient: { ...order.patient, lastName: 'Marsh' } }, false],
    ['say no name', { patient: { birthDate: '1980-02-29' } }, false],
  ])('compares people: those that %s', (_, change, same) => {
    const clues = cluesOf(cancel);
    expect(clues && namesSamePeople(clues, { ...order, ...change })).toBe(same);
  });
});
