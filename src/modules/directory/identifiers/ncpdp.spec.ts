import { isValidBin, isValidNcpdpId, isValidPcn } from './ncpdp.js';

describe('NCPDP identifiers', () => {
  it.each([
    [isValidBin, '004336', true],
    [isValidBin, '4336', false],
    [isValidBin, '00433612', false],
    [isValidPcn, 'ADV', true],
    [isValidPcn, 'A-1 B', true],
    [isValidPcn, '', false],
    [isValidPcn, 'ELEVENCHARS', false],
    [isValidPcn, ' ADV', false],
    [isValidNcpdpId, '1234567', true],
    [isValidNcpdpId, '123456', false],
  ])('%p("%s") is %s', (check, value, expected) => {
    expect(check(value)).toBe(expected);
  });
});
