import { deliveryAddressOf } from './delivery-address.policy.js';

const received = new Date('2026-11-20T10:00:00Z');
const since = new Date('2026-11-21T10:00:00Z');
const inCalifornia = { line1: '3 Bay St', city: 'Oakland', state: 'CA', zip: '94607' };
const inNewYork = { line1: '1 Elm St', city: 'New York', state: 'NY', zip: '10001' };
const streetless = { state: 'NY', zip: '10001' };

describe('where what was ordered goes', () => {
  it.each([
    ['where the order says', inNewYork, { address: inCalifornia, addressSetAt: null }, inNewYork],
    ['where a person said since', inNewYork, { address: inCalifornia, addressSetAt: since }, inCalifornia],
    ['where the order says, to an unknown patient', inNewYork, undefined, inNewYork],
    [
      'to the address on file when the order has none',
      undefined,
      { address: inCalifornia, addressSetAt: null },
      inCalifornia,
    ],
    [
      'to the address on file when the order’s has no street',
      streetless,
      { address: inCalifornia, addressSetAt: null },
      inCalifornia,
    ],
    [
      'where the order says when the corrected one has no street',
      inCalifornia,
      { address: streetless, addressSetAt: since },
      inCalifornia,
    ],
    [
      'to the order’s state while no address is complete',
      streetless,
      { address: { state: 'CA' }, addressSetAt: null },
      streetless,
    ],
    [
      'to the corrected state while no address is complete',
      { state: 'CA' },
      { address: streetless, addressSetAt: since },
      streetless,
    ],
    ['nowhere when nobody says', { zip: '10001' }, { addressSetAt: null }, undefined],
  ])('is %s', (_, stated, onFile, address) => {
    expect(deliveryAddressOf(stated, onFile, received)).toEqual(address);
  });
});
