import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();

/** A small tree with one deliberate violation of every fence. */
const violations: Readonly<Record<string, { file: string; imports: string }>> = {
  'rank-of-tickets': { file: 'src/modules/tickets/up.ts', imports: '../payments/index.js' },
  'rank-of-routing': { file: 'src/modules/routing/sideways.ts', imports: '../payments/index.js' },
  'front-door': { file: 'src/modules/notifications/window.ts', imports: '../payments/payments.service.js' },
  'platform-knows-no-business': { file: 'src/platform/db/business.ts', imports: '../../modules/payments/index.js' },
  'config-imports-nothing': { file: 'config/curious.ts', imports: '../src/modules/payments/index.js' },
  'nobody-imports-the-sandbox': { file: 'src/modules/payments/sandboxed.ts', imports: '../../sandbox/index.js' },
  'sandbox-knows-no-product': { file: 'src/sandbox/insider.ts', imports: '../modules/payments/index.js' },
  'queue-only-in-platform': { file: 'src/modules/payments/queue.ts', imports: 'bullmq' },
  'vendors-only-in-gateways': { file: 'src/modules/payments/vendor.ts', imports: 'stripe' },
  'pure-rules': { file: 'src/modules/payments/money.policy.ts', imports: 'typeorm' },
  'no-cycles': { file: 'src/modules/payments/payments.service.ts', imports: './index.js' },
};

const innocent: Readonly<Record<string, string>> = {
  'src/modules/payments/index.ts': "export * from './payments.service.js';\n",
  'src/sandbox/index.ts': 'export const sandbox = 1;\n',
  'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "moduleResolution": "nodenext" } }\n',
  'package.json': '{ "type": "module" }\n',
};

describe('the fences', () => {
  let folder: string;
  let broken: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-fences-'));
    const files = {
      ...innocent,
      ...Object.fromEntries(
        Object.values(violations).map(({ file, imports }) => [file, `import '${imports}';\nexport const x = 1;\n`]),
      ),
    };
    for (const [file, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), content);
    }
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    const cruise = run(
      process.execPath,
      [
        path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
        'src',
        'config',
        '--config',
        path.join(root, '.dependency-cruiser.cjs'),
        '--output-type',
        'json',
      ],
      { cwd: folder, maxBuffer: 32 * 1024 * 1024 },
    );
    const output = await cruise.then(
      ({ stdout }) => stdout,
      (error: unknown) => (error as { stdout: string }).stdout,
    );
    const report = JSON.parse(output) as { summary: { violations: { rule: { name: string }; from: string }[] } };
    broken = report.summary.violations.map(({ rule }) => rule.name);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(Object.keys(violations))('%s stops a deliberate violation', (rule) => {
    expect(broken).toContain(rule);
  });
});
