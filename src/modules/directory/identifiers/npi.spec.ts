import { isValidNpi, npiCheckDigit } from './npi.js';

describe('NPI', () => {
  it('computes the check digit of the CMS worked example', () => {
    expect(npiCheckDigit('123456789')).toBe(3);
  });

  it.each(['1234567893', '1993999998'])('accepts %s', (npi) => {
    expect(isValidNpi(npi)).toBe(true);
  });

  it.each(['1234567890', '1888888888', '0234567893', ' 1234567893', '123456789', '12345678930', '123456789X', ''])(
    'refuses "%s"',
    (npi) => {
      expect(isValidNpi(npi)).toBe(false);
    },
  );
});
