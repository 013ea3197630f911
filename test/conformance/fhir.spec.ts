import { z } from 'zod';
import { buildFhir, parseFhir } from '../../src/modules/intake/formats/fhir.js';
import { parseScript } from '../../src/modules/intake/formats/script.js';
import { describeWithFixtures, fixture, jsonFixture } from './fixtures.js';

const today = '2026-06-02';
const resource = z.looseObject({ resourceType: z.string() });
const pair = z.object({ patient: resource, practitioner: resource, medicationRequest: resource });

/** The resources stand side by side in the fixture; a sender would put them into a Bundle under their references. */
function pairBundle(): unknown {
  const { patient, practitioner, medicationRequest } = pair.parse(jsonFixture('fhir/weno_pair_input_bundle.json'));
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { fullUrl: 'https://sender.example/fhir/Patient/test-patient', resource: patient },
      { fullUrl: 'https://sender.example/fhir/Practitioner/test-prescriber', resource: practitioner },
      { resource: medicationRequest },
    ],
  };
}

describeWithFixtures('FHIR R4 MedicationRequest as published', () => {
  it('reads the example of HL7', () => {
    expect(parseFhir(jsonFixture('fhir/hl7_medicationrequest_medrx0301.json'), today)).toEqual({
      messageId: '12345689',
      writtenDate: '2015-01-15',
      patient: {},
      prescriber: {},
      medication: {
        description: 'Oral Form Oxycodone (product)',
        quantity: 30,
        quantityUnit: 'TAB',
        daysSupply: 10,
        refills: 0,
        substitutions: 0,
        sig: 'one to two tablets every 4-6 hours as needed for rib pain',
        latestFillDate: '2016-01-15',
      },
      note: 'Patient told to take with food',
    });
  });

  it('reads the same order from a MedicationRequest and from its SCRIPT twin', () => {
    const fromFhir = parseFhir(pairBundle(), today);
    const fromScript = parseScript(fixture('ncpdp-script/weno/newrx_adult_golden.xml')).order;
    // What the sender's envelope and its drug directory add on the way to SCRIPT.
    expect(fromScript).toEqual({
      ...fromFhir,
      messageId: 'adult-byte-identical-baseline',
      pharmacy: { ncpdpId: '1234567', name: 'Test Direct Pharmacy' },
      prescriber: { ...fromFhir.prescriber, spi: 'TEST_ROUTING_ID' },
      medication: { ...fromFhir.medication, quantityUnit: 'TEST_UOM_CODE', scheduleCode: 'C38046' },
    });
    expect(fromFhir).toMatchObject({
      writtenDate: '2026-07-17',
      patient: { lastName: "O'Neil & Sons", firstName: 'Jane <Test>', phone: '+15125550100' },
      medication: { substitutions: 1, quantity: 30, daysSupply: 30, refills: 2 },
    });
  });

  it('writes back what it read', () => {
    const order = parseFhir(pairBundle(), today);
    expect(parseFhir(JSON.parse(JSON.stringify(buildFhir(order))), today)).toEqual(order);
  });
});
