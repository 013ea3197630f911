import { destinationOf, formInWords, type ShippingSubject } from './shipping-subjects.js';

const received = new Date('2026-11-20T10:00:00Z');
const onFile = { line1: '1 Elm St', city: 'New York', state: 'NY', zip: '10001' };
const ordered = { line1: '77 Newplace Rd', city: 'Albany', state: 'NY', zip: '12207' };

/** What a destination needs of a subject. */
function aSubject(address: object, stated: object | undefined, addressSetAt: Date | null) {
  return {
    patient: { firstName: 'Ada', lastName: 'Marsh', address, addressSetAt },
    order: { patient: stated === undefined ? {} : { address: stated } },
    prescription: { receivedAt: received },
    pharmacy: { licensedStates: ['NY'] },
  } as unknown as ShippingSubject;
}

describe('where a parcel goes', () => {
  it.each([
    ['where the order says', ordered, null, 'Albany'],
    ['where the order says, corrected before it', ordered, new Date('2026-11-19T10:00:00Z'), 'Albany'],
    ['where a person said since', ordered, new Date('2026-11-21T10:00:00Z'), 'New York'],
    ['to the address on file when the order has none', undefined, null, 'New York'],
    ['to the address on file when the order lacks a street', { state: 'NY', zip: '12207' }, null, 'New York'],
  ])('is %s', (_, stated, addressSetAt, city) => {
    expect(destinationOf(aSubject(onFile, stated, addressSetAt)).city).toBe(city);
  });

  it('is nowhere without a complete address', () => {
    expect(() => destinationOf(aSubject({ zip: '10001' }, { zip: '10001' }, null))).toThrow(/no complete address/);
  });

  it('is no state its pharmacy is not licensed in', () => {
    const moved = { line1: '3 Bay St', city: 'Oakland', state: 'CA', zip: '94607' };
    const subject = aSubject(moved, ordered, new Date('2026-11-21T10:00:00Z'));
    expect(() => destinationOf(subject)).toThrow(/not licensed/);
    const lower = { ...onFile, state: 'ny' };
    expect(destinationOf(aSubject(lower, undefined, null)).state).toBe('ny');
  });
});

it('knows a form in words only, not as a code', () => {
  expect(['C42998', '385055001', undefined].map(formInWords)).toEqual([undefined, undefined, undefined]);
  expect(['tablet', 'CREAM'].map(formInWords)).toEqual(['tablet', 'CREAM']);
});
