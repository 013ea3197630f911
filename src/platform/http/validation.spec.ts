import { fieldProblems } from './validation.js';

describe('fieldProblems', () => {
  it('points into nested lists, escapes pointers and names rules in kebab case', () => {
    const problems = fieldProblems([
      { property: 'a/b~c', value: 'much', constraints: { maxLength: 'too long' } },
      {
        property: 'items',
        children: [
          {
            property: '0',
            children: [{ property: 'ndc', value: 7, constraints: { isString: 'must be text', isUuid: 'x' } }],
          },
        ],
      },
      { property: 'evil', value: 1, constraints: { whitelistValidation: 'property evil should not exist' } },
    ]);
    expect(problems.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/a~1b~0c max-length',
      '/items/0/ndc is-string',
      '/items/0/ndc is-uuid',
      '/evil unknown-field',
    ]);
  });

  it('says of a missing field that it is required, once', () => {
    const constraints = { isString: 'must be text', maxLength: 'too long', isNotEmpty: 'should not be empty' };
    expect(fieldProblems([{ property: 'name', constraints }])).toEqual([
      { pointer: '/name', code: 'required', message: 'This field is required.' },
    ]);
  });
});
