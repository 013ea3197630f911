import { isPharmacyNamed, pharmacyNamed } from './named-pharmacy.policy.js';

const birch = { ncpdpId: '4500025', npi: '1234567893', name: 'Birch' };
const cedar = { ncpdpId: '4500017', npi: '1993999998', name: 'Cedar' };
const cedarWest = { ...cedar, ncpdpId: '4500033', name: 'Cedar West' };

describe('the pharmacy a prescriber names', () => {
  it.each([
    ['its NCPDP id', { ncpdpId: '4500033' }, cedarWest],
    ['its NCPDP id before an NPI of another', { ncpdpId: '4500025', npi: '1993999998' }, birch],
    ['its NPI', { npi: '1234567893' }, birch],
    ['its name, however it is written', { name: ' birch ' }, birch],
    ['its name beside an empty id', { ncpdpId: ' ', name: 'Cedar' }, cedar],
  ])('is known by %s', (_what, named, row) => {
    expect(isPharmacyNamed(named)).toBe(true);
    for (const rows of [
      [birch, cedar, cedarWest],
      [cedarWest, cedar, birch],
    ])
      expect(pharmacyNamed(rows, named)).toBe(row);
  });

  it.each([
    ['an NPI of two', { npi: '1993999998' }],
    ['an NCPDP id of nobody, whosever NPI stands beside it', { ncpdpId: '9999999', npi: '1234567893' }],
    ['nothing', {}],
  ])('is not guessed from %s', (_what, named) => {
    expect(pharmacyNamed([birch, cedar, cedarWest], named)).toBeUndefined();
  });
});
