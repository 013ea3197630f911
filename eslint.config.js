import tseslint from 'typescript-eslint';

const stateful =
  'CallExpression[callee.property.name=/^(save|update)$/][callee.object.property.name=/^(prescriptions|repository|manager)$/]';

export default tseslint.config(
  { ignores: ['dist/**', 'data/**', 'node_modules/**', 'coverage/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-restricted-imports': [
        'error',
        { name: 'class-validator', importNames: ['IsUUID'], message: 'An id has one spelling: IsId of platform/http.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: stateful,
          message: 'State moves only by named actions (platform/state-machine): no save() or update().',
        },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'Settings are read once, in config/ and the entry files.',
        },
      ],
    },
  },
  {
    files: [
      'config/**',
      'ormconfig.ts',
      'jest.config.js',
      'src/main.ts',
      'src/utc.ts',
      'src/commands/**',
      'src/demo/**',
      'test/**',
      'bench/**',
      'src/sandbox/main.ts',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  { files: ['src/platform/http/is-id.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['migrations/**', '**/*.spec.ts', 'test/**'], rules: { 'max-lines': 'off' } },
  {
    // Harnesses are objects of functions that are taken apart, and modules that only carry imports.
    files: ['test/**'],
    rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/no-extraneous-class': 'off' },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    ...tseslint.configs.disableTypeChecked,
  },
);
