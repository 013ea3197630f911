import { isDeeperThan, parseForm } from './raw-body.js';

describe('parseForm', () => {
  it('keeps repeated fields as a list', () => {
    expect(parseForm('a=1&b=%C3%A9&a=2&a=3')).toEqual({ a: ['1', '2', '3'], b: 'é' });
  });

  it.each(['__proto__=1', 'constructor=1', 'a=%00'])('refuses %s', (text) => {
    expect(parseForm(text)).toBeUndefined();
  });
});

describe('isDeeperThan', () => {
  it.each([
    ['[[1]]', 2, false],
    ['[[[1]]]', 2, true],
    ['["[[[[", "\\"[[[["]', 2, false],
    ['[{"a":[]},{"a":[]}]', 3, false],
    ['[{"a":[{}]}]', 3, true],
  ])('%s beyond %d levels: %s', (json, most, expected) => {
    expect(isDeeperThan(most, Buffer.from(json))).toBe(expected);
  });
});
