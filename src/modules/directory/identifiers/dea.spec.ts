import { deaNameAgrees, isValidDea, parseDea } from './dea.js';

describe('DEA number', () => {
  it('reads number, registrant and initial', () => {
    expect(parseDea('AP5836727')).toEqual({
      kind: 'ok',
      number: 'AP5836727',
      registrant: 'practitioner',
      nameLetter: 'P',
    });
  });

  it('keeps the suffix of a supervised prescriber apart from the number', () => {
    expect(parseDea('F91234563-001AB')).toMatchObject({ number: 'F91234563', suffix: '001AB', nameLetter: '9' });
  });

  it.each([
    ['MB1388568', 'mid-level'],
    ['PB1388568', 'distributor'],
    ['XL8426529', 'data-2000-waiver'],
    ['ZB1388568', 'unknown'],
  ])('says that %s belongs to a %s', (dea, registrant) => {
    expect(parseDea(dea)).toMatchObject({ kind: 'ok', registrant });
  });

  it('tells a wrong check digit from a wrong shape', () => {
    expect(parseDea('AB1234567')).toEqual({ kind: 'invalid', reason: 'check-digit' });
    expect(parseDea('A91234')).toEqual({ kind: 'invalid', reason: 'format' });
    expect(isValidDea('1B1234563')).toBe(false);
  });

  it('compares the initial without accents and lets a business pass', () => {
    expect(deaNameAgrees('A', 'Álvarez')).toBe(true);
    expect(deaNameAgrees('O', "O'Neil")).toBe(true);
    expect(deaNameAgrees('9', 'Smith')).toBe(true);
    expect(deaNameAgrees('B', 'Smith')).toBe(false);
  });
});
