import { fieldProblems } from './validation.js';

describe('fieldProblems', () => {
  it('points into nested lists, escapes pointers and names rules in kebab case', () => {
    const problems = fieldProblems([
      { property: 'a/b~c', constraints: { maxLength: 'too long' } },
      {
        property: 'items',
        children: [
          { property: '0', children: [{ property: 'ndc', constraints: { isString: 'must be text', isUuid: 'x' } }] },
        ],
      },
      { property: 'evil', constraints: { whitelistValidation: 'property evil should not exist' } },
    ]);
    expect(problems.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/a~1b~0c max-length',
      '/items/0/ndc is-string',
      '/items/0/ndc is-uuid',
      '/evil unknown-field',
    ]);
  });
});
