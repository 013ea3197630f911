import fc from 'fast-check';
import { anOrder, orders } from '../../../../test/conformance/orders.arbitrary.js';
import { parseSig } from '../../validation/sig/index.js';
import { buildFhir, parseFhir } from './fhir.js';
import { FormatError } from './format-error.js';

const today = '2026-06-02';

function refusal(body: unknown): FormatError {
  try {
    parseFhir(body, today);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('the resource was accepted');
}

const request = { resourceType: 'MedicationRequest', status: 'active', intent: 'order' };
const unclearPatient = { resourceType: 'Patient', id: 'p', modifierExtension: [{ url: 'https://a.example/not' }] };
const parsed = (fields: object) => parseFhir({ ...request, ...fields }, today);

describe('parseFhir', () => {
  it('gives back the order of any Bundle it writes', () => {
    fc.assert(
      fc.property(orders(), (order) => {
        const body: unknown = JSON.parse(JSON.stringify(buildFhir(order)));
        expect(parseFhir(body, today)).toEqual(order);
      }),
    );
  });

  it('reads contained resources by their local reference', () => {
    const order = parsed({
      contained: [
        { resourceType: 'Patient', id: 'p', name: [{ family: 'Smith', given: ['Mary', 'Jo', 'Ann'] }] },
        { resourceType: 'PractitionerRole', id: 'r', practitioner: { reference: '#d' } },
        {
          resourceType: 'Practitioner',
          id: 'd',
          identifier: [{ type: { coding: [{ code: 'DEA' }] }, value: 'AA1234563' }],
        },
      ],
      subject: { reference: '#p' },
      requester: { reference: '#r' },
    });
    expect(order.patient).toEqual({ firstName: 'Mary', middleName: 'Jo Ann', lastName: 'Smith' });
    expect(order.prescriber).toEqual({ dea: 'AA1234563' });
  });

  it('reads Bundle references by full URL, by type and id, and with a version', () => {
    const patient = { resourceType: 'Patient', id: 'p1', birthDate: '1990-01-02' };
    for (const reference of ['https://a.example/fhir/Patient/p1', 'Patient/p1', 'Patient/p1/_history/2']) {
      const body = {
        resourceType: 'Bundle',
        entry: [
          { resource: { ...request, subject: { reference } } },
          { fullUrl: 'https://a.example/fhir/Patient/p1', resource: patient },
        ],
      };
      expect(parseFhir(body, today).patient.birthDate).toBe('1990-01-02');
    }
  });

  it('skips old names, phones and addresses and takes the preferred phone', () => {
    const { patient } = parsed({
      contained: [
        {
          resourceType: 'Patient',
          id: 'p',
          name: [
            { use: 'old', family: 'Then' },
            { use: 'nickname', family: 'Nick' },
            { use: 'official', family: 'Now' },
          ],
          telecom: [
            { system: 'phone', value: '512-555-0100', use: 'old' },
            { system: 'phone', value: '512-555-0101' },
            { system: 'phone', value: '512-555-0102', rank: 1 },
            { system: 'email', value: 'old@example.com', use: 'old' },
            { system: 'email', value: 'now@example.com' },
          ],
          address: [
            { use: 'old', city: 'Then' },
            { city: 'Austin', state: 'tx', postalCode: '787010001' },
          ],
        },
      ],
      subject: { reference: '#p' },
    });
    expect(patient).toEqual({
      lastName: 'Now',
      phone: '+15125550102',
      email: 'now@example.com',
      address: { city: 'Austin', state: 'TX', zip: '78701-0001' },
    });
  });

  const ended = { start: '2010', end: '2020-06' };
  const shaw = {
    name: [
      { family: 'Shaw', given: ['Amy'], period: ended },
      { family: 'Baxter', given: ['Amy'], period: { start: '2020-07-01' } },
    ],
    telecom: [
      { system: 'phone', value: '512-555-0100', rank: 1, period: ended },
      { system: 'phone', value: '512-555-0101', period: { end: '2026-06-02' } },
      { system: 'email', value: 'shaw@example.com', period: ended },
    ],
    address: [
      { line: ['49 Meadow St'], period: ended },
      { use: 'home', line: ['1 Not Yet Rd'], period: { start: '2026-07-01' } },
      { line: ['183 Mountain View St'], period: { start: '2020-07-01T08:00:00-05:00' } },
    ],
    identifier: [
      { value: 'P-0', period: ended },
      { value: 'P-1', period: { end: '2026' } },
    ],
  };

  it('takes nothing of a person whose period has ended or not begun', () => {
    const contained = [{ resourceType: 'Patient', id: 'p', ...shaw }];
    expect(parsed({ contained, subject: { reference: '#p' } }).patient).toEqual({
      externalId: 'P-1',
      firstName: 'Amy',
      lastName: 'Baxter',
      phone: '+15125550101',
      address: { line1: '183 Mountain View St' },
    });
    const [over] = shaw.address;
    const former = [{ resourceType: 'Patient', id: 'p', address: [over] }];
    expect(parsed({ contained: former, subject: { reference: '#p' } }).patient).toEqual({});
  });

  it('takes no number of a prescriber that is old or whose registration has ended', () => {
    const dea = 'urn:oid:2.16.840.1.113883.4.814';
    const prescriber = (fields: object) =>
      parsed({
        contained: [{ resourceType: 'Practitioner', id: 'd', ...fields }],
        requester: { reference: '#d' },
      }).prescriber;
    const identifier = [
      { use: 'old', system: dea, value: 'AA1234563' },
      { system: dea, value: 'BB1388568' },
    ];
    expect(prescriber({ identifier }).dea).toBe('BB1388568');
    expect(
      prescriber({ qualification: [{ identifier: [{ system: dea, value: 'AA1234563' }], period: ended }] }),
    ).toEqual({});
  });

  it.each([
    ['billing', 'home'],
    ['billing', undefined],
    ['work', 'home'],
    ['work', 'temp'],
    ['temp', undefined],
    ['billing', 'work'],
  ])('writes to a patient at no %s address who has another: %s', (use, other) => {
    const address = [
      { use, city: 'There' },
      { ...(other !== undefined && { use: other }), city: 'Here' },
    ];
    const contained = [{ resourceType: 'Patient', id: 'p', address }];
    expect(parsed({ contained, subject: { reference: '#p' } }).patient.address?.city).toBe('Here');
  });

  it('calls a patient on the mobile and a prescriber at work, unless another is preferred', () => {
    const telecom = [
      { system: 'phone', value: '512-555-0101', use: 'home' },
      { system: 'phone', value: '512-555-0102', use: 'work' },
      { system: 'phone', value: '512-555-0103', use: 'mobile' },
    ];
    const address = [
      { use: 'home', city: 'Home' },
      { use: 'work', city: 'Work' },
    ];
    const contained = [
      { resourceType: 'Patient', id: 'p', telecom },
      { resourceType: 'Practitioner', id: 'd', telecom, address },
    ];
    const order = parsed({ contained, subject: { reference: '#p' }, requester: { reference: '#d' } });
    expect(order.patient.phone).toBe('+15125550103');
    expect(order.prescriber).toEqual({ phone: '+15125550102', address: { city: 'Work' } });
    const ranked = [...telecom, { system: 'phone', value: '512-555-0104', use: 'work', rank: 1 }];
    const preferring = [{ resourceType: 'Patient', id: 'p', telecom: ranked }];
    expect(parsed({ contained: preferring, subject: { reference: '#p' } }).patient.phone).toBe('+15125550104');
  });

  it.each([
    [['nickname', 'usual'], 'usual'],
    [['maiden', undefined], undefined],
    [['usual', 'official'], 'official'],
  ])('knows a patient of names %j by the %s one', (uses, expected) => {
    const name = uses.map((use) => ({ ...(use !== undefined && { use }), family: use ?? 'none' }));
    const contained = [{ resourceType: 'Patient', id: 'p', name }];
    expect(parsed({ contained, subject: { reference: '#p' } }).patient.lastName).toBe(expected ?? 'none');
  });

  it('never takes a social security number for a record number', () => {
    const identifier = [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: '123-45-6789' }];
    const contained = [{ resourceType: 'Patient', id: 'p', identifier }];
    expect(parsed({ contained, subject: { reference: '#p' } }).patient).toEqual({});
  });

  it.each([
    ['of a card', [{ type: { coding: [{ code: 'MB' }] }, value: 'W1' }], undefined],
    ['of a licence, in words', [{ type: { text: 'Driver licence' }, value: 'W1' }], undefined],
    ['no longer in use', [{ use: 'old', value: 'P-0' }], undefined],
    ['of the sender, untyped', [{ type: { coding: [{ code: 'MB' }] }, value: 'W1' }, { value: 'P-1' }], 'P-1'],
    ['internal', [{ value: 'P-1' }, { type: { coding: [{ code: 'PI' }] }, value: 'P-2' }], 'P-2'],
    [
      'of the record',
      [
        { type: { coding: [{ code: 'PI' }] }, value: 'P-2' },
        { type: { coding: [{ code: 'MR' }] }, value: 'P-3' },
      ],
      'P-3',
    ],
  ])('matches a patient by a number %s or not at all', (_, identifier, externalId) => {
    const contained = [{ resourceType: 'Patient', id: 'p', identifier }];
    expect(parsed({ contained, subject: { reference: '#p' } }).patient.externalId).toBe(externalId);
  });

  it('keeps the height and weight of a chart and refuses no order for the rest of it', () => {
    const measured = (code: string, valueQuantity: object) => ({
      resourceType: 'Observation',
      code: { coding: [{ system: 'http://loinc.org', code }] },
      valueQuantity,
    });
    const chart = [
      ...Array.from({ length: 60 }, (_, index) => measured(`${1000 + index}-1`, { value: index, unit: 'mg/dL' })),
      measured('26515-7', { value: 250_000_000, unit: 'per microliter of whole blood' }),
      measured('8302-2', { value: 120, unit: 'centimeters, measured', code: 'cm' }),
      measured('8302-2', { value: 1e9, unit: 'cm' }),
      measured('29463-7', { value: 25, unit: 'kilograms with all clothes on' }),
    ];
    expect(parsed({ contained: chart }).observations).toEqual([
      { code: '8302-2', value: 120, unit: 'cm' },
      { code: '29463-7', value: 25 },
    ]);
    const weights = Array.from({ length: 60 }, () => measured('29463-7', { value: 25, unit: 'kg' }));
    expect(parsed({ contained: weights }).observations).toHaveLength(50);
  });

  it('reads the long name of a pack, for validation to judge', () => {
    const text = `{21 (ethinyl estradiol 0.035 MG / norethindrone 1 MG Oral Tablet) / 7 (inert) } Pack ${'x'.repeat(60)}`;
    expect(parsed({ medicationCodeableConcept: { text } }).medication.description).toBe(text);
    expect(refusal({ ...request, medicationCodeableConcept: { text: 'x'.repeat(501) } }).code).toBe(
      'intake.order-invalid',
    );
  });

  it.each([
    [{ allowedBoolean: false }, 1],
    [{ allowedBoolean: true }, 0],
    [{ allowedCodeableConcept: { coding: [{ code: 'N' }] } }, 1],
    [undefined, 0],
  ])('reads substitution %j as %i', (substitution, expected) => {
    expect(parsed(substitution === undefined ? {} : { substitution }).medication.substitutions).toBe(expected);
  });

  it.each([
    [
      { value: 30, unit: 'TAB', code: 'C48542' },
      { quantity: 30, quantityUnit: 'C48542' },
    ],
    [
      { value: 30, unit: 'tablet', code: '385055001' },
      { quantity: 30, quantityUnit: 'tablet' },
    ],
    [
      { value: 2, unit: 'bottle', code: 'BOT' },
      { quantity: 2, quantityUnit: 'BOT' },
    ],
    [{ unit: '30' }, { quantity: 30 }],
    [{ unit: '30 tablets' }, { quantity: 30, quantityUnit: 'tablets' }],
    [{ unit: 'a bottle' }, { quantityUnit: 'a bottle' }],
  ])('reads quantity %j', (quantity, expected) => {
    const unit = 'unit' in quantity && quantity.unit === 'a bottle' ? {} : expected;
    const { medication } = parsed({ dispenseRequest: { quantity } });
    expect(medication).toMatchObject(unit);
    if (quantity.unit === 'a bottle') expect(medication.quantity).toBeUndefined();
  });

  it.each([
    [{ value: 30, code: 'd' }, 30],
    [{ value: 4, unit: 'weeks' }, 28],
    [{ value: 3, code: 'h' }, undefined],
  ])('reads a supply of %j as %s days', (expectedSupplyDuration, days) => {
    expect(parsed({ dispenseRequest: { expectedSupplyDuration } }).medication.daysSupply).toBe(days);
  });

  it('reads the end of the validity as the last day of a fill', () => {
    const validityPeriod = { start: '2026-05-01', end: '2026-07-31T23:59:59-05:00' };
    const { medication } = parsed({ authoredOn: '2026-05-01', dispenseRequest: { validityPeriod } });
    expect(medication).toEqual({ latestFillDate: '2026-07-31', substitutions: 0 });
  });

  it('puts a structured dosage without a text into words', () => {
    const dosageInstruction = [
      {
        method: { coding: [{ display: 'Swallow - dosing instruction imperative (qualifier value)' }] },
        doseAndRate: [{ doseRange: { low: { value: 1 }, high: { value: 2, unit: 'tablets' } } }],
        route: { text: 'by mouth' },
        timing: {
          repeat: { frequency: 1, period: 4, periodMax: 6, periodUnit: 'h', boundsDuration: { value: 5, code: 'd' } },
        },
        asNeededCodeableConcept: { text: 'pain' },
      },
    ];
    expect(parsed({ dosageInstruction }).medication.sig).toBe(
      'Swallow 1 to 2 tablets by mouth every 4-6 hours as needed for pain for 5 days',
    );
    const twice = [
      {
        doseAndRate: [{ doseQuantity: { value: 1, unit: 'capsule' } }],
        timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd', when: ['PC'] } },
      },
    ];
    expect(parsed({ dosageInstruction: twice }).medication.sig).toBe('1 capsule 2 times every day after meals');
    expect(parsed({ dosageInstruction: [{}] }).medication.sig).toBeUndefined();
    for (const noDirection of [
      { additionalInstruction: [{ text: 'Take with food' }] },
      { timing: { repeat: { boundsPeriod: { start: '2026-06-01', end: '2026-06-30' } } } },
      { maxDosePerPeriod: { numerator: { value: 4, unit: 'tablet' }, denominator: { value: 1, code: 'd' } } },
    ]) {
      expect(parsed({ dosageInstruction: [noDirection] }).medication.sig).toBeUndefined();
    }
    const explained = [{ text: 'Take 1 tablet daily' }, { additionalInstruction: [{ text: 'Take with food' }] }];
    expect(parsed({ dosageInstruction: explained }).medication.sig).toBe('Take 1 tablet daily; Take with food');
  });

  const tablet = { value: 1, unit: 'tablet' };
  const daily = { frequency: 1, period: 1, periodUnit: 'd' };
  it.each<[object, string]>([
    [{ doseAndRate: [{ doseRange: { low: tablet, high: { value: 2, unit: 'tablets' } } }] }, '1 to 2 tablets'],
    [
      {
        doseAndRate: [
          { doseRange: { low: { value: 1, unit: 'TAB', code: 'TAB' }, high: { value: 2, unit: 'Tab', code: 'TAB' } } },
        ],
      },
      '1 to 2 Tab',
    ],
    [
      {
        doseAndRate: [{ doseQuantity: tablet }],
        timing: {
          repeat: {
            ...daily,
            boundsRange: { low: { value: 1, unit: 'week', code: 'wk' }, high: { value: 2, unit: 'weeks', code: 'wk' } },
          },
        },
      },
      '1 tablet every day for 1-2 weeks',
    ],
    [
      {
        doseAndRate: [{ doseQuantity: tablet }],
        timing: { repeat: { frequency: 1, period: 4, periodUnit: 'h' } },
        asNeededBoolean: true,
        maxDosePerPeriod: { numerator: { value: 4, unit: 'tablet' }, denominator: { value: 1, code: 'd' } },
        additionalInstruction: [{ text: 'May cause drowsiness' }, { coding: [{ display: 'Take with food' }] }],
      },
      '1 tablet every 4 hours as needed, max 4 tablets per day. May cause drowsiness. Take with food',
    ],
    [
      {
        doseAndRate: [{ doseQuantity: tablet }],
        maxDosePerPeriod: { numerator: { value: 3, unit: 'g' }, denominator: { value: 24, unit: 'h' } },
        maxDosePerAdministration: { value: 2, unit: 'tablet' },
      },
      '1 tablet, max 3 g per 24 hours, max 2 tablets per dose',
    ],
    [
      {
        doseAndRate: [{ doseQuantity: tablet }],
        timing: { repeat: { ...daily, dayOfWeek: ['mon', 'wed', 'fri'], boundsPeriod: { end: '2026-06-30' } } },
      },
      '1 tablet on Monday, Wednesday and Friday until 2026-06-30',
    ],
    [
      {
        doseAndRate: [{ doseQuantity: tablet }],
        timing: { repeat: { ...daily, frequency: 2, dayOfWeek: ['sat', 'sun'] } },
      },
      '1 tablet 2 times a day on Saturday and Sunday',
    ],
    [
      {
        doseAndRate: [{ doseQuantity: tablet }],
        timing: {
          repeat: {
            period: 1,
            periodUnit: 'd',
            timeOfDay: ['08:00:00', '20:30'],
            boundsRange: { low: { value: 5 }, high: { value: 7, code: 'd' } },
          },
        },
      },
      '1 tablet 2 times every day at 8:00 AM and 8:30 PM for 5-7 days',
    ],
    [
      {
        doseAndRate: [{ doseQuantity: tablet }],
        timing: { repeat: { ...daily, boundsPeriod: { start: '2026-06-01T00:00:00-05:00', end: '2026-06-30' } } },
      },
      '1 tablet every day from 2026-06-01 until 2026-06-30',
    ],
  ])('says the limits of a structured dosage: %j', (dosage, sig) => {
    expect(parsed({ dosageInstruction: [dosage] }).medication.sig).toBe(sig);
  });

  const coded = (code: string, system?: string) => ({ coding: [{ ...(system !== undefined && { system }), code }] });
  const gts = 'http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation';
  it.each<[object, string]>([
    [{ timing: { code: coded('BID', gts) } }, '1 tablet 2 times a day'],
    [{ timing: { code: coded('QOD') } }, '1 tablet every other day'],
    [
      { timing: { code: coded('Q6H'), repeat: { boundsDuration: { value: 5, code: 'd' } } } },
      '1 tablet every 6 hours for 5 days',
    ],
    [{ timing: { repeat: { when: ['ACV'] } } }, '1 tablet before dinner'],
    [{ timing: { repeat: { when: ['PCD', 'MORN.early'] } } }, '1 tablet after lunch in the early morning'],
    [{ timing: { repeat: { when: ['AC'], offset: 30 } } }, '1 tablet 30 minutes before meals'],
    [{ timing: { repeat: { ...daily, count: 3, countMax: 5 } } }, '1 tablet every day for 3-5 doses'],
    [{ timing: { repeat: { ...daily, duration: 20, durationUnit: 'min' } } }, '1 tablet every day over 20 minutes'],
    [{ route: { text: 'by mouth' }, site: { text: 'left cheek' } }, '1 tablet by mouth (left cheek)'],
    [{ doseAndRate: [{ doseRange: { high: { value: 2, unit: 'tablet' } } }] }, 'up to 2 tablets'],
    [{ doseAndRate: [{ doseRange: { low: { value: 1, unit: 'puff' }, high: { value: 2 } } }] }, '1 to 2 puffs'],
    [{ doseAndRate: [{ doseQuantity: tablet }, { doseQuantity: tablet }], sequence: 1, id: 'a' }, '1 tablet'],
  ])('says every part of a structured dosage: %j', (part, sig) => {
    const dosage = { doseAndRate: [{ doseQuantity: tablet }], ...part };
    expect(parsed({ dosageInstruction: [dosage] }).medication.sig).toBe(sig);
  });

  it.each<[object[], string]>([
    [
      [
        { sequence: 2, text: 'Take 1 tablet daily for 7 days' },
        { sequence: 1, text: 'Take 2 tablets daily for 3 days' },
      ],
      'Take 2 tablets daily for 3 days; then Take 1 tablet daily for 7 days',
    ],
    [
      [
        { sequence: 1, text: 'Take 1 tablet in the morning' },
        { sequence: 1, text: 'Take 2 tablets at bedtime' },
      ],
      'Take 1 tablet in the morning; Take 2 tablets at bedtime',
    ],
    [[{ sequence: 2, text: 'Take 1 tablet daily' }, { text: 'Swallow whole' }], 'Take 1 tablet daily; Swallow whole'],
  ])('says steps one after the other as their numbers say: %j', (dosageInstruction, sig) => {
    expect(parsed({ dosageInstruction }).medication.sig).toBe(sig);
  });

  it.each<[object]>([
    [{ timing: { code: coded('BID', 'https://a.example/codes') } }],
    [{ timing: { code: coded('LOCAL') } }],
    [{ timing: { event: ['2026-06-03'] } }],
    [{ timing: { repeat: { frequency: 2 } } }],
    [{ timing: { repeat: { period: 4, periodUnit: 'fortnight' } } }],
    [{ timing: { repeat: { when: ['TEATIME'] } } }],
    [{ timing: { repeat: { when: ['NOON'], offset: 30 } } }],
    [{ timing: { repeat: { ...daily, boundsRange: { low: { value: 5, code: 'd' } } } } }],
    [{ timing: { repeat: { ...daily, boundsDuration: { value: 5 } } } }],
    [{ timing: { repeat: { ...daily, duration: 20 } } }],
    [{ route: coded('26643006') }],
    [{ method: coded('421521009') }],
    [{ site: coded('244332000') }],
    [{ additionalInstruction: [coded('311504000')] }],
    [{ asNeededCodeableConcept: coded('22253000') }],
    [{ doseAndRate: [{ doseQuantity: tablet, rateQuantity: { value: 50, unit: 'mL/h' } }] }],
    [{ doseAndRate: [{ doseQuantity: tablet }, { doseQuantity: { value: 5, unit: 'mg' } }] }],
    [{ doseAndRate: [{ doseQuantity: { unit: 'tablet' } }] }],
    [{ doseAndRate: [{ doseRange: { low: { value: 1, unit: 'tablet' } } }] }],
    [{ doseAndRate: [{ doseRange: { low: { value: 1, unit: 'mL' }, high: { value: 2, unit: 'tsp' } } }] }],
    [{ maxDosePerLifetime: { value: 4, unit: 'tablet' } }],
    [{ maxDosePerPeriod: { numerator: { value: 4, unit: 'tablet' }, denominator: { value: 24 } } }],
    [{ asNeeded: true }],
  ])('leaves out directions of which a part has no words: %j', (part) => {
    const dosage = { doseAndRate: [{ doseQuantity: tablet }], ...part };
    expect(parsed({ dosageInstruction: [dosage] }).medication.sig).toBeUndefined();
    expect(parsed({ dosageInstruction: [{ text: 'Take 1 tablet daily' }, dosage] }).medication.sig).toBeUndefined();
    expect(parsed({ dosageInstruction: [{ ...dosage, text: 'Take 1 tablet daily' }] }).medication.sig).toBe(
      'Take 1 tablet daily',
    );
  });

  it('takes no word of the language for a unit or a day', () => {
    const odd = {
      text: ' ',
      doseAndRate: [{ doseQuantity: tablet }],
      timing: { repeat: { dayOfWeek: ['constructor'], boundsDuration: { value: 5, code: 'constructor' } } },
    };
    expect(parsed({ dosageInstruction: [odd] }).medication.sig).toBe('1 tablet on constructor for 5 constructors');
  });

  it('says them in words that validation reads', () => {
    const repeat = { frequency: 1, period: 4, periodUnit: 'h' };
    const maxDosePerPeriod = { numerator: { value: 4, unit: 'tablet' }, denominator: { value: 1, unit: 'd' } };
    const limited = { doseAndRate: [{ doseQuantity: tablet }], timing: { repeat }, maxDosePerPeriod };
    const onDays = {
      doseAndRate: [{ doseQuantity: tablet }],
      timing: { repeat: { ...daily, dayOfWeek: ['mon', 'thu'] } },
    };
    const sigOf = (dosage: object) => parseSig(parsed({ dosageInstruction: [dosage] }).medication.sig ?? '');
    expect(sigOf(limited).maxPerDay).toEqual({ source: 'derived', value: { amount: 4, unit: 'tablet' } });
    expect(sigOf(limited).multiStep).toBe(false);
    expect(sigOf(onDays)).toMatchObject({
      frequency: { value: { value: 2 } },
      period: { value: { value: 1, unit: 'week' } },
    });
  });

  it('reads the schedule by the code system of an extension, whatever its URL', () => {
    const coding = [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0477', code: 'II' }];
    const extension = [{ url: 'https://a.example/schedule', valueCodeableConcept: { coding } }];
    expect(parsed({ extension }).medication).toMatchObject({ schedule: 'II', scheduleCode: 'II' });
  });

  it.each([
    ['the request', 'urn:uuid:0d5e1d8e-6ab1-4f3e-9f1b-6a3f6e3a0001', true],
    ['the request by its id', 'MedicationRequest/m', true],
    ['the patient', 'Patient/p', undefined],
    ['a request that did not come along', 'MedicationRequest/other', undefined],
  ])('takes a signature of %s for its own or not', (_, reference, signed) => {
    const provenance = { resourceType: 'Provenance', target: [{ reference }], signature: [{}] };
    const entry = [
      { fullUrl: 'urn:uuid:0d5e1d8e-6ab1-4f3e-9f1b-6a3f6e3a0001', resource: { ...request, id: 'm' } },
      { resource: { resourceType: 'Patient', id: 'p' } },
      { resource: provenance },
    ];
    expect(parseFhir({ resourceType: 'Bundle', entry }, today).digitallySigned).toBe(signed);
  });

  it.each([
    [{ resourceType: 'Patient' }, 'intake.fhir-not-a-resource'],
    [{}, 'intake.fhir-not-a-resource'],
    [[], 'intake.fhir-not-a-resource'],
    [null, 'intake.fhir-not-a-resource'],
    [{ resourceType: 'Bundle' }, 'intake.fhir-one-request'],
    [{ resourceType: 'Bundle', entry: [{ resource: request }, { resource: request }] }, 'intake.fhir-one-request'],
    [{ ...request, intent: 'plan' }, 'intake.fhir-not-an-order'],
    [{ ...request, status: 'entered-in-error' }, 'intake.fhir-not-an-order'],
    [{ ...request, doNotPerform: true }, 'intake.fhir-not-an-order'],
    [{ ...request, implicitRules: 'https://a.example/rules' }, 'intake.fhir-not-an-order'],
    [{ ...request, modifierExtension: [{ url: 'https://a.example/not' }] }, 'intake.fhir-not-an-order'],
    [{ ...request, dosageInstruction: [{ modifierExtension: [{ url: 'x' }] }] }, 'intake.fhir-not-an-order'],
    [{ ...request, subject: { reference: '#p' }, contained: [unclearPatient] }, 'intake.fhir-not-an-order'],
    [
      { resourceType: 'Bundle', implicitRules: 'https://a.example/rules', entry: [{ resource: request }] },
      'intake.fhir-not-an-order',
    ],
    [
      {
        resourceType: 'Bundle',
        entry: [
          { resource: { ...request, subject: { reference: 'Patient/p' } } },
          { fullUrl: 'https://a.example/Patient/p', resource: unclearPatient },
        ],
      },
      'intake.fhir-not-an-order',
    ],
    [{ ...request, dosageInstruction: 'text' }, 'intake.fhir-invalid'],
    [{ ...request, dispenseRequest: { numberOfRepeatsAllowed: 1.5 } }, 'intake.order-invalid'],
    [{ ...request, dispenseRequest: { initialFill: { quantity: { value: 7 } } } }, 'intake.fhir-invalid'],
  ])('refuses %j with %s', (body, code) => expect(refusal(body).code).toBe(code));

  it.each(['draft', 'on-hold', 'cancelled', 'stopped', 'entered-in-error'])(
    'fills no order whose status is %s',
    (status) => {
      expect(refusal({ ...request, status }).code).toBe('intake.fhir-not-an-order');
    },
  );

  it('minds no modifier that says nothing, and none of a resource the order is not read from', () => {
    expect(parsed({ modifierExtension: [], implicitRules: '' }).patient).toEqual({});
    const entry = [{ resource: request }, { resource: { ...unclearPatient, resourceType: 'AllergyIntolerance' } }];
    expect(parseFhir({ resourceType: 'Bundle', entry }, today).patient).toEqual({});
  });

  it('names the field of a wrong type by its pointer', () => {
    expect(refusal({ ...request, note: [{ text: 7 }] }).issues).toMatchObject([
      { pointer: '/note/0/text', code: 'invalid_type' },
    ]);
  });

  it('raises nothing but FormatError, whatever the value', () => {
    const sample = buildFhir(anOrder());
    const paths = sample.entry.flatMap(({ resource }, index) => Object.keys(resource).map((key) => ({ index, key })));
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), ({ index, key }, value) => {
        const entry = sample.entry.map((one, at) =>
          at === index ? { ...one, resource: { ...one.resource, [key]: value } } : one,
        );
        attempt({ ...sample, entry });
      }),
      { numRuns: 1_000 },
    );
    fc.assert(fc.property(fc.anything(), attempt));
  });
});

function attempt(body: unknown): void {
  try {
    parseFhir(body, today);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
