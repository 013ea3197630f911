import fc from 'fast-check';
import { loadConfig } from '../../../config/index.js';
import type {
  OrderMedication,
  OrderPatient,
  OrderPrescriber,
  PrescriptionOrder,
} from '../prescriptions/order/index.js';
import { findingCodes, isBlocked, validationSettings, type Finding, type FindingCode } from './index.js';
import type { DirectoryDrug, PriorPrescription, ValidationContext } from './index.js';
import { subjectOf } from './subject.js';
import { findingsAbout } from './validation.policy.js';

interface Changes {
  patient?: Partial<Record<keyof OrderPatient, unknown>>;
  prescriber?: Partial<Record<keyof OrderPrescriber, unknown>>;
  medication?: Partial<Record<keyof OrderMedication, unknown>>;
  order?: Partial<Record<keyof PrescriptionOrder, unknown>>;
}

const address = { line1: '1 Main St', city: 'Austin', state: 'TX', zip: '78701' };

/** A sound order; a change to undefined takes the field away, as a door would that never sent it. */
function anOrder({ patient, prescriber, medication, order }: Changes = {}): PrescriptionOrder {
  const sound = {
    writtenDate: '2026-06-01',
    ...order,
    patient: {
      firstName: 'Jane',
      lastName: 'Doe',
      birthDate: '1990-01-02',
      phone: '+15125550100',
      address,
      ...patient,
    },
    prescriber: {
      npi: '1234567893',
      firstName: 'Aaron',
      lastName: 'Allen',
      phone: '+15125550101',
      address,
      ...prescriber,
    },
    medication: {
      description: 'Lisinopril 10 mg tablet',
      ndc: '70000-0101-30',
      quantity: 30,
      quantityUnit: 'C48542',
      daysSupply: 30,
      refills: 2,
      sig: 'Take 1 tablet by mouth once daily',
      ...medication,
    },
  };
  return JSON.parse(JSON.stringify(sound)) as PrescriptionOrder;
}

const lisinopril: DirectoryDrug = {
  ndc11: '70000010130',
  name: 'Lisinopril 10 mg tablet',
  genericName: 'lisinopril',
  form: 'tablet',
  unit: 'C48542',
};

function aContext(changes: Partial<ValidationContext> = {}): ValidationContext {
  return {
    today: '2026-06-02',
    latestToday: '2026-06-02',
    drug: lisinopril,
    priorPrescriptions: [],
    settings: validationSettings(loadConfig({})),
    ...changes,
  };
}

const withoutDirectory = (changes: Partial<ValidationContext> = {}): ValidationContext => {
  const { drug, ...context } = aContext(changes);
  expect(drug).toBeDefined();
  return context;
};

const find = (order: PrescriptionOrder, context = aContext()): Finding[] => findingsAbout(subjectOf(order, context));
const codes = (order: PrescriptionOrder, context = aContext()): FindingCode[] =>
  find(order, context).map(({ code }) => code);

const controlled: Changes = {
  order: { digitallySigned: true },
  prescriber: { dea: 'AA1234563' },
  medication: {
    description: 'Alprazolam 0.5 mg tablet',
    ndc: '70000011330',
    schedule: 'IV',
    scheduleCode: 'C48677',
    sig: 'Take 1 tablet by mouth at bedtime',
  },
};
const alprazolam: DirectoryDrug = {
  ...lisinopril,
  ndc11: '70000011330',
  name: 'Alprazolam 0.5 mg tablet',
  genericName: 'alprazolam',
  schedule: 'IV',
};

/** A controlled order of the given schedule with the given changes. */
function aControlled(
  schedule: 'II' | 'III' | 'IV' | 'V',
  changes: Changes = {},
): [PrescriptionOrder, ValidationContext] {
  const order = anOrder({
    patient: { ...changes.patient },
    prescriber: { ...controlled.prescriber, ...changes.prescriber },
    order: { ...controlled.order, ...changes.order },
    medication: {
      ...controlled.medication,
      schedule,
      scheduleCode: schedule,
      refills: 0,
      ...changes.medication,
    },
  });
  return [order, aContext({ drug: { ...alprazolam, schedule } })];
}

describe('a sound order', () => {
  it('has no findings', () => {
    expect(find(anOrder())).toEqual([]);
  });

  it.each(['TAB', 'tablet', '{tbl}', 'EA'])('has none when its unit is written as %s', (quantityUnit) => {
    expect(find(anOrder({ medication: { quantityUnit } }))).toEqual([]);
  });

  it('has none for a controlled drug either', () => {
    expect(find(...aControlled('IV'))).toEqual([]);
    expect(find(...aControlled('II'))).toEqual([]);
  });
});

describe('an empty order', () => {
  it('gets all that is missing at once, as blocking findings', () => {
    const findings = find({ patient: {}, prescriber: {}, medication: {} }, withoutDirectory());
    expect(findings.filter(({ severity }) => severity === 'blocks').map(({ code }) => code)).toEqual([
      'patient.first-name-missing',
      'patient.last-name-missing',
      'patient.birth-date-missing',
      'patient.state-missing',
      'patient.zip-missing',
      'patient.contact-missing',
      'prescriber.name-missing',
      'prescriber.name-missing',
      'prescriber.npi-missing',
      'drug.description-missing',
      'quantity.missing',
      'days-supply.missing',
      'sig.missing',
      'written-date.missing',
      'refills.missing',
    ] satisfies FindingCode[]);
    expect(isBlocked(findings)).toBe(true);
  });
});

describe('single faults', () => {
  it.each<[FindingCode, string, Changes]>([
    ['patient.name-has-digits', '/patient/lastName', { patient: { lastName: 'D0e' } }],
    ['patient.birth-date-unreadable', '/patient/birthDate', { patient: { birthDate: '1990-02-30' } }],
    ['patient.birth-date-impossible', '/patient/birthDate', { patient: { birthDate: '2026-06-03' } }],
    ['patient.birth-date-impossible', '/patient/birthDate', { patient: { birthDate: '1900-06-02' } }],
    ['patient.state-unknown', '/patient/address/state', { patient: { address: { ...address, state: 'XX' } } }],
    ['patient.zip-malformed', '/patient/address/zip', { patient: { address: { ...address, zip: '7870' } } }],
    ['patient.zip-outside-state', '/patient/address/zip', { patient: { address: { ...address, zip: '10001' } } }],
    ['patient.zip-unknown', '/patient/address/zip', { patient: { address: { ...address, zip: '00000' } } }],
    ['patient.street-missing', '/patient/address/line1', { patient: { address: { ...address, line1: ' ' } } }],
    ['patient.phone-unusable', '/patient/phone', { patient: { phone: '+1234567890' } }],
    ['patient.email-unusable', '/patient/email', { patient: { email: 'nobody' } }],
    ['prescriber.npi-invalid', '/prescriber/npi', { prescriber: { npi: '1999999999' } }],
    ['prescriber.phone-unusable', '/prescriber/phone', { prescriber: { phone: '5125550101' } }],
    ['prescriber.dea-unneeded-invalid', '/prescriber/dea', { prescriber: { dea: 'AB1234567' } }],
    [
      'drug.description-too-long',
      '/medication/description',
      { medication: { description: `Lisinopril ${'x'.repeat(95)}` } },
    ],
    ['drug.compound', '/medication/compound', { medication: { compound: true } }],
    ['drug.ndc-invalid', '/medication/ndc', { medication: { ndc: '12345-67-890' } }],
    ['drug.ndc-six-digit-labeler', '/medication/ndc', { medication: { ndc: '000002-1001-30' } }],
    ['drug.differs-from-directory', '/medication/ndc', { medication: { description: 'Warfarin 5 mg tablet' } }],
    ['drug.schedule-one', '/medication/schedule', { medication: { scheduleCode: 'C48672' } }],
    ['drug.schedule-unknown', '/medication/schedule', { medication: { scheduleCode: 'C00000' } }],
    ['quantity.not-positive', '/medication/quantity', { medication: { quantity: 0 } }],
    [
      'quantity.too-large',
      '/medication/quantity',
      { medication: { quantity: 10_000_000, sig: 'Apply to the skin daily' } },
    ],
    ['quantity.unit-milligram', '/medication/quantityUnit', { medication: { quantityUnit: 'C28253' } }],
    ['quantity.unit-milligram', '/medication/quantityUnit', { medication: { quantityUnit: 'mg' } }],
    ['quantity.unit-not-billable', '/medication/quantityUnit', { medication: { quantityUnit: 'bottle' } }],
    ['quantity.unit-not-billable', '/medication/quantityUnit', { medication: { quantityUnit: 'C38046' } }],
    ['quantity.unit-differs-from-directory', '/medication/quantityUnit', { medication: { quantityUnit: '{mL}' } }],
    ['quantity.unit-differs-from-directory', '/medication/quantityUnit', { medication: { quantityUnit: 'C28254' } }],
    ['quantity.unit-differs-from-form', '/medication/quantityUnit', { medication: { quantityUnit: 'patch' } }],
    ['days-supply.out-of-range', '/medication/daysSupply', { medication: { daysSupply: 0 } }],
    ['days-supply.out-of-range', '/medication/daysSupply', { medication: { daysSupply: 1.5, quantity: 1.5 } }],
    ['sig.verb-missing', '/medication/sig', { medication: { sig: '1 tablet by mouth daily' } }],
    ['sig.route-missing', '/medication/sig', { medication: { sig: 'Use daily' } }],
    ['sig.as-directed', '/medication/sig', { medication: { sig: 'Take by mouth as directed' } }],
    ['sig.names-other-drug', '/medication/sig', { medication: { sig: 'Take 1 tablet of methadone by mouth daily' } }],
    ['sig.quantity-differs', '/medication/quantity', { medication: { quantity: 60 } }],
    ['sig.quantity-far-off', '/medication/quantity', { medication: { quantity: 91 } }],
    ['sig.too-long', '/medication/sig', { medication: { sig: `Take 1 tablet by mouth daily ${'.'.repeat(980)}` } }],
    ['written-date.unreadable', '/writtenDate', { order: { writtenDate: 'yesterday' } }],
    ['written-date.future', '/writtenDate', { order: { writtenDate: '2026-06-03' } }],
    ['refills.out-of-range', '/medication/refills', { medication: { refills: -1 } }],
    ['refills.out-of-range', '/medication/refills', { medication: { refills: 100 } }],
    ['latest-fill.unreadable', '/medication/latestFillDate', { medication: { latestFillDate: '2027' } }],
    ['latest-fill.passed', '/medication/latestFillDate', { medication: { latestFillDate: '2026-06-01' } }],
    ['earliest-fill.unreadable', '/medication/earliestFillDate', { medication: { earliestFillDate: 'soon' } }],
    [
      'earliest-fill.before-written',
      '/medication/earliestFillDate',
      { medication: { earliestFillDate: '2026-05-31' } },
    ],
    ['earliest-fill.ahead', '/medication/earliestFillDate', { medication: { earliestFillDate: '2026-06-03' } }],
  ])('%s at %s is the only finding', (code, field, changes) => {
    expect(find(anOrder(changes)).map((found) => [found.code, found.field])).toEqual([[code, field]]);
  });

  it('carries weight and VA code of its definition', () => {
    const [found] = find(anOrder({ medication: { quantity: 0 } }));
    expect(found).toMatchObject({
      severity: 'blocks',
      vaCode: 'DRU04',
      message: 'The quantity must be more than zero.',
    });
  });

  it.each(['1 tablet by mouth daily', 'Use daily'])('only informs of what "%s" leaves unsaid', (sig) => {
    expect(find(anOrder({ medication: { sig } }))).toMatchObject([{ severity: 'informs' }]);
  });
});

describe('the last day of a fill', () => {
  it('is a day on which it may still be filled', () => {
    expect(codes(anOrder({ medication: { latestFillDate: '2026-06-02' } }))).toEqual([]);
  });

  it('cannot come before the first', () => {
    const medication = { earliestFillDate: '2026-06-10', latestFillDate: '2026-06-09' };
    expect(codes(anOrder({ medication }))).toEqual(['earliest-fill.ahead', 'earliest-fill.after-expiry']);
  });
});

describe('birth dates', () => {
  it.each([
    ['2026-06-02', 0],
    ['2026-06-03', 1],
    ['1901-06-02', 0],
    ['1900-06-02', 1],
  ])('on %s give %i finding(s) about an impossible date', (birthDate, count) => {
    const found = codes(anOrder({ patient: { birthDate } })).filter((code) => code === 'patient.birth-date-impossible');
    expect(found).toHaveLength(count);
  });
});

describe('the patient on file', () => {
  const onFile = { firstName: 'Jane', lastName: "D'Oé", birthDate: '1990-01-02' };

  it('agrees whatever the accents and apostrophes', () => {
    expect(codes(anOrder(), aContext({ patientOnFile: onFile }))).toEqual([]);
  });

  it('blocks another birth date and warns of another last name', () => {
    const context = aContext({ patientOnFile: { ...onFile, lastName: 'Roe', birthDate: '1990-02-01' } });
    expect(find(anOrder(), context).map(({ code, severity }) => [code, severity])).toEqual([
      ['patient.birth-date-differs', 'blocks'],
      ['patient.last-name-differs', 'warns'],
    ]);
  });

  it.each(['Zoe', 'Janine'])('is not %s, who may be a twin under the same number', (firstName) => {
    const context = aContext({ patientOnFile: { ...onFile, firstName } });
    expect(find(anOrder(), context)).toMatchObject([{ code: 'patient.first-name-differs', severity: 'warns' }]);
  });

  it.each([
    ['JANE', 'Doe, Jr.'],
    ['J.', 'Doe'],
    ['Jane Mary', 'DOE III'],
    ['Jané', 'Doe'],
  ])('may be %s %s', (firstName, lastName) => {
    expect(codes(anOrder({ patient: { firstName, lastName } }), aContext({ patientOnFile: onFile }))).toEqual([]);
  });
});

describe('a patient with neither a usable contact nor a name to compare', () => {
  const madonna = anOrder({ patient: { firstName: 'Madonna', lastName: '.', phone: '0000000000' } });

  it('is nobody until somebody says who is meant', () => {
    expect(codes(madonna)).toEqual(['patient.phone-unusable', 'patient.unidentified']);
    const onFile = { firstName: 'Madonna', lastName: '.', birthDate: '1990-01-02' };
    expect(codes(madonna, aContext({ patientOnFile: onFile }))).toEqual(['patient.phone-unusable']);
  });

  it('is somebody by a number of the sender', () => {
    expect(codes({ ...madonna, patient: { ...madonna.patient, externalId: 'p-1' } })).toEqual([
      'patient.phone-unusable',
    ]);
  });
});

describe('the address on file', () => {
  const onFile = { firstName: 'Mary', lastName: 'Example', birthDate: '1980-02-29' };
  const differs = (line1: string, zip: string) => {
    const order = anOrder({ patient: { address: { line1: '1 Elm St.', city: 'Austin', state: 'TX', zip: '78701' } } });
    const context = aContext({ patientOnFile: { ...onFile, address: { line1, zip } } });
    return codes(order, context).includes('patient.address-differs');
  };

  it('is another house when street or ZIP differ, and the same in any spelling', () => {
    expect(differs('2 Elm St', '78701')).toBe(true);
    expect(differs('1 Elm St', '78702')).toBe(true);
    expect(differs('1 ELM ST', '78701-1234')).toBe(false);
  });
});

describe('paediatric vitals', () => {
  const height = { code: '8302-2', value: 120, unit: 'cm' };
  const weight = { code: '29463-7', value: 25, unit: 'kg' };
  const child = (observations?: unknown, birthDate = '2015-01-01'): PrescriptionOrder =>
    anOrder({ patient: { birthDate }, order: { observations } });

  it('are asked for until the nineteenth birthday', () => {
    expect(codes(child(undefined, '2007-06-03'))).toEqual(['patient.vitals-missing']);
    expect(codes(child(undefined, '2007-06-02'))).toEqual([]);
  });

  it('count the age when it was sent', () => {
    const adult = child(undefined, '2007-06-02');
    expect(codes(adult, aContext({ sentOn: '2026-06-01' }))).toEqual(['patient.vitals-missing']);
    expect(codes(child(undefined, '2007-06-03'), aContext({ sentOn: '2026-06-04' }))).toEqual([
      'patient.vitals-missing',
    ]);
  });

  it('need height and weight', () => {
    expect(codes(child([height]))).toEqual(['patient.vitals-missing']);
    expect(codes(child([height, weight]))).toEqual([]);
  });

  it('block where the setting says so', () => {
    const settings = validationSettings(loadConfig({ PAEDIATRIC_VITALS: 'blocks' }));
    expect(find(child(), aContext({ settings }))[0]?.severity).toBe('blocks');
  });
});

describe('NDC and directory', () => {
  const ambiguous = anOrder({ medication: { ndc: '7000001013' } });

  it('says that ten digits are ambiguous and names the three candidates', () => {
    const [found] = find(ambiguous, withoutDirectory());
    expect(found?.code).toBe('drug.ndc-ambiguous');
    expect(found?.message).toContain('07000001013, 70000001013, 70000010103');
  });

  it('lets exactly one directory hit resolve them', () => {
    const hit = { ...lisinopril, ndc11: '70000010103' };
    const other = { ...lisinopril, ndc11: '70000001013' };
    expect(codes(ambiguous, withoutDirectory({ drugCandidates: [hit] }))).toEqual([]);
    expect(codes(ambiguous, withoutDirectory({ drugCandidates: [hit, other] }))).toEqual(['drug.ndc-ambiguous']);
    expect(codes(ambiguous, withoutDirectory({ drugCandidates: [lisinopril] }))).toEqual(['drug.ndc-ambiguous']);
  });

  it('warns of an NDC the directory does not know and of no code at all', () => {
    expect(codes(anOrder(), withoutDirectory())).toEqual(['drug.not-in-directory']);
    expect(codes(anOrder({ medication: { ndc: undefined } }), withoutDirectory())).toEqual(['drug.code-missing']);
    expect(codes(anOrder({ medication: { ndc: undefined, rxnormCode: '314076' } }), withoutDirectory())).toEqual([]);
  });

  const line = (genericName: string): DirectoryDrug => ({ ...lisinopril, name: `${genericName} tablet`, genericName });

  it.each([
    ['Zestril 10 mg', 'lisinopril'],
    ['Augmentin tablet', 'Amoxicillin-Clavulanate'],
    ['Amoxicillin-Clavulanate tablet', 'Augmentin'],
    ['Amoxicillin tablet', 'amoxicillin and clavulanate'],
    ['Prinivil and HCTZ', 'lisinopril-hydrochlorothiazide'],
    ['Prinivil + HCTZ', 'lisinopril/hydrochlorothiazide'],
    ['Norco', 'Hydrocodone-Acetaminophen'],
    ['Tylenol #3', 'Acetaminophen-Codeine'],
    ['Lantus', 'insulin glargine-yfgn'],
    ['Insulin glargine', 'Basaglar'],
    ['Humulin N', 'insulin NPH isophane'],
    ['Insulin', 'insulin lispro'],
    ['Insulin 10 mg', 'insulin lispro'],
  ])('accepts %s for a line of %s', (description, generic) => {
    expect(codes(anOrder({ medication: { description } }), aContext({ drug: line(generic) }))).toEqual([]);
  });

  it.each([
    ['Zestril tablet', 'hydrochlorothiazide'],
    ['Zestril tablet', 'lisinopril-hydrochlorothiazide'],
    ['Lisinopril tablet', 'lisinopril and hydrochlorothiazide'],
    ['Lisinopril/HCTZ tablet', 'lisinopril'],
    ['Lipitor', 'amlodipine+atorvastatin'],
    ['Tylenol', 'Hydrocodone-Acetaminophen'],
    ['Tylenol', 'acetaminophen and codeine'],
    ['Humalog', 'insulin glargine'],
    ['Insulin lispro', 'insulin glargine'],
    ['Humulin N', 'Lantus'],
    ['Insulin', 'semaglutide'],
  ])('asks when %s comes with a line of %s', (description, generic) => {
    expect(codes(anOrder({ medication: { description } }), aContext({ drug: line(generic) }))).toEqual([
      'drug.differs-from-directory',
    ]);
  });
});

describe('the unit of the quantity', () => {
  const pen: DirectoryDrug = {
    ndc11: '70000010703',
    name: 'Semaglutide 1 mg pen',
    genericName: 'semaglutide',
    form: 'pen',
    unit: 'C28254',
  };
  const order = (quantityUnit?: string) =>
    anOrder({
      medication: {
        description: pen.name,
        quantity: 1,
        quantityUnit,
        daysSupply: 28,
        sig: 'Inject under the skin weekly',
      },
    });

  it('has to be the one its price is for, where we price it', () => {
    const each = order('C64933');
    expect(find(each, aContext({ drug: pen, isPriced: true }))).toMatchObject([
      {
        code: 'quantity.unit-differs-from-directory',
        severity: 'blocks',
        message: 'The directory counts and prices this drug in the unit mL; please state the quantity in it.',
      },
    ]);
    expect(find(each, aContext({ drug: pen, isPriced: false }))).toMatchObject([{ severity: 'warns' }]);
  });

  it.each(['C48551', 'C48540'])('is each, and asked for as that, where the directory prices by %s', (unit) => {
    const context = aContext({ drug: { ...pen, unit }, isPriced: true });
    expect(find(order('C64933'), context)).toEqual([]);
    expect(find(order('mL'), context)).toMatchObject([
      {
        code: 'quantity.unit-differs-from-directory',
        message: 'The directory counts and prices this drug in the unit each; please state the quantity in it.',
      },
    ]);
  });

  it('is asked for beneath the signature of a controlled drug where a vial is ordered and pieces are priced', () => {
    const context = aContext({ drug: { ...pen, unit: 'C64933', schedule: 'III' }, isPriced: true });
    expect(find(order('vial'), context)).toContainEqual(
      expect.objectContaining({
        code: 'quantity.unit-not-billable',
        message: expect.stringContaining('please state the quantity in') as string,
      }),
    );
  });

  it.each(['vial', 'C48551'])('may be %s where the directory prices by the vial, and nowhere else', (quantityUnit) => {
    const context = (unit: string) => aContext({ drug: { ...pen, unit }, isPriced: true });
    expect(find(order(quantityUnit), context('C48551'))).toEqual([]);
    expect(find(order(quantityUnit), context('C48540'))).toMatchObject([{ code: 'quantity.unit-not-billable' }]);
    expect(find(order(quantityUnit), context('C28254'))).toMatchObject([{ code: 'quantity.unit-not-billable' }]);
  });

  const signedAnew = 'please send a new signed order that counts in';
  const pieces = 'tablets, capsules, millilitres, grams or pieces';

  it.each([
    [
      'C64933',
      'quantity.unit-differs-from-directory',
      `The directory counts and prices this drug in the unit mL; ${signedAnew} it.`,
    ],
    ['mg', 'quantity.unit-milligram', `The quantity 1 is stated in milligrams; ${signedAnew} ${pieces}.`],
    [
      'bottle',
      'quantity.unit-not-billable',
      `The unit bottle of the quantity is not one a plan can be billed in; ${signedAnew} ${pieces}.`,
    ],
    [
      'C38046',
      'quantity.unit-not-billable',
      `The unit C38046 of the quantity is not one a plan can be billed in; please state the quantity in ${pieces}.`,
    ],
  ])('is signed with the quantity of a controlled drug, unless left open: %s', (quantityUnit, code, message) => {
    const signed = { ...order(quantityUnit), digitallySigned: true };
    expect(find(signed, aContext({ drug: { ...pen, schedule: 'III' }, isPriced: true }))).toContainEqual(
      expect.objectContaining({ code, message }),
    );
  });

  it.each([undefined, 'C28254', 'ml'])('may be %s where the directory counts in mL', (quantityUnit) => {
    expect(find(order(quantityUnit), aContext({ drug: pen, isPriced: true }))).toEqual([]);
  });
});

describe('strengths', () => {
  const drug: DirectoryDrug = { ...lisinopril, strength: '10 mg' };
  const against = (medication: NonNullable<Changes['medication']>, line: DirectoryDrug = drug) =>
    find(anOrder({ medication }), aContext({ drug: line })).map(({ code, field }) => [code, field]);

  it.each([
    { description: 'Lisinopril 10 mg tablet', strength: '10 mg' },
    { description: 'LISINOPRIL 10MG' },
    { description: 'Lisinopril tablet' },
    { strength: '10000 mcg' },
    { strength: '1 mg/mL', form: 'solution' },
    { strength: '40 mg', form: 'C42986' },
  ])('agree or say nothing that can be compared: %j', (medication) => {
    expect(against(medication)).toEqual([]);
  });

  it.each([
    [{ description: 'Lisinopril 40 mg tablet' }, '/medication/ndc'],
    [{ strength: '240 mg' }, '/medication/strength'],
  ])('block where the directory has another: %j', (medication, field) => {
    expect(against(medication)).toEqual([['drug.strength-differs', field]]);
  });

  const otherDrugAndStrength = [
    ['drug.differs-from-directory', '/medication/ndc'],
    ['drug.strength-differs', '/medication/ndc'],
  ];

  it.each(['20-25', '10-12.5 mg tablet'])('block where the directory has but one of two: %s', (strength) => {
    expect(against({ description: `Lisinopril-Hydrochlorothiazide ${strength}` })).toEqual(otherDrugAndStrength);
  });

  const withHctz: DirectoryDrug = {
    ...lisinopril,
    name: 'Lisinopril-Hydrochlorothiazide 10-12.5 mg tablet',
    genericName: 'lisinopril and hydrochlorothiazide',
    strength: '10-12.5 mg',
  };
  const losartanHctz: DirectoryDrug = {
    ...withHctz,
    name: 'Losartan-Hydrochlorothiazide 50-12.5 mg tablet',
    genericName: 'losartan and hydrochlorothiazide',
    strength: '50-12.5 mg',
  };
  const augmentin: DirectoryDrug = {
    ...lisinopril,
    name: 'Amoxicillin-Clavulanate 875-125 mg tablet',
    genericName: 'amoxicillin and clavulanate',
    strength: '875-125 mg',
  };

  it.each([
    ['Lisinopril 10 mg tablet', withHctz],
    ['Zestril 10 mg', withHctz],
    ['Losartan 50 mg tablet', losartanHctz],
  ])('block where the line holds a second ingredient that "%s" does not name', (description, line) => {
    expect(against({ description }, line)).toEqual(otherDrugAndStrength);
  });

  it.each([
    ['Lisinopril-HCTZ 10 mg tablet', withHctz],
    ['Zestoretic 10 mg tablet, lisinopril/hydrochlorothiazide', withHctz],
    ['Cozaar HCT 50 mg', losartanHctz],
    ['Augmentin 875 mg tablet', augmentin],
    ['Amoxicillin 875 mg tablet', augmentin],
  ])('of "%s" may leave out that of a partner which is named, or which nobody knows', (description, line) => {
    expect(against({ description }, line)).toEqual([]);
  });

  const withCodeine: DirectoryDrug = {
    ...lisinopril,
    name: 'Acetaminophen-Codeine 300-30 mg tablet',
    genericName: 'acetaminophen and codeine',
    strength: '300-30 mg',
  };

  it.each([
    [{ description: 'Tylenol #3' }, undefined],
    [{ description: 'Tylenol #3', strength: '30 mg' }, undefined],
    [{ description: 'Tylenol with codeine #3', strength: '300-30 mg' }, undefined],
    [{ description: 'Tylenol #4' }, '/medication/ndc'],
    [{ description: 'Tylenol with codeine No. 2', strength: '30 mg' }, '/medication/ndc'],
    [{ description: 'Tylenol #3', strength: '60 mg' }, '/medication/strength'],
  ])('of codeine with acetaminophen may be its number: %j', (medication, field) => {
    expect(against(medication, withCodeine)).toEqual(field === undefined ? [] : [['drug.strength-differs', field]]);
  });

  it('names both, and drug and line, so that either can be corrected', () => {
    const [found] = find(anOrder({ medication: { description: 'Lisinopril 40 mg' } }), aContext({ drug }));
    expect(found?.message).toBe(
      'The order says 40 mg, but the NDC belongs to Lisinopril 10 mg tablet (10 mg); please correct the one that is wrong.',
    );
  });

  it('may be salt or base, whichever the line has', () => {
    const line = { ...drug, name: 'Metoprolol succinate ER 25 mg', genericName: 'metoprolol', strength: '23.75 mg' };
    expect(against({ description: 'Metoprolol succinate ER 25 mg tablet' }, line)).toEqual([]);
    expect(against({ description: 'Metoprolol succinate ER 50 mg tablet' }, line)).toEqual([
      ['drug.strength-differs', '/medication/ndc'],
    ]);
  });

  it('of pens, creams and liquids are not compared', () => {
    const pen = {
      ...drug,
      name: 'Semaglutide 1 mg pen',
      genericName: 'semaglutide',
      strength: '1 mg/0.75 mL',
      form: 'pen',
    };
    expect(against({ description: 'Semaglutide 2 mg', quantityUnit: 'C28254' }, { ...pen, unit: 'C28254' })).toEqual(
      [],
    );
  });

  it('only warn where the order contradicts itself and the directory cannot tell', () => {
    const medication = { description: 'Lisinopril 10 mg tablet', strength: '240 mg', form: 'C42998' };
    expect(find(anOrder({ medication }), withoutDirectory())).toMatchObject([
      { code: 'drug.not-in-directory' },
      { code: 'drug.strengths-contradict', severity: 'warns' },
    ]);
    expect(find(anOrder({ medication }))).toMatchObject([{ code: 'drug.strengths-contradict', severity: 'warns' }]);
  });
});

describe('schedules', () => {
  it('block when stated otherwise than the directory has them', () => {
    const [order, context] = aControlled('IV', { medication: { schedule: 'V', scheduleCode: 'C48679' } });
    expect(codes(order, context)).toEqual(['drug.schedule-differs']);
  });

  it('block a controlled drug declared as not controlled', () => {
    const [order, context] = aControlled('IV', { medication: { schedule: undefined, scheduleCode: 'C38046' } });
    expect(codes(order, context)).toEqual(['drug.schedule-differs']);
  });

  it('warn when not stated, and hold the order to the schedule all the same', () => {
    const [order, context] = aControlled('IV', {
      order: { digitallySigned: undefined },
      medication: { schedule: undefined, scheduleCode: undefined },
    });
    expect(codes(order, context)).toEqual(['controlled.signature-missing', 'drug.schedule-unsaid']);
  });

  it('warn when stated for a drug that has none federally', () => {
    const [order] = aControlled('V', { medication: { ...anOrder().medication, refills: 0 } });
    expect(codes(order)).toEqual(['drug.schedule-unexpected']);
  });

  it('may be written in words', () => {
    const [order, context] = aControlled('IV', { medication: { schedule: undefined, scheduleCode: 'Schedule IV' } });
    expect(codes(order, context)).toEqual([]);
  });

  it('are never taken back by a code that controls nothing', () => {
    const [order, context] = aControlled('IV', { medication: { schedule: 'IV', scheduleCode: 'C38046' } });
    expect(codes(order, context)).toEqual([]);
  });
});

describe('schedules without a line in the directory', () => {
  const unlisted = (medication: Changes['medication'], changes: Changes = {}) => {
    const listed = { ndc: undefined, rxnormCode: '1049621', schedule: undefined, scheduleCode: undefined };
    const order = { description: 'Oxycodone HCl 5 mg tablet', refills: 0, ...listed, ...medication };
    return find(anOrder({ ...controlled, ...changes, medication: order }), withoutDirectory());
  };
  const codesOf = (findings: Finding[]) => findings.map(({ code }) => code);

  it.each([undefined, 'C38046', '0', 'none'])(
    'of a controlled ingredient have to be stated: not %s',
    (scheduleCode) => {
      expect(unlisted({ scheduleCode })).toMatchObject([
        {
          code: 'drug.schedule-needed',
          severity: 'blocks',
          message: 'The description names oxycodone, a controlled substance; please state its schedule (II).',
        },
      ]);
    },
  );

  it('hold the order to what its ingredient asks for meanwhile', () => {
    expect(codesOf(unlisted({ refills: 5 }, { order: {}, prescriber: {} }))).toEqual([
      'prescriber.dea-missing',
      'controlled.signature-missing',
      'drug.schedule-needed',
      'refills.schedule-two',
    ]);
  });

  it('are the sender’s word, and block what is less than any such product asks for', () => {
    expect(unlisted({ scheduleCode: 'C-II' })).toEqual([]);
    expect(codesOf(unlisted({ scheduleCode: 'C-III' }))).toEqual(['drug.schedule-differs']);
    for (const schedule of ['II', 'III', 'V']) {
      expect(unlisted({ description: 'Promethazine-codeine 6.25-10 mg/5 mL', scheduleCode: schedule })).toEqual([]);
    }
    expect(unlisted({ description: 'Gabapentin 600 mg tablet', scheduleCode: 'V' })).toEqual([]);
  });

  it('block when they cannot be read, and warn where the directory knows better', () => {
    expect(unlisted({ description: 'Lisinopril 10 mg tablet', scheduleCode: 'narcotic' })).toMatchObject([
      { code: 'drug.schedule-unknown', severity: 'blocks' },
    ]);
    expect(find(anOrder({ medication: { scheduleCode: 'narcotic' } }))).toMatchObject([
      { code: 'drug.schedule-unknown', severity: 'warns' },
    ]);
  });
});

describe('prescribers of controlled substances', () => {
  it.each<[FindingCode, Changes]>([
    ['prescriber.dea-missing', { prescriber: { dea: undefined } }],
    ['prescriber.dea-invalid', { prescriber: { dea: 'AA1234567' } }],
    ['prescriber.dea-cannot-prescribe', { prescriber: { dea: 'PA1234563' } }],
    ['prescriber.dea-cannot-prescribe', { prescriber: { dea: 'XA1234563' } }],
    ['prescriber.dea-name-differs', { prescriber: { dea: 'AB1234563' } }],
    ['prescriber.mid-level-schedule-two', { prescriber: { dea: 'MA1234563' } }],
    ['controlled.signature-missing', { order: { digitallySigned: false } }],
    ['controlled.prescriber-address-missing', { prescriber: { address: undefined } }],
  ])('%s', (code, changes) => {
    expect(codes(...aControlled('II', changes))).toEqual([code]);
  });

  it('need the full address of the patient', () => {
    const [order, context] = aControlled('III', { patient: { address: { ...address, line1: undefined } } });
    expect(codes(order, context)).toEqual(['patient.street-missing', 'controlled.patient-address-missing']);
  });

  it('may be mid-level below schedule II, or hold the number of a hospital with a suffix', () => {
    expect(codes(...aControlled('III', { prescriber: { dea: 'MA1234563' } }))).toEqual([]);
    expect(codes(...aControlled('II', { prescriber: { dea: 'F91234563-001AB' } }))).toEqual([]);
  });
});

describe('directions against quantity', () => {
  const cases: [sig: string, quantity: number, daysSupply: number, unit: string, expected: FindingCode[]][] = [
    ['Take 1 tablet by mouth daily', 36, 30, 'C48542', []],
    ['Take 1 tablet by mouth daily', 37, 30, 'C48542', ['sig.quantity-differs']],
    ['Take 1 tablet by mouth daily', 24, 30, 'C48542', []],
    ['Take 1 tablet by mouth daily', 23, 30, 'C48542', ['sig.quantity-differs']],
    ['Take 1 tablet by mouth daily', 90, 30, 'C48542', ['sig.quantity-differs']],
    ['Take 1 tablet by mouth daily', 91, 30, 'C48542', ['sig.quantity-far-off']],
    ['Take 1 tablet by mouth daily', 10, 30, 'C48542', ['sig.quantity-differs']],
    ['Take 1 tablet by mouth daily', 9, 30, 'C48542', ['sig.quantity-far-off']],
    ['Take 1 tablet by mouth daily as needed', 5, 30, 'C48542', []],
    ['Take 1-2 tablets by mouth every 6 hours as needed, max 4 tablets per day', 120, 30, 'C48542', []],
    [
      'Take 1-2 tablets by mouth every 6 hours as needed, max 4 tablets per day',
      240,
      30,
      'C48542',
      ['sig.quantity-differs'],
    ],
    ['Take 1 tablet by mouth every 4 to 6 hours', 120, 30, 'C48542', []],
    ['Take 1 tablet by mouth every 4 to 6 hours', 180, 30, 'C48542', []],
    ['Take 2 tablets by mouth daily for 3 days then 1 tablet daily', 9, 30, 'C48542', []],
    ['Inhale 2 puffs by mouth twice daily', 1, 30, 'C64933', []],
    ['Take 1 tablet by mouth every morning before meals and drink plenty of water', 30, 30, 'C48542', []],
    // A cycle, or a course shorter than the days supply.
    ['Take 1 tablet by mouth once daily on days 1-5 of each 28 day cycle', 5, 28, 'C48542', []],
    ['Take 1 tablet by mouth daily on days 1, 8 and 15 of a 28-day cycle', 3, 28, 'C48542', []],
    ['Take 1 tablet by mouth daily for the first 5 days of each month', 5, 30, 'C48542', []],
    ['Take 1 tablet by mouth once daily for 5 days every 28 days', 5, 28, 'C48542', []],
    ['Take 1 tablet by mouth twice daily for 7 days', 14, 30, 'C48542', []],
    ['Take 1 tablet by mouth twice daily for 1 week', 14, 30, 'C48542', []],
    ['Take 1 tablet by mouth twice daily for 7 days', 4, 30, 'C48542', ['sig.quantity-far-off']],
    // A quantity for longer than the course is asked about, one of another order of magnitude is not right for any days.
    ['Take 1 tablet by mouth every 6 hours for 3 days', 120, 30, 'C48542', ['sig.course-ends-early']],
    ['Take 1 tablet by mouth twice daily for 7 to 10 days', 20, 30, 'C48542', []],
    ['Take 1 tablet by mouth daily for 10 days as needed', 30, 30, 'C48542', []],
    ['Take 1 tablet by mouth daily for 10 days', 3, 10, 'C48542', ['sig.quantity-far-off']],
    ['Take 1 tablet by mouth daily for 30 days', 91, 30, 'C48542', ['sig.quantity-far-off']],
    // A package, a bottle: nobody knows how much is in it.
    ['Take 1 tablet by mouth once daily', 1, 28, 'C48520', ['quantity.unit-not-billable']],
    ['Take 1 tablet by mouth once daily', 1, 28, 'pack', ['quantity.unit-not-billable']],
    ['Take 5 mL by mouth twice daily', 1, 28, 'C48477', ['quantity.unit-not-billable']],
    // Words that name the unit of the directions are compared as its code is.
    ['Take 1 tablet by mouth once daily', 9, 30, 'TAB', ['sig.quantity-far-off']],
    ['Take 1 tablet by mouth once daily', 9, 30, '{tablets}', ['sig.quantity-far-off']],
    ['Take 5 mL by mouth twice daily', 30, 30, 'mL', ['quantity.unit-differs-from-directory', 'sig.quantity-far-off']],
  ];

  it.each(cases)('%s: %d for %d days', (sig, quantity, daysSupply, quantityUnit, expected) => {
    expect(codes(anOrder({ medication: { sig, quantity, daysSupply, quantityUnit } }))).toEqual(expected);
  });

  it('counts millilitres and spoons of a liquid', () => {
    const drug: DirectoryDrug = { ...lisinopril, form: 'solution', unit: 'C28254' };
    const order = (sig: string): PrescriptionOrder =>
      anOrder({ medication: { sig, quantity: 150, quantityUnit: 'C28254', daysSupply: 10 } });
    expect(codes(order('Take 5 mL by mouth three times daily'), aContext({ drug }))).toEqual([]);
    expect(codes(order('Take 1 teaspoon by mouth three times daily'), aContext({ drug }))).toEqual([]);
    expect(codes(order('Take 1 tablespoon by mouth four times daily'), aContext({ drug }))).toEqual([
      'sig.quantity-far-off',
    ]);
  });

  it('warns when directions count tablets and the quantity capsules', () => {
    const drug: DirectoryDrug = { ...lisinopril, form: 'capsule', unit: 'C48480' };
    const order = anOrder({ medication: { quantityUnit: 'C48480' } });
    expect(codes(order, aContext({ drug }))).toEqual(['sig.unit-differs-from-quantity']);
  });
});

describe('drug names in directions', () => {
  it.each([
    'Take 1 tablet by mouth daily with ibuprofen',
    'Take 1 tablet by mouth daily 30 minutes after your levothyroxine',
    'Take 1 Zestril tablet by mouth daily',
    'Take 1 tablet by mouth daily, do not take with lithium',
  ])('"%s" names no drug by mistake', (sig) => {
    expect(codes(anOrder({ medication: { sig } }))).toEqual([]);
  });
});

describe('a drug of several ingredients', () => {
  const named = (description: string, sig: string) =>
    codes(anOrder({ medication: { description, sig, ndc: undefined, rxnormCode: '1' } }), withoutDirectory()).filter(
      (code) => code === 'sig.names-other-drug',
    );

  it.each([
    ['PERCOCET 5-325 MG TABLET', 'Take 1 tablet by mouth daily. Contains acetaminophen.'],
    ['NORCO 5-325', 'Take 1 hydrocodone/acetaminophen tablet by mouth daily'],
    ['OXYCODONE-APAP 5-325', 'Take 1 tablet by mouth daily. Contains acetaminophen.'],
    ['ENDOCET 5-325 MG TABLET', 'Take 1 tablet by mouth daily. Contains APAP.'],
    ['Retin-A 0.05 % cream', 'Apply Retin-A to the face daily'],
    ['Lisinopril 10 mg tablet', 'Take 1 tablet by mouth daily. Do not exceed 4 grams of acetaminophen per day.'],
    ['Lisinopril 10 mg tablet', 'Take 1 tablet by mouth daily. Discontinue atorvastatin.'],
    ['Lisinopril 10 mg tablet', 'Take 1 tablet by mouth daily. Hold your metformin.'],
    ['Calcium 600 mg tablet', 'Take 1 tablet by mouth daily. Do not take within 4 hours of levothyroxine.'],
    ['Calcium 600 mg tablet', 'Take 1 tablet by mouth daily, 2 hours apart from ciprofloxacin'],
    ['Lisinopril 10 mg tablet', 'Take 1 tablet by mouth daily in addition to metformin'],
    ['Losartan 50 mg tablet', 'Take 1 tablet by mouth daily in place of lisinopril'],
    ['Losartan 50 mg tablet', 'Take 1 tablet by mouth daily. Switching from lisinopril.'],
    ['Potassium 20 mEq tablet', 'Take 1 tablet by mouth daily prior to furosemide'],
    ['Ondansetron 4 mg tablet', 'Take 1 tablet by mouth daily for nausea caused by semaglutide'],
    ['Tramadol 50 mg tablet', 'Take 1 tablet by mouth every 6 hours if ibuprofen does not help'],
    ['BD pen needle 32G x 4 mm', 'Use to inject insulin four times daily'],
    ['BD pen needle 32G x 4 mm', 'Use to inject Humalog four times daily'],
    ['BD Ultra-Fine syringe U-100 0.5 mL 31G', 'Use to inject insulin four times daily'],
    ['BD Ultra-Fine U-100 syringe 31G 0.5 mL (50 units)', 'Use to inject insulin three times daily'],
    ['Monoject syringe 1 mL 100 units', 'Use to inject insulin three times daily'],
    ['OneTouch Ultra test strips 50 units', 'Test before you inject insulin'],
    ['Alcohol pads 70 %', 'Use daily, then inject insulin'],
    ['Isopropyl pads 70%', 'Use daily, then inject insulin'],
    ['Omnipod pump pods', 'Fill with 200 units of insulin and apply to the skin every 3 days'],
    ['Admelog SoloStar 100 unit/mL', 'Inject 10 units of insulin under the skin before meals'],
    ['Humulin N 100 unit/mL', 'Inject 10 units of insulin under the skin at bedtime'],
    ['Insulin 100 unit/mL', 'Inject 10 units of Lantus under the skin at bedtime'],
  ])('%s may say "%s"', (description, sig) => expect(named(description, sig)).toEqual([]));

  it.each([
    ['KADIAN ER 10 MG CAPSULE', 'Take 1 methadone tablet by mouth daily'],
    ['KADIAN ER 10 MG CAPSULE', 'Take 1 by mouth daily, max 3 tablets. Methadone 10 mg'],
    ['KADIAN ER 10 MG CAPSULE', 'Take 1 capsule daily, max 2 daily, methadone 10 mg'],
    ['KADIAN ER 10 MG CAPSULE', 'Continue methadone 10 mg daily'],
    ['PERCOCET 5-325 MG TABLET', 'Take 1 methadone tablet by mouth daily'],
    ['KADIAN ER 10 MG CAPSULE', 'Take if in pain 1 methadone tablet'],
    ['Lisinopril 10 mg tablet', 'Inject 10 units of insulin under the skin daily'],
    ['Lantus SoloStar 100 unit/mL', 'Inject 10 units of Humalog under the skin before meals'],
    ['Enoxaparin 40 mg/0.4 mL syringe', 'Inject 10 units of insulin under the skin daily'],
    ['Heparin 5,000 units/0.5 mL syringe', 'Inject 10 units of insulin under the skin daily'],
    ['Heparin 5,000 units prefilled syringe', 'Inject 10 units of insulin under the skin daily'],
    ['Heparin 100 units/mL syringe', 'Inject 10 units of insulin under the skin daily'],
    ['Testosterone 1.62 % gel pump', 'Inject 10 units of insulin under the skin daily'],
  ])('%s may not say "%s"', (description, sig) => expect(named(description, sig)).toEqual(['sig.names-other-drug']));

  it('is no second supply of what is only added to it', () => {
    const tylenol = { id: 'earlier', writtenDate: '2026-05-20', daysSupply: 30, refills: 0, state: 'delivered' };
    const context = withoutDirectory({ priorPrescriptions: [{ ...tylenol, description: 'Tylenol 500 mg' }] });
    for (const description of ['PERCOCET 5-325', 'HYDROCODONE/APAP 5-325', 'HYDROCODONE-ACETAMINOPHEN 5-325']) {
      const order = anOrder({ medication: { description, ndc: undefined, rxnormCode: '1' } });
      expect(codes(order, context)).not.toContain('history.duplicate-therapy');
    }
  });
});

describe('error-prone abbreviations', () => {
  it.each([
    ['Inject 10 U under the skin daily', 'U'],
    ['Inject 10 IU under the skin daily', 'IU'],
    ['Take 1 tablet by mouth QD', 'QD'],
    ['Take 1 tablet by mouth q.o.d.', 'q.o.d.'],
    ['Take 1.0 tablet by mouth daily', '1.0'],
    ['Take .5 tablet by mouth daily', '.5'],
    ['Take MS 1 tablet by mouth daily', 'MS'],
    ['Take MgSO4 1 tablet by mouth daily', 'MgSO4'],
    ['Apply to the skin OD', 'OD'],
  ])('"%s" warns of %s alone', (sig, abbreviation) => {
    const found = find(anOrder({ medication: { sig, daysSupply: 30, quantity: 30 } })).filter(
      ({ code }) => code === 'sig.error-prone-abbreviation',
    );
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain(`"${abbreviation}"`);
  });

  it.each([
    'Take 10 mg by mouth daily',
    'Take 0.5 tablet by mouth daily',
    'Use 2 puffs at 10.00 hours'.replace('.00', ':00'),
  ])('"%s" is clear', (sig) => {
    expect(codes(anOrder({ medication: { sig } }))).not.toContain('sig.error-prone-abbreviation');
  });
});

describe('age of a prescription', () => {
  const at = (today: string, schedule?: 'II' | 'III' | 'V'): FindingCode[] => {
    const [order, context] = schedule ? aControlled(schedule) : [anOrder(), aContext()];
    return codes(order, { ...context, today });
  };

  it('begins where the day begins first', () => {
    const written = (writtenDate: string) =>
      codes(anOrder({ order: { writtenDate } }), aContext({ latestToday: '2026-06-03' }));
    expect(written('2026-06-03')).toEqual([]);
    expect(written('2026-06-04')).toEqual(['written-date.future']);
  });

  it('ends after one year without a schedule', () => {
    expect(at('2027-06-01')).toEqual([]);
    expect(at('2027-06-02')).toEqual(['written-date.too-old']);
  });

  it.each(['III', 'V'] as const)('ends after six months in schedule %s', (schedule) => {
    expect(at('2026-12-01', schedule)).toEqual([]);
    expect(at('2026-12-02', schedule)).toEqual(['written-date.too-old']);
  });

  it('ends after the set number of days in schedule II', () => {
    expect(at('2026-08-30', 'II')).toEqual([]);
    expect(at('2026-08-31', 'II')).toEqual(['written-date.too-old']);
    const settings = validationSettings(loadConfig({ SCHEDULE_II_MAX_AGE_DAYS: '30' }));
    const [order, context] = aControlled('II');
    expect(codes(order, { ...context, settings, today: '2026-07-02' })).toEqual(['written-date.too-old']);
  });
});

describe('refills', () => {
  it.each([
    ['II', 0, []],
    ['II', 1, ['refills.schedule-two']],
    ['III', 5, []],
    ['III', 6, ['refills.more-than-five']],
    ['V', 6, ['refills.more-than-five']],
  ] as const)('of schedule %s: %i', (schedule, refills, expected) => {
    expect(codes(...aControlled(schedule, { medication: { refills } }))).toEqual(expected);
  });

  it('may be many without a schedule', () => {
    expect(codes(anOrder({ medication: { refills: 11 } }))).toEqual([]);
  });
});

describe('schedule II in a series', () => {
  const first: PriorPrescription = {
    id: 'first',
    ndc11: '70000011330',
    writtenDate: '2026-06-01',
    daysSupply: 60,
    refills: 0,
    state: 'cancelled',
  };
  const medication = { earliestFillDate: '2026-06-02' };

  it('supplies up to 90 days', () => {
    const [order, context] = aControlled('II', { medication });
    const inSeries = (daysSupply: number, state = 'validated'): FindingCode[] =>
      codes(order, { ...context, priorPrescriptions: [{ ...first, daysSupply, state }] });
    expect(inSeries(60)).toEqual(['history.duplicate-therapy']);
    expect(inSeries(61)).toEqual(['schedule-two.over-90-days', 'history.duplicate-therapy']);
    expect(inSeries(61, 'cancelled')).toEqual([]);
  });

  it('adds up what the directory does not know by its words', () => {
    const { ndc11, ...unlisted } = { ...first, state: 'validated', description: 'Methadone 10 mg tablet' };
    const [order] = aControlled('II', {
      medication: { ...medication, ndc: undefined, description: 'Methadose 10 mg' },
    });
    expect(codes(order, withoutDirectory({ priorPrescriptions: [{ ...unlisted, daysSupply: 61 }] }))).toContain(
      'schedule-two.over-90-days',
    );
    expect(ndc11).toBeDefined();
  });

  it('cannot begin after the prescription has lapsed', () => {
    const last = { medication: { earliestFillDate: '2026-08-30' } };
    const lapsed = { medication: { earliestFillDate: '2026-08-31' } };
    expect(codes(...aControlled('II', last))).toEqual(['earliest-fill.ahead']);
    expect(codes(...aControlled('II', lapsed))).toEqual(['earliest-fill.ahead', 'earliest-fill.after-expiry']);
  });
});

describe('duplicate therapy', () => {
  const prior: PriorPrescription = {
    id: 'earlier',
    genericName: 'Lisinopril',
    writtenDate: '2026-03-04',
    daysSupply: 30,
    refills: 2,
    state: 'delivered',
  };
  const after = (changes: Partial<PriorPrescription>): FindingCode[] =>
    codes(anOrder(), aContext({ priorPrescriptions: [{ ...prior, ...changes }] }));

  it('warns until the day the earlier supply is used up', () => {
    expect(after({ writtenDate: '2026-03-05' })).toEqual(['history.duplicate-therapy']);
    expect(after({})).toEqual([]);
  });

  it('goes by the package as well, and not by cancelled or other ones', () => {
    const recent = { writtenDate: '2026-05-20' };
    expect(after({ ...recent, genericName: 'other', ndc11: '70000010130' })).toEqual(['history.duplicate-therapy']);
    expect(after({ ...recent, state: 'cancelled' })).toEqual([]);
    expect(after({ ...recent, genericName: 'warfarin' })).toEqual([]);
  });

  it.each([
    ['Atorvastatin 20 mg tablet', 'Lipitor 10 mg', true],
    ['Atorvastatin 20 mg tablet', 'Warfarin 5 mg tablet', false],
    ['Augmentin 875 mg tablet', 'Amoxicillin-Clavulanate 875-125 mg tablet', true],
    ['Norco 5-325 mg', 'Hydrocodone-Acetaminophen 5-325 mg', true],
    ['Amlodipine-Benazepril 5-10 mg', 'Lisinopril-HCTZ 10-12.5 mg', false],
    ['Insulin lispro pen', 'Lantus SoloStar', false],
    ['Insulin glargine pen', 'Lantus SoloStar', true],
    ['Obscurol 0.5 mg tablet', 'OBSCUROL 0.5MG TABLET', true],
    ['Obscurol 0.5 mg tablet', 'Obscurol 5 mg tablet', false],
  ])('goes by what is written where the directory has no line: %s after %s', (description, former, isDuplicate) => {
    const { genericName, ...unlisted } = { ...prior, writtenDate: '2026-05-20', description: former };
    const order = anOrder({ medication: { description, ndc: undefined, rxnormCode: '617310' } });
    const found = codes(order, withoutDirectory({ priorPrescriptions: [unlisted] }));
    expect(found.includes('history.duplicate-therapy')).toBe(isDuplicate);
    expect(genericName).toBeDefined();
  });

  it.each([
    ['the order', 'Lipitor 10 mg', { genericName: 'atorvastatin calcium' }],
    ['the order before', 'Atorvastatin 20 mg tablet', { description: 'Lipitor 10 mg' }],
  ])('goes by ingredient where only one of the two is listed: not %s', (_, description, former) => {
    const { genericName, ...unlisted } = { ...prior, writtenDate: '2026-05-20' };
    const drug = { ...lisinopril, name: 'Atorvastatin 20 mg tablet', genericName: 'atorvastatin' };
    const context = { priorPrescriptions: [{ ...unlisted, ...former }] };
    const listed = 'genericName' in former ? withoutDirectory(context) : aContext({ ...context, drug });
    expect(codes(anOrder({ medication: { description } }), listed)).toContain('history.duplicate-therapy');
    expect(genericName).toBeDefined();
  });
});

describe('a refill', () => {
  const prior: PriorPrescription = {
    id: 'earlier',
    ndc11: '70000010130',
    genericName: 'Lisinopril',
    strength: '10 mg',
    writtenDate: '2026-05-01',
    daysSupply: 30,
    refills: 0,
    state: 'delivered',
    filledOn: '2026-05-08',
  };
  const early = (prior: PriorPrescription, order = anOrder(), context: Partial<ValidationContext> = {}) =>
    find(order, aContext({ ...context, priorPrescriptions: [prior] })).filter(
      ({ code }) => code === 'history.refill-too-soon',
    );

  it('is too soon until 85 % of the last fill are used up, and says when it is not', () => {
    expect(early(prior)).toMatchObject([{ severity: 'warns', field: '/medication/earliestFillDate' }]);
    expect(early(prior)[0]?.message).toContain('from 2026-06-03 on');
    expect(early({ ...prior, filledOn: '2026-05-07' })).toEqual([]);
  });

  it('goes by 90 % for schedule II, and by what is set', () => {
    const [order, context] = aControlled('II');
    const fill = { ...prior, ndc11: '70000011330', genericName: 'alprazolam', strength: '0.5 mg' };
    expect(early({ ...fill, filledOn: '2026-05-07' }, order, context)).toMatchObject([
      { severity: 'blocks', message: expect.stringContaining('from 2026-06-03 on') as string },
    ]);
    expect(early({ ...fill, filledOn: '2026-05-06' }, order, context)).toEqual([]);
    const settings = validationSettings(
      loadConfig({ REFILL_AFTER_PERCENT: '0', SCHEDULE_II_REFILL_AFTER_PERCENT: '100' }),
    );
    expect(early({ ...fill, filledOn: '2026-05-06' }, order, { ...context, settings })).toHaveLength(1);
    expect(early(prior, anOrder(), { settings })).toEqual([]);
  });

  it('of a controlled substance only warns where the prescriber said why it is filled early', () => {
    const [order, context] = aControlled('IV');
    const fill = { ...prior, ndc11: '70000011330', genericName: 'alprazolam', strength: '0.5 mg' };
    expect(early(fill, order, context)).toMatchObject([{ severity: 'blocks' }]);
    const because: PrescriptionOrder = { ...order, medication: { ...order.medication, earlyFillReason: 'lost' } };
    expect(early(fill, because, context)).toMatchObject([{ severity: 'warns' }]);
  });

  it('may be dated ahead to the day it is due', () => {
    expect(early(prior, anOrder({ medication: { earliestFillDate: '2026-06-03' } }))).toEqual([]);
    expect(early(prior, anOrder({ medication: { earliestFillDate: '2026-05-31' } }))).toHaveLength(1);
  });

  it.each([
    ['was not filled', { filledOn: undefined }, 0],
    ['came back', { state: 'returned' }, 0],
    ['was of another strength', { ndc11: '70000010230', strength: '20 mg' }, 0],
    ['was of the same strength in another package', { ndc11: '70000010190', strength: '10 MG' }, 1],
    ['was of another drug', { ndc11: '70000099930', genericName: 'warfarin' }, 0],
    ['is on its way', { state: 'sent_to_pharmacy' }, 1],
  ])('is held against what %s as it should', (_, change, found) => {
    const fill = JSON.parse(JSON.stringify({ ...prior, ...change })) as PriorPrescription;
    expect(early(fill, anOrder(), { drug: { ...lisinopril, strength: '10 mg' } })).toHaveLength(found);
  });

  it.each([
    ['Atorvastatin 20 mg tablet', 1],
    ['Atorvastatin 40 mg tablet', 0],
    ['Lipitor', 1],
  ])('goes by what is written where the directory has no line: after %s', (description, found) => {
    const { ndc11, genericName, strength, ...unlisted } = prior;
    const order = anOrder({
      medication: { description: 'Atorvastatin 20 mg tablet', ndc: undefined, rxnormCode: '1' },
    });
    const context = withoutDirectory({ priorPrescriptions: [{ ...unlisted, description }] });
    expect(codes(order, context).filter((code) => code === 'history.refill-too-soon')).toHaveLength(found);
    expect([ndc11, genericName, strength]).toBeDefined();
  });
});

describe('any order', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '',
      ' ',
      '2026-06-01',
      '9999-12-31',
      '0000-00-00',
      'C48675',
      '78701',
      'TX',
      '7000001013',
      '__proto__',
    ),
  );
  const number = fc.oneof(fc.double(), fc.integer());
  const party = fc.record(
    {
      npi: text,
      dea: text,
      firstName: text,
      lastName: text,
      phone: text,
      email: text,
      birthDate: text,
      address: fc.record({ line1: text, city: text, state: text, zip: text }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );
  const medication = fc.record(
    {
      description: text,
      ndc: text,
      rxnormCode: text,
      form: text,
      scheduleCode: text,
      quantity: number,
      quantityUnit: text,
      daysSupply: number,
      refills: number,
      sig: text,
      earliestFillDate: text,
      schedule: fc.constantFrom('II', 'III', 'IV', 'V'),
    },
    { requiredKeys: [] },
  );
  const orders: fc.Arbitrary<PrescriptionOrder> = fc.record(
    {
      writtenDate: text,
      digitallySigned: fc.boolean(),
      patient: party,
      prescriber: party,
      medication,
      observations: fc.array(fc.record({ code: text, value: number })),
    },
    { requiredKeys: ['patient', 'prescriber', 'medication'] },
  );
  const priors: fc.Arbitrary<PriorPrescription> = fc.record({
    id: text,
    ndc11: text,
    genericName: text,
    writtenDate: text,
    daysSupply: number,
    refills: number,
    state: text,
    filledOn: text,
  });

  // What a prescriber typed may hold braces; our own placeholders must all be filled.
  const placeholders = Object.values(findingCodes).flatMap(({ message }) => message.match(/\{[a-z]+\}/gi) ?? []);

  it('is answered with findings, never with an error', () => {
    const property = fc.property(orders, fc.array(priors), fc.option(text), (order, priorPrescriptions, sentOn) => {
      const context = aContext({ priorPrescriptions, ...(sentOn !== null && { sentOn }) });
      const findings = [...find(order, context), ...find(order, withoutDirectory({ priorPrescriptions }))];
      for (const { code, message, field } of findings) {
        expect(Object.hasOwn(findingCodes, code)).toBe(true);
        expect(placeholders.filter((placeholder) => message.includes(placeholder))).toEqual([]);
        expect(field).toMatch(/^\//);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('never repeats what it knows of the patient', () => {
    const secret = 'Xanthippe';
    const findings = find(
      anOrder({
        patient: {
          firstName: `${secret}1`,
          lastName: `${secret}2`,
          birthDate: `${secret}3`,
          phone: `${secret}4`,
          address: { line1: '', city: '', state: secret, zip: secret },
        },
      }),
    );
    expect(findings.length).toBeGreaterThan(5);
    expect(JSON.stringify(findings)).not.toContain(secret);
  });
});
