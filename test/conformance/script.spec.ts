import { FormatError } from '../../src/modules/intake/formats/format-error.js';
import { buildNewRx, parseScript } from '../../src/modules/intake/formats/script.js';
import { describeWithFixtures, fixture, jsonFixture } from './fixtures.js';

const read = (path: string) => parseScript(fixture(`ncpdp-script/${path}`));

describeWithFixtures('NCPDP SCRIPT as senders write it', () => {
  it.each([
    ['cosyte/newrx-basic.xml', 'NewRx', '2017071'],
    ['cosyte/newrx-coded-and-strength.xml', 'NewRx', '2023011'],
    ['cosyte/newrx-no-version.xml', 'NewRx', '2017071'],
    ['cosyte/newrx-sig-text-only.xml', 'NewRx', '2017071'],
    ['cosyte/newrx-structured-sig.xml', 'NewRx', '2017071'],
    ['cosyte/cancelrx-request.xml', 'CancelRx', '2017071'],
    ['cosyte/cancelrx-response-approved.xml', 'CancelRxResponse', '2017071'],
    ['cosyte/error-response.xml', 'Error', '2023011'],
    ['cosyte/rxchange-request.xml', 'RxChangeRequest', '2017071'],
    ['cosyte/status-response.xml', 'Status', '2017071'],
    ['cosyte/unsupported-transaction.xml', 'RxFill', '2017071'],
    ['weno/newrx_adult_golden.xml', 'NewRx', '2017071'],
    ['weno/status_response.xml', 'Status', '2017071'],
    ['weno/captured_wrapped_error_response.xml', 'Error', '2017071'],
    ['wire-20170715/newrx_schedule2.xml', 'NewRx', '2017071'],
    ['wire-20170715/cancelrx.xml', 'CancelRx', '2017071'],
  ])('reads %s as %s of %s', (path, transaction, version) => {
    expect(read(path)).toMatchObject({ transaction, version });
  });

  it('reads the simplified dialect in full', () => {
    expect(read('cosyte/newrx-basic.xml')).toMatchObject({
      messageId: 'SYNTH-MSG-0001',
      from: { id: 'SurescriptsTestPrescriber' },
      to: { id: 'SurescriptsTestPharmacy' },
      sentTime: '2026-01-15T09:30:00.000Z',
      prescriberOrderNumber: 'SYNTH-ORDER-0001',
      unwrapped: false,
    });
    expect(read('cosyte/newrx-basic.xml').order).toEqual({
      messageId: 'SYNTH-MSG-0001',
      prescriberOrderNumber: 'SYNTH-ORDER-0001',
      writtenDate: '2026-01-15',
      patient: { firstName: 'Avery', lastName: 'Testpatient', birthDate: '1990-04-12', gender: 'female' },
      prescriber: { npi: '1888888888', firstName: 'Jordan', lastName: 'Testprescriber' },
      pharmacy: { npi: '1999999999', name: 'Synthetic Community Pharmacy' },
      medication: {
        description: 'Amoxicillin 500 MG Oral Capsule',
        ndc: '00093310501',
        quantity: 30,
        quantityUnit: 'C48480',
        daysSupply: 10,
        refills: 1,
        substitutions: 0,
        sig: 'Take 1 capsule by mouth three times daily for 10 days.',
      },
      note: 'Synthetic test note, no real patient.',
    });
    expect(read('cosyte/newrx-coded-and-strength.xml').order?.medication).toEqual({
      description: 'Lisinopril 10 MG Oral Tablet',
      ndc: '00185010201',
      rxnormCode: '314076',
      strength: '10 mg',
      form: 'C42998',
      quantity: 90,
      quantityUnit: 'C48542',
      daysSupply: 90,
      refills: 3,
      sig: 'Take 1 tablet by mouth once daily.',
    });
  });

  it('reads the wire dialect in full, contradictions included', () => {
    expect(read('wire-20170715/newrx_schedule2.xml').order).toEqual({
      messageId: 'velaseed-newrx-0001',
      writtenDate: '2026-05-26',
      patient: {
        firstName: 'MARY',
        lastName: 'SMITH',
        birthDate: '1954-12-25',
        gender: 'female',
        address: { line1: '45 EAST ROAD SW', city: 'CLANCY', state: 'WI', zip: '54999' },
      },
      prescriber: {
        npi: '1234567893',
        dea: 'AA1234563',
        spi: '9258399725001',
        firstName: 'AARON',
        lastName: 'ALLEN',
        phone: '+16152219800',
        address: { line1: '211 CENTRAL ROAD', city: 'JONESVILLE', state: 'MN', zip: '37777' },
      },
      pharmacy: { ncpdpId: '1234567', npi: '1993999998', name: 'HUMANA' },
      medication: {
        description: 'KADIAN ER 10 MG CAPSULE',
        ndc: '00023601160',
        strength: '240 mg',
        form: 'C42998',
        schedule: 'II',
        scheduleCode: 'C48675',
        quantity: 60,
        quantityUnit: 'C28253',
        refills: 0,
        substitutions: 0,
        sig: 'Methadone HCl Oral Solution 10mg/mL Cherry Bottle 1000mlBt',
      },
      coverage: { cardholderId: 'CARDHOLDERID' },
      digitallySigned: true,
    });
  });

  it('says when a message names no version', () => {
    expect(read('cosyte/newrx-no-version.xml').versionWarning).toBeDefined();
    expect(read('cosyte/newrx-basic.xml').versionWarning).toBeUndefined();
  });

  it('finds the prescription a CancelRx means', () => {
    expect(read('wire-20170715/cancelrx.xml').cancel).toEqual({
      relatesToMessageId: 'velaseed-newrx-0001',
      prescriberOrderNumber: '213232323232323223',
      prescriberNpi: '1234567893',
      patientFirstName: 'MARY',
      patientLastName: 'SMITH',
      birthDate: '1954-12-25',
      ndc: '00023601160',
      description: 'KADIAN ER 10 MG CAPSULE',
      writtenDate: '2026-05-26',
    });
    expect(read('cosyte/cancelrx-request.xml').cancel).toMatchObject({ requestReferenceNumber: 'SYNTH-REF-0401' });
  });

  it('unwraps an answer that a web service sent as a string', () => {
    expect(read('weno/captured_wrapped_error_response.xml')).toMatchObject({
      unwrapped: true,
      from: { id: 'WENO_Switch', qualifier: 'M' },
      sentTime: '2026-08-22T00:58:16.042Z',
    });
  });

  it('knows every schedule code of the list', () => {
    const xml = (code: string): string =>
      `<Message version="2017071"><Body><NewRx><MedicationPrescribed><DrugCoded><DEASchedule><Code>${code}</Code></DEASchedule></DrugCoded></MedicationPrescribed></NewRx></Body></Message>`;
    const list = Object.entries(Object(jsonFixture('code-lists/dea_schedule_ncit.json')) as Record<string, unknown>);
    for (const [code, meaning] of list.filter(([name]) => /^C\d/.test(name))) {
      const word = /^C(II|III|IV|V)$/.exec(String(meaning))?.[1];
      expect(parseScript(xml(code)).order?.medication.schedule).toBe(word);
    }
  });

  it('writes back what it read, in either version', () => {
    for (const path of ['wire-20170715/newrx_schedule2.xml', 'weno/newrx_adult_golden.xml']) {
      const message = read(path);
      if (!message.order || !message.from || !message.to) throw new Error(`${path} has no order`);
      const envelope = { from: message.from, to: message.to, sentTime: new Date('2026-05-26T06:20:35Z') };
      for (const version of ['2017071', '2023011'] as const) {
        expect(parseScript(buildNewRx(message.order, envelope, version)).order).toEqual(message.order);
      }
    }
  });

  it('survives every cut of a real message', () => {
    const whole = fixture('ncpdp-script/wire-20170715/newrx_schedule2.xml');
    for (let length = 0; length < whole.length - 20; length += 7) {
      expect(() => parseScript(whole.subarray(0, length))).toThrow(FormatError);
    }
  });
});
