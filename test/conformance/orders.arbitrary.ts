import fc from 'fast-check';
import type {
  OrderCoverage,
  OrderMedication,
  OrderPatient,
  OrderPharmacy,
  OrderPrescriber,
  PrescriptionOrder,
} from '../../src/modules/prescriptions/order/index.js';
import { scheduleCodes } from '../../src/modules/intake/formats/script-codes.js';

/** A complete order; parts given replace fields of it. */
export function anOrder(
  parts: {
    patient?: Partial<OrderPatient>;
    prescriber?: Partial<OrderPrescriber>;
    medication?: Partial<OrderMedication>;
  } = {},
): PrescriptionOrder {
  return {
    messageId: 'message-1',
    prescriberOrderNumber: 'order-1',
    writtenDate: '2026-05-26',
    patient: {
      firstName: 'Mary',
      lastName: "O'Neil & Sons",
      birthDate: '1954-12-25',
      gender: 'female',
      phone: '+15125550100',
      address: { line1: '1 Main & First', city: 'Austin', state: 'TX', zip: '78701' },
      ...parts.patient,
    },
    prescriber: { npi: '1234567893', dea: 'AA1234563', firstName: 'Aaron', lastName: 'Allen', ...parts.prescriber },
    pharmacy: { ncpdpId: '1234567', npi: '1993999998', name: 'Test Pharmacy' },
    medication: {
      description: 'Lisinopril 10 mg tablet',
      ndc: '70000010130',
      strength: '10 mg',
      form: 'tablet',
      quantity: 30,
      quantityUnit: 'C48542',
      daysSupply: 30,
      refills: 2,
      substitutions: 0,
      sig: 'Take 1 tablet by mouth once daily',
      ...parts.medication,
    },
  };
}

/** Texts any door can carry: printable, trimmed, not empty. */
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength }),
      fc.constantFrom("O'Neil & Sons", 'Jane <Test>', 'a "b" c', ']]>', '&amp;', '<!-- x -->', 'Ñandú 1/2'),
    )
    .map((value) =>
      value
        .replace(/\p{C}|\p{Zl}|\p{Zp}/gu, '')
        .slice(0, maxLength)
        .trim(),
    )
    .filter((value) => value !== '' && !/\p{Surrogate}/u.test(value) && value.toUpperCase() !== 'NONE');

const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.nat(9), { minLength: length, maxLength: length }).map((all) => all.join(''));

const date = fc
  .date({ min: new Date('1920-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));

const phone = fc.nat(99).map((last) => `+1512555${String(100 + last).padStart(4, '0')}`);
const number = (max: number): fc.Arbitrary<number> => fc.nat(max * 1000).map((thousandths) => thousandths / 1000);

const address = fc.record(
  { line1: text(60), line2: text(60), city: text(40), state: fc.constantFrom('TX', 'CA', 'NY'), zip: digits(5) },
  { requiredKeys: ['line1'] },
);

const patient: fc.Arbitrary<OrderPatient> = fc.record(
  {
    externalId: text(40),
    firstName: text(60),
    middleName: text(60),
    lastName: text(60),
    birthDate: date,
    gender: fc.constantFrom('male' as const, 'female' as const, 'unknown' as const),
    email: fc.emailAddress().filter((email) => email.length <= 254),
    phone,
    address,
  },
  { requiredKeys: ['lastName', 'firstName'] },
);

const prescriber: fc.Arbitrary<OrderPrescriber> = fc.record(
  { npi: digits(10), dea: text(12), spi: digits(13), firstName: text(60), lastName: text(60), phone, address },
  { requiredKeys: ['spi', 'firstName', 'lastName'] },
);

const pharmacy: fc.Arbitrary<OrderPharmacy> = fc.record(
  { ncpdpId: digits(7), npi: digits(10), name: text(80) },
  { requiredKeys: ['ncpdpId'] },
);

const schedule = fc
  .constantFrom(undefined, 'II' as const, 'III' as const, 'IV' as const, 'V' as const)
  .map((of) => (of === undefined ? {} : { schedule: of, scheduleCode: scheduleCodes[of] }));

const medication: fc.Arbitrary<OrderMedication> = fc
  .tuple(
    fc.record(
      {
        description: text(105),
        ndc: digits(11),
        rxnormCode: digits(6),
        strength: fc.constantFrom('10 mg', '0.05 %', '1 mg/0.75 mL', '5 mg-325 mg', '250 mcg', '100 units', '10.0 mg'),
        form: fc.constantFrom('C42998', 'tablet'),
        quantity: number(1000),
        quantityUnit: fc.constantFrom('C48542', 'C48480', 'C28254'),
        daysSupply: fc.nat(365),
        refills: fc.nat(99),
        substitutions: fc.constantFrom(0 as const, 1 as const),
        sig: text(200),
        diagnoses: fc.array(fc.constantFrom('E11.9', 'I10', 'J45.909'), { minLength: 1, maxLength: 3 }),
        latestFillDate: fc.constantFrom('2031-06-01', '2032-02-29'),
        earliestFillDate: fc.constantFrom('2031-01-01', '2031-02-28'),
      },
      { requiredKeys: ['description', 'substitutions'] },
    ),
    schedule,
  )
  .map(([fields, controlled]) => ({ ...fields, ...controlled }));

const coverage: fc.Arbitrary<OrderCoverage> = fc.record(
  {
    bin: digits(6),
    pcn: text(10),
    groupId: text(15),
    cardholderId: text(20),
    personCode: digits(2),
    relationship: fc.constantFrom('1' as const, '2' as const, '3' as const, '4' as const),
    payerName: text(60),
  },
  { requiredKeys: ['bin'] },
);

const observation = fc.record({ code: fc.constantFrom('29463-7', '8302-2'), value: number(300), unit: text(10), date });

/** Orders that SCRIPT and FHIR can both express in full. */
export function orders(): fc.Arbitrary<PrescriptionOrder> {
  return fc.record(
    {
      messageId: text(35),
      prescriberOrderNumber: text(35),
      writtenDate: date,
      patient,
      prescriber,
      pharmacy,
      medication,
      coverage,
      observations: fc.array(observation, { minLength: 1, maxLength: 3 }),
      digitallySigned: fc.constant(true),
      note: text(200),
    },
    { requiredKeys: ['messageId', 'patient', 'prescriber', 'medication'] },
  );
}
