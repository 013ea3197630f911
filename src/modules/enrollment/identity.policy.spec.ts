import { isProven, secondProofOf, type Proof } from './identity.policy.js';

const zipless = { birthDate: '1980-02-29', lastName: "O'Neil-Núñez" };
const known = { ...zipless, address: { zip: '78701-1234' } };
const date = { birthDate: '1980-02-29' };

describe('who somebody is', () => {
  it.each([
    [known, 'zip'],
    [{ ...known, address: { zip: '78701' } }, 'zip'],
    [zipless, 'lastName'],
    [{ ...known, address: {} }, 'lastName'],
    [{ ...known, address: { zip: '787' } }, 'lastName'],
  ] as const)('of %j is asked by %s', (person, second) => {
    expect(secondProofOf(person)).toBe(second);
  });

  it.each<[Proof, boolean]>([
    [{ ...date, zip: '78701' }, true],
    [{ ...date, zip: ' 78701-9999' }, true],
    [{ ...date, zip: '78702' }, false],
    [{ birthDate: '1980-03-01', zip: '78701' }, false],
    [{ ...date, lastName: 'ONeil Nunez' }, false],
    [{ ...date, zip: '', lastName: 'ONeil Nunez' }, false],
    [{ ...date, zip: '78702', lastName: 'ONeil Nunez' }, false],
    [date, false],
  ])('with a ZIP code on file %j is %s', (proof, right) => {
    expect(isProven(known, proof)).toBe(right);
  });

  it.each<[Proof, boolean]>([
    [{ ...date, lastName: 'oneil nunez ' }, true],
    [{ ...date, lastName: "O'Neil-Núñez Jr." }, true],
    [{ ...date, lastName: 'Neil' }, false],
    [{ birthDate: '1980-03-01', lastName: "O'Neil-Núñez" }, false],
    [{ ...date, zip: '78701' }, false],
    [{ ...date, lastName: '-' }, false],
    [date, false],
  ])('without one %j is %s', (proof, right) => {
    expect(isProven(zipless, proof)).toBe(right);
  });

  it.each([{ lastName: '-' }, { lastName: '' }])('nobody is proven by nothing: %j', (name) => {
    expect(isProven({ ...zipless, ...name }, { ...date, ...name })).toBe(false);
  });
});
