import tseslint from 'typescript-eslint';

/** What `save` and `update` mean away from TypeORM: bytes for a digest or a cipher. */
const ofDigests = [
  '[callee.object.callee.name=/^create(Hash|Hmac)$/]',
  '[callee.object.callee.object.callee.name=/^create(Hash|Hmac)$/]',
  '[callee.object.name=/^(de)?cipher$/]',
];
const saveOrUpdate = ['name', 'value'].map((key) => `[callee.property.${key}=/^(save|update)$/]`);
const stateMoves = `CallExpression:matches(${saveOrUpdate.join()}):not(${ofDigests.join()})`;

const oneSpelling = {
  name: 'class-validator',
  importNames: ['IsUUID'],
  message: 'An id has one spelling: IsId of platform/http.',
};
const noLoops = {
  name: '@nestjs/common',
  importNames: ['forwardRef'],
  message: 'Wanting it means a wrong rank or a missing event.',
};
const settingsElsewhere = 'Settings are read once, in config/ and the entry files.';
const noEnvironment = ['node:process', 'process'].map((name) => ({ name, message: settingsElsewhere }));

/** Where a process begins; what lies below takes what it needs as an argument. */
const entryFiles = [
  'src/main.ts',
  'src/utc.ts',
  'src/sandbox/main.ts',
  'src/demo/main.ts',
  ...['audit-verify', 'backfill-tickets', 'db-reset', 'dev', 'doctor', 'migrate'].map(
    (command) => `src/commands/${command}.ts`,
  ),
];

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
      'no-restricted-imports': ['error', oneSpelling, noLoops, ...noEnvironment],
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: settingsElsewhere }],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/sandbox/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: stateMoves,
          message: 'State moves only by named actions (platform/state-machine): no save() or update().',
        },
      ],
    },
  },
  {
    files: ['config/**', 'ormconfig.ts', 'jest.config.js', 'test/**', 'bench/**', ...entryFiles],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/platform/http/is-id.ts'],
    rules: { 'no-restricted-imports': ['error', noLoops, ...noEnvironment] },
  },
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
