import { isValidNcpdpId } from './ncpdp.js';

describe('NCPDP identifiers', () => {
  it.each([
    ['1234567', true],
    ['123456', false],
  ])('"%s" of a pharmacy: %s', (value, expected) => {
    expect(isValidNcpdpId(value)).toBe(expected);
  });
});
