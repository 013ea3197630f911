import { isCountedAs, isSameUnit, quantityUnitOf } from './index.js';

describe('the unit of a quantity', () => {
  it.each([
    // SCRIPT
    ['C48542', 'C48542', 'EA'],
    ['c28254', 'C28254', 'ML'],
    ['C48548', 'C48548', 'EA'],
    // HL7 orderableDrugForm
    ['TAB', 'C48542', 'EA'],
    ['ERCAP12', 'C48480', 'EA'],
    // UCUM
    ['mL', 'C28254', 'ML'],
    ['g', 'C48155', 'GM'],
    ['{tbl}', 'C48542', 'EA'],
    ['{each}', 'C64933', 'EA'],
    ['1', 'C64933', 'EA'],
    // NCPDP
    ['GM', 'C48155', 'GM'],
    // plain words
    ['Tablet(s)', 'C48542', 'EA'],
    [' caps. ', 'C48480', 'EA'],
    ['pen needles', 'C120216', 'EA'],
  ])('%j is %s, billed as %s', (text, code, billed) => {
    expect(quantityUnitOf(text)).toMatchObject({ code, billed });
  });

  it.each(['mg', 'C28253', 'C38046'])('%j is known, and no payer counts in it', (text) => {
    expect(quantityUnitOf(text)).toMatchObject({ billed: undefined });
  });

  it.each(['', '{}', 'bottle', 'µg', 'L', 'mL/h', 'constructor'])('%j is no unit we know', (text) => {
    expect(quantityUnitOf(text)).toBeUndefined();
  });

  it.each([
    ['TAB', 'C48542', true],
    ['each', 'C48542', true],
    ['{mL}', 'C28254', true],
    ['C38046', 'C28254', true],
    ['each', 'C28254', false],
    ['C28254', 'C48155', false],
    ['bottle', 'C48542', false],
    // A vial or syringe is a piece, and a sender may name it as the directory does.
    ['each', 'C48551', true],
    ['C64933', 'c48540', true],
    ['vial', 'C48551', true],
    ['C48551', 'C48551', true],
    ['C48540', 'C48551', false],
    ['mL', 'C48551', false],
    ['vial', 'C48542', false],
    ['C48551', 'C64933', false],
    ['TAB', 'C48477', false],
    ['each', 'C48477', false],
    ['each', 'C28253', false],
  ])('%j at a price per %s: %p', (quantityUnit, pricedUnit, fits) => {
    expect(isCountedAs(quantityUnit, pricedUnit)).toBe(fits);
  });

  it.each([
    ['TAB', 'each', true],
    ['vial', 'C48551', true],
    ['vial', 'each', true],
    ['vial', 'syringe', false],
    ['vial', 'tablet', false],
    ['vial', 'mL', false],
    ['vial', 'bottle', false],
    ['tablet', 'mL', false],
    ['bottle', 'tin', false],
    ['mg', 'C28253', true],
    ['mg', 'C38046', false],
  ])('%j and %j count the same: %p', (one, other, same) => {
    expect(isSameUnit(one, other)).toBe(same);
    expect(isSameUnit(other, one)).toBe(same);
  });
});
