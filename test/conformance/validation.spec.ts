import { loadConfig } from '../../config/index.js';
import type { PrescriptionOrder } from '../../src/modules/prescriptions/order/index.js';
import { findingCodes, validationSettings } from '../../src/modules/validation/index.js';
import { statedSchedule, subjectOf } from '../../src/modules/validation/subject.js';
import { findingsAbout } from '../../src/modules/validation/validation.policy.js';
import { describeWithFixtures, fixture, jsonFixture } from './fixtures.js';

function between(xml: string, element: string): string {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1] ?? '';
}

describeWithFixtures('finding codes beside VA Inbound ePrescribing', () => {
  it('uses hold and reject reasons that exist', () => {
    const va = jsonFixture('code-lists/va_inbound_erx.json') as {
      newRx_hold_reasons: Record<string, string>;
      reject_reasons: Record<string, string>;
    };
    const known = new Set([...Object.keys(va.newRx_hold_reasons), ...Object.keys(va.reject_reasons)]);
    const used = Object.values(findingCodes).flatMap(({ vaCode }) => vaCode ?? []);
    expect(used.filter((code) => !known.has(code))).toEqual([]);
  });

  it('knows every schedule code of the list', () => {
    const codes = jsonFixture('code-lists/dea_schedule_ncit.json') as Record<string, string>;
    const scheduled = Object.entries(codes).filter(
      ([code, name]) => code !== 'source' && /^C(?:I{1,3}|IV|V)$/.test(name),
    );
    const read = scheduled.map(([scheduleCode]) =>
      statedSchedule({ patient: {}, prescriber: {}, medication: { scheduleCode } }),
    );
    expect(read).toEqual(scheduled.map(([, name]) => name.slice(1)));
  });
});

describeWithFixtures('schedule II NewRx from the wire', () => {
  const xml = fixture('ncpdp-script/wire-20170715/newrx_schedule2.xml').toString('utf8');
  const medication = xml.slice(xml.indexOf('<MedicationPrescribed>'));
  const patient = xml.slice(xml.indexOf('<Patient>'), xml.indexOf('</Patient>'));
  const prescriber = xml.slice(xml.indexOf('<Prescriber>'), xml.indexOf('</Prescriber>'));
  const addressOf = (party: string) => ({
    line1: between(party, 'AddressLine1'),
    city: between(party, 'City'),
    state: between(party, 'StateProvince'),
    zip: between(party, 'PostalCode'),
  });
  const order: PrescriptionOrder = {
    writtenDate: '2026-05-26',
    digitallySigned: true,
    patient: {
      firstName: between(patient, 'FirstName'),
      lastName: between(patient, 'LastName'),
      birthDate: between(patient, 'Date'),
      address: addressOf(patient),
    },
    prescriber: {
      npi: between(prescriber, 'NPI'),
      dea: between(prescriber, 'DEANumber'),
      firstName: between(prescriber, 'FirstName'),
      lastName: between(prescriber, 'LastName'),
      address: addressOf(prescriber),
    },
    medication: {
      description: between(medication, 'DrugDescription'),
      ndc: '00023601160',
      scheduleCode: 'C48675',
      schedule: 'II',
      quantity: Number(between(medication, 'Value')),
      quantityUnit: 'C28253',
      refills: Number(between(medication, 'NumberOfRefills')),
      sig: between(medication, 'SigText'),
    },
  };
  const findings = findingsAbout(
    subjectOf(order, {
      today: '2026-05-27',
      latestToday: '2026-05-27',
      priorPrescriptions: [],
      settings: validationSettings(loadConfig({})),
    }),
  );

  it('is stopped for methadone directions on KADIAN, milligrams as a count and what is missing', () => {
    expect(findings.filter(({ severity }) => severity === 'blocks').map(({ code }) => code)).toEqual([
      'patient.contact-missing',
      'quantity.unit-milligram',
      'days-supply.missing',
      'sig.names-other-drug',
    ]);
  });

  it('says in a sentence which other drug the directions name', () => {
    expect(findings.find(({ code }) => code === 'sig.names-other-drug')?.message).toBe(
      'The directions name methadone, which is not the drug prescribed.',
    );
  });
});
