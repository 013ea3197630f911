import { agree, isSolid, strengthIn, strengthText, type NamesMore } from './strengths.js';

const shown = (text: string) => {
  const strength = strengthIn(text);
  return strength && strengthText(strength);
};

describe('the strength a text states', () => {
  it.each([
    ['Lisinopril 10 mg tablet', '10 mg'],
    ['LISINOPRIL 10MG TAB', '10 mg'],
    ['Levothyroxine 0.05 mg', '50 mcg'],
    ['Levothyroxine 50 µg tablet', '50 mcg'],
    ['Liothyronine .5 mg', '500 mcg'],
    ['Sucralfate 1 gram tablet', '1000 mg'],
    ['Metformin 1,000 mg tablet', '1000 mg'],
    ['24 HR Metformin 500 MG Extended Release Oral Tablet', '500 mg'],
    ['40 mg/1', '40 mg'],
    ['5 mg/tablet', '5 mg'],
    ['Lisinopril-Hydrochlorothiazide 20-25 mg tablet', '20 mg + 25 mg'],
    ['20 mg/25 mg', '20 mg + 25 mg'],
    ['5 mg/1; 325 mg/1', '5 mg + 325 mg'],
    ['hydrochlorothiazide 12.5 MG / lisinopril 10 MG Oral Tablet', '12.5 mg + 10 mg'],
    ['Sprintec (28) 0.25-35 mg-mcg tablet', '250 mcg + 35 mcg'],
    ['Lisinopril-Hydrochlorothiazide 20-25', '20 mg + 25 mg'],
    ['Percocet 5/325', '5 mg + 325 mg'],
    ['Vitamin B12 500 mcg tablet', '500 mcg'],
    ['Tylenol #3 tablet', '300 mg + 30 mg'],
    ['Tylenol with codeine #2', '300 mg + 15 mg'],
    ['TYLENOL W/CODEINE #4', '300 mg + 60 mg'],
    ['Tylenol-Codeine No.3', '300 mg + 30 mg'],
    ['ACETAMINOPHEN-COD #3 TABLET', '300 mg + 30 mg'],
    ['Acetaminophen-Codeine (Tylenol) #3', '300 mg + 30 mg'],
    ['APAP/codeine tablet no. 4', '300 mg + 60 mg'],
    ['Tylenol #3 300-30 mg tablet', '300 mg + 30 mg'],
  ])('%s: %s', (text, strength) => {
    expect(shown(text)).toBe(strength);
  });

  it.each([
    '',
    'Lisinopril',
    'Amoxicillin 400 mg/5 mL',
    'Semaglutide 1 mg pen',
    '1 mg/0.75 mL',
    'Fentanyl 25 mcg/hr patch',
    'Fentanyl 25 mcg per hour',
    'Albuterol 90 mcg/actuation',
    'Synthetic Inhaler 90 MCG',
    'Tretinoin 0.05 % cream',
    'Mometasone 1 mg/g',
    'Insulin 100 units/mL',
    'Vitamin D 1.25 mg (50,000 units)',
    'Potassium chloride 20 mEq tablet (1500 mg)',
    'Warfarin 2,5 mg',
    'Ortho-Novum 7/7/7',
    'Loestrin 1/20',
    'Tylenol-Codeine No.9',
    'Tylenol #30',
    'Tylenol, #3 tablets',
    'Tylenol with codeine elixir #3',
    'Lisinopril 0 mg',
    'Mixture 1-2-3 mg-mcg',
  ])('nothing to compare in "%s"', (text) => {
    expect(strengthIn(text)).toBeUndefined();
  });
});

describe('strengths', () => {
  const judged = (one: string, other: string, namesMore?: NamesMore) =>
    agree(strengthIn(one) ?? [], strengthIn(other) ?? [], namesMore);

  it.each([
    ['50 mcg', '0.05 mg'],
    ['1 g', '1000 mg'],
    ['0.3 mg', '100 mcg; 200 mcg'],
    ['5-325 mg', '325 mg/5 mg'],
    ['875 mg', '875-125 mg'],
    ['Ferrous sulfate 325 mg (65 mg iron)', '325 mg'],
    ['20 mg', '5 mg/1; 5 mg/1; 5 mg/1; 5 mg/1'],
  ])('%s is %s', (one, other) => {
    expect([judged(one, other), judged(other, one)]).toEqual([true, true]);
  });

  it.each([
    ['40 mg', '10 mg'],
    ['5 mg', '5 mcg'],
    ['20-25 mg', '10 mg'],
    ['10-325 mg', '5-325 mg'],
  ])('%s is not %s', (one, other) => {
    expect([judged(one, other), judged(other, one)]).toEqual([false, false]);
  });

  it('may not lack that of an ingredient only one of them names', () => {
    expect(judged('10-12.5 mg', '10 mg', { one: true })).toBe(false);
    expect(judged('10-10 mg', '10 mg', { one: true })).toBe(false);
    expect(judged('10 mg', '10-12.5 mg', { one: true })).toBe(true);
    expect(judged('10 mg', '10-12.5 mg', { other: true })).toBe(false);
    expect(judged('10-12.5 mg', '10 mg', { other: true })).toBe(true);
    expect(judged('10-12.5 mg', '12.5-10 mg', { one: true, other: true })).toBe(true);
  });
});

describe('a solid form', () => {
  it.each([
    [['Kadian 10 mg capsule', 'C42998'], true],
    [['tablet'], true],
    [['C25158'], true],
    [['C42986'], false],
    [['Lisinopril 10 mg', undefined], false],
    [['tablet for oral suspension'], false],
  ])('%p: %p', (texts, expected) => {
    expect(isSolid(...texts)).toBe(expected);
  });
});
