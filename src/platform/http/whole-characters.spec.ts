import { pointerOfHalf } from './whole-characters.js';

describe('pointerOfHalf', () => {
  it.each([
    [{ email: '\ud800@x.example' }, '/email'],
    [{ networks: { a: ['whole', 'half \udc00'] } }, '/networks/a/1'],
    [{ 'a/b': { c: '\ud83d' } }, '/a~1b/c'],
    [{ list: [{ '\ud800': 1 }] }, '/list/0'],
    [{ text: 'whole 💊 é', count: 1, none: null }, undefined],
    ['\ud800', ''],
  ])('of %j is %j', (body, pointer) => {
    expect(pointerOfHalf(body)).toBe(pointer);
  });
});
