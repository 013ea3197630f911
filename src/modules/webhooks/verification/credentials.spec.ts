import { createHmac } from 'node:crypto';
import { verifyCredentials, type PresentedCredentials, type SourceCredentials } from './credentials.js';

const body = Buffer.from('{"rxStatus":"Shipping"}');
const nothing: SourceCredentials = { hmac: [], basic: [], bearer: [], token: [], addresses: [] };
const unproven: PresentedCredentials = {
  body,
  signature: undefined,
  authorization: undefined,
  token: undefined,
  address: '198.51.100.7',
};
const signed = (secret: string) => createHmac('sha256', secret).update(body).digest('hex');
const basic = (value: string) => `Basic ${Buffer.from(value).toString('base64')}`;

const verdict = (wanted: Partial<SourceCredentials>, given: Partial<PresentedCredentials>) =>
  verifyCredentials({ ...nothing, ...wanted }, { ...unproven, ...given });

describe('the proof a source brings', () => {
  it.each<[string, Partial<SourceCredentials>, Partial<PresentedCredentials>]>([
    ['a signature', { hmac: ['s1'] }, { signature: signed('s1') }],
    ['a signature with the secret that is being rotated out', { hmac: ['s2', 's1'] }, { signature: signed('s1') }],
    ['user and password', { basic: ['pharmacy:pass:word'] }, { authorization: basic('pharmacy:pass:word') }],
    ['the scheme in any case', { basic: ['a:b'] }, { authorization: basic('a:b').replace('Basic', 'BASIC') }],
    ['a bearer token', { bearer: ['old', 'new'] }, { authorization: 'Bearer new' }],
    ['a token in the address', { token: ['t'] }, { token: 't' }],
    ['its own address alone', { addresses: ['198.51.100.7'] }, {}],
    ['its network alone', { addresses: ['192.0.2.0/24', '198.51.100.0/28'] }, {}],
    ['an IPv4 address inside IPv6', { addresses: ['198.51.100.7'] }, { address: '::ffff:198.51.100.7' }],
    ['an IPv6 network', { addresses: ['2001:db8::/32'] }, { address: '2001:db8::1' }],
    ['both address and token', { addresses: ['198.51.100.7'], token: ['t'] }, { token: 't' }],
    ['Basic where signatures are possible too', { hmac: ['s'], basic: ['a:b'] }, { authorization: basic('a:b') }],
    [
      'a signature beside a Basic header, where Basic is not configured',
      { hmac: ['s'] },
      { signature: signed('s'), authorization: basic('proxy:own') },
    ],
    [
      'a signature beside an unreadable Basic header, where Basic is not configured',
      { hmac: ['s'] },
      { signature: signed('s'), authorization: 'Basic a:b' },
    ],
    [
      'a signature beside the right password',
      { hmac: ['s'], basic: ['a:b'] },
      { signature: signed('s'), authorization: basic('a:b') },
    ],
    [
      'a password beside a signature, where signatures are not configured',
      { basic: ['a:b'] },
      { signature: signed('s'), authorization: basic('a:b') },
    ],
  ])('is taken when it is %s', (_, wanted, given) => {
    expect(verdict(wanted, given)).toBe('valid');
  });

  it.each<[string, Partial<SourceCredentials>, Partial<PresentedCredentials>, string]>([
    ['nothing is configured', {}, { signature: signed('s'), token: 't' }, 'unconfigured'],
    ['it brings none', { hmac: ['s'], basic: ['a:b'] }, {}, 'missing'],
    ['the password is wrong', { basic: ['a:b'] }, { authorization: basic('a:c') }, 'mismatch'],
    ['the user is wrong', { basic: ['a:b'] }, { authorization: basic('b:b') }, 'mismatch'],
    ['the password is sent as a bearer token', { basic: ['a:b'] }, { authorization: 'Bearer a:b' }, 'missing'],
    ['it is no base64', { basic: ['a:b'] }, { authorization: 'Basic a:b' }, 'malformed'],
    ['the address is another', { addresses: ['198.51.100.8'], token: ['t'] }, { token: 't' }, 'mismatch'],
    ['the address is unknown', { addresses: ['198.51.100.7'] }, { address: undefined }, 'mismatch'],
    ['the address is right and the token is not there', { addresses: ['198.51.100.7'], token: ['t'] }, {}, 'missing'],
    [
      'a right password comes with a wrong signature',
      { hmac: ['s'], basic: ['a:b'] },
      { signature: signed('other'), authorization: basic('a:b') },
      'mismatch',
    ],
    [
      'a right signature comes with a wrong password',
      { hmac: ['s'], basic: ['a:b'] },
      { signature: signed('s'), authorization: basic('proxy:own') },
      'mismatch',
    ],
    [
      'a right signature comes with an unreadable password',
      { hmac: ['s'], basic: ['a:b'] },
      { signature: signed('s'), authorization: 'Basic a:b' },
      'malformed',
    ],
    [
      'a wrong signature comes with a password nobody configured',
      { hmac: ['s'] },
      { signature: signed('other'), authorization: basic('a:b') },
      'mismatch',
    ],
    ['a password is all it brings and is not configured', { hmac: ['s'] }, { authorization: basic('a:b') }, 'missing'],
  ])('is refused when %s', (_, wanted, given, expected) => {
    expect(verdict(wanted, given)).toBe(expected);
  });
});
