import fc from 'fast-check';
import { parseForm, queryOf } from './form.js';

it('reads brackets as objects and lists', () => {
  expect(parseForm('a=1&b[c]=2&l[0][x]=3&l[1][x]=4&e[]=5&e[]=6')).toEqual({
    a: '1',
    b: { c: '2' },
    l: [{ x: '3' }, { x: '4' }],
    e: ['5', '6'],
  });
  expect(queryOf('/v1/events?created[gte]=7&types[0]=a%20b')).toEqual({ created: { gte: '7' }, types: ['a b'] });
});

it('never touches a prototype and never throws', () => {
  parseForm('__proto__[polluted]=1&constructor[prototype][polluted]=1&a[__proto__][polluted]=1');
  expect('polluted' in {}).toBe(false);
  fc.assert(fc.property(fc.string(), (text) => typeof parseForm(text) === 'object'));
});
