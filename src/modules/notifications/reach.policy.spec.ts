import { reachOf, type Recipient } from './reach.policy.js';

const both = ['email', 'sms'] as const;
const on = { email: true, sms: true };
const alex: Recipient = { email: 'alex@example.com', phone: '+12025550143', optedOut: false, unreachable: false };
const reasons = (recipient: Recipient, isOn = on) => reachOf(both, recipient, isOn).map(({ suppressed }) => suppressed);

describe('where a message goes', () => {
  it('goes by both channels when nothing is in the way', () => {
    expect(reachOf(both, alex, on)).toEqual([
      { channel: 'email', address: 'alex@example.com', suppressed: undefined },
      { channel: 'sms', address: '+12025550143', suppressed: undefined },
    ]);
  });

  it('says why it stays: no address, no E.164 number, opted out, unreachable', () => {
    expect(reasons({ ...alex, email: undefined, phone: undefined })).toEqual(['no_address', 'no_address']);
    expect(reasons({ ...alex, phone: '555-0143' })).toEqual([undefined, 'not_e164']);
    expect(reasons({ ...alex, phone: '(202) 555-0143' })).toEqual([undefined, 'not_e164']);
    expect(reasons({ ...alex, phone: '+1234567890' })).toEqual([undefined, 'unreachable']);
    expect(reasons({ ...alex, optedOut: true })).toEqual([undefined, 'opted_out']);
    expect(reasons({ ...alex, unreachable: true })).toEqual([undefined, 'unreachable']);
  });

  it('gives up a channel whose vendor is off when the other one carries the message', () => {
    expect(reasons(alex, { email: true, sms: false })).toEqual([undefined, 'vendor_off']);
  });

  it('keeps a message pending when no channel could carry it now', () => {
    expect(reasons(alex, { email: false, sms: false })).toEqual([undefined, undefined]);
    expect(reasons({ ...alex, email: undefined }, { email: true, sms: false })).toEqual(['no_address', undefined]);
  });
});
