import fc from 'fast-check';
import { expandKeys, KeysRefused } from './keys.policy.js';

const problemOf = (body: unknown): string | undefined => {
  try {
    expandKeys(body);
  } catch (error) {
    if (error instanceof KeysRefused) return error.problem;
    throw error;
  }
  return undefined;
};

/** Every leaf under its whole path. */
function flattened(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => flattened(member, path === '' ? key : `${path}.${key}`));
}

describe('keys of CarePortals', () => {
  it('make one object, dotted or nested or both', () => {
    const expected = { customer: { email: 'a', phone: 'b' }, lineItems: [{ price: 1 }, { price: 2 }] };
    expect(expandKeys(expected)).toEqual(expected);
    expect(
      expandKeys({ 'customer.email': 'a', customer: { phone: 'b' }, 'lineItems.1.price': 2, 'lineItems.0.price': 1 }),
    ).toEqual(expected);
  });

  it('are names, however large the number, unless they count a list', () => {
    const answers = { extras: { '1042': 'yes', '7': 'no' }, '5001': 1 };
    expect(expandKeys(answers)).toEqual(answers);
    expect(problemOf({ 'extras.1042': 'yes' })).toBe('index-too-large');
    expect(problemOf({ extras: { 'answers.1042': 'yes' } })).toBe('index-too-large');
  });

  it('make of any nested object and its dotted twin the same', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/).filter((key) => !['constructor', 'prototype'].includes(key));
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
        fc.dictionary(name, tie('node'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, node, { noNullPrototype: true }), (body) => {
        expect(expandKeys(Object.fromEntries(flattened(body)))).toEqual(body);
      }),
    );
  });

  it.each([
    ['not-an-object', [1]],
    ['not-an-object', null],
    ['forbidden-key', JSON.parse('{"__proto__": {"admin": true}}')],
    ['forbidden-key', { 'a.__proto__.admin': true }],
    ['forbidden-key', { a: { constructor: { prototype: 1 } } }],
    ['empty-key', { 'a..b': 1 }],
    ['empty-key', { '': 1 }],
    ['index-too-large', { 'items.201': 1 }],
    ['index-too-large', { items: Array.from({ length: 202 }, () => 1) }],
    ['sparse-list', { 'items.0': 1, 'items.2': 1 }],
    ['conflicting-keys', { a: 1, 'a.b': 2 }],
    ['conflicting-keys', { 'a.b': 1, a: { b: 1 } }],
    ['conflicting-keys', { 'a.0': 1, 'a.b': 1 }],
    ['conflicting-keys', { 'a.0': 1, 'a.00': 1 }],
    ['too-deep', { [Array.from({ length: 40 }, () => 'a').join('.')]: 1 }],
  ])('are refused: %s in %j', (problem, body) => {
    expect(problemOf(body)).toBe(problem);
  });

  it('reach no prototype, whatever is sent', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        problemOf(body);
        problemOf({ '__proto__.x': 1, ...body });
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});
