// Jest's own require() cannot load ESM-only packages that CommonJS code requires; exactly those are compiled to CommonJS.
const requiredEsm = ['content-disposition', 'cookie'].join('|');

// Each needs what only its own npm script brings: a Redis, a Chromium, the minutes of building an image.
const elsewhere = [
  ['redis', process.env.PHARMONICO_TEST_REDIS_URL],
  ['browser', process.env.PHARMONICO_TEST_BROWSER],
  ['image', process.env.PHARMONICO_TEST_IMAGE],
].flatMap(([folder, given]) => (given ? [] : [`<rootDir>/test/${folder}/`]));

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/{src,test,config}/**/*.spec.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*(?<!\\.json))\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': '@swc/jest',
    [`/node_modules/(?:${requiredEsm})/.+\\.js$`]: [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { target: 'es2023', parser: { syntax: 'ecmascript' } },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:.*/)?(?:${requiredEsm})/)`],
  testPathIgnorePatterns: ['/node_modules/', ...elsewhere],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/data'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  // Every file loads the product anew and V8 keeps the modules of the last one: a worker that has grown is replaced.
  workerIdleMemoryLimit: '900MB',
  testTimeout: 120_000,
  forceExit: Boolean(process.env.CI),
};
