import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();

/** A fence, the file that breaks it, and what that file says. */
type Violation = readonly [rule: string, file: string, content: string];

const imports = (from: string) => `import '${from}';\nexport const x = 1;\n`;
const importsType = (from: string) => `import type { x } from '${from}';\nexport type Y = typeof x;\n`;

const moduleFences: readonly Violation[] = [
  ['front-door', 'src/modules/notifications/window.ts', imports('../payments/payments.service.js')],
  ['front-door', 'src/modules/notifications/looked.ts', importsType('../payments/payments.service.js')],
  ['platform-knows-no-business', 'src/platform/db/business.ts', imports('../../modules/payments/index.js')],
  ['config-imports-nothing', 'config/curious.ts', imports('../src/modules/payments/index.js')],
  ['nobody-imports-the-sandbox', 'src/modules/payments/sandboxed.ts', imports('../../sandbox/index.js')],
  ['sandbox-knows-no-product', 'src/sandbox/insider.ts', imports('../modules/payments/index.js')],
  ['queue-only-in-platform', 'src/modules/payments/queue.ts', imports('bullmq')],
  ['queue-only-in-platform', 'src/modules/payments/redis.ts', imports('ioredis')],
  ...['stripe', 'twilio', 'shippo', 'nodemailer', '@aws-sdk/client-s3'].map((sdk, at): Violation => [
    'vendors-only-in-gateways',
    `src/modules/payments/vendor-${at}.ts`,
    imports(sdk),
  ]),
  ['pure-rules', 'src/modules/payments/money.policy.ts', imports('typeorm')],
  ['pure-rules', 'src/modules/payments/money.machine.ts', importsType('@nestjs/common')],
  ['no-cycles', 'src/modules/payments/round-again.ts', imports('./round.js')],
];

const saves = 'no-restricted-syntax';
const settings = 'no-restricted-properties';
const names = 'no-restricted-imports';
const tooLong = Array.from({ length: 301 }, (_, at) => `export const n${at} = 1;\n`).join('');

const lintFences: readonly Violation[] = [
  [saves, 'src/modules/payments/save-1.ts', 'await manager.save(prescription);\n'],
  [saves, 'src/modules/payments/save-2.ts', "await repo.update({ id }, { state: 'paid' });\n"],
  [
    saves,
    'src/modules/payments/save-3.ts',
    "await tx.manager.getRepository(Claim).update({ id }, { state: 'paid' });\n",
  ],
  [saves, 'src/modules/payments/save-4.ts', "await this.claims.update({ id }, { state: 'paid' });\n"],
  [saves, 'src/modules/payments/save-5.ts', "await tx.manager['save'](claim);\n"],
  [saves, 'src/modules/payments/save-6.ts', 'await tx.manager.createQueryBuilder().update(Claim).execute();\n'],
  [saves, 'src/commands/mend.ts', 'await claims?.save(claim);\n'],
  [saves, 'src/demo/mend.ts', 'await claims.save(claim);\n'],
  [saves, 'src/platform/db/mend.ts', 'await claims.save(claim);\n'],
  [settings, 'src/modules/payments/env-1.ts', 'export const key = process.env.STRIPE_KEY;\n'],
  [settings, 'src/modules/payments/env-2.ts', 'export const { env } = process;\n'],
  [settings, 'src/demo/env.ts', "export const key = process['env'].STRIPE_KEY;\n"],
  [settings, 'src/commands/env.ts', 'export const key = process.env.STRIPE_KEY;\n'],
  [names, 'src/modules/payments/env-3.ts', "export { env } from 'node:process';\n"],
  [
    names,
    'src/modules/payments/loop.ts',
    "import { forwardRef } from '@nestjs/common';\nexport const x = forwardRef;\n",
  ],
  [names, 'src/modules/payments/uuid.ts', "import { IsUUID } from 'class-validator';\nexport const x = IsUUID;\n"],
  ['max-lines', 'src/modules/payments/long.ts', tooLong],
];

/** What the lint fences leave alone. */
const harmless: Readonly<Record<string, string>> = {
  'src/modules/payments/digest.ts': "export const digest = createHash('sha256').update(a).update(b).digest('hex');\n",
  'src/main.ts': 'export const { env } = process;\n',
};

const innocent: Readonly<Record<string, string>> = {
  'src/modules/payments/payments.service.ts': 'export const x = 1;\n',
  'src/modules/payments/round.ts': imports('./round-again.js'),
  'src/sandbox/index.ts': 'export const sandbox = 1;\n',
  'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "moduleResolution": "nodenext" } }\n',
  'package.json': '{ "type": "module" }\n',
};

/** The ranks as ARCHITECTURE.md draws them, lowest first. */
async function drawnRanks(): Promise<string[][]> {
  const [, drawing = ''] = /## Ranks\n[^]*?\n```\n([^`]*)```/.exec(await readFile('ARCHITECTURE.md', 'utf8')) ?? [];
  return drawing
    .split('→')
    .map((rank) => /\{(.*)\}/.exec(rank)?.[1] ?? rank)
    .map((rank) => rank.split(',').map((module) => module.trim()));
}

/** Each module importing each one that is not below it, by turns as values and as types. */
function upwardImports(ranks: readonly string[][]): Violation[] {
  return ranks.flatMap((rank, height) =>
    rank.flatMap((module) =>
      ranks
        .slice(height)
        .flat()
        .filter((other) => other !== module)
        .map((other, at): Violation => {
          const content = (at % 2 === 0 ? imports : importsType)(`../${other}/index.js`);
          return [`rank-of-${module}`, `src/modules/${module}/up-to-${other}.ts`, content];
        }),
    ),
  );
}

/** What a tool prints of a tree with violations; it exits with an error, as it should. */
async function printed(folder: string, tool: string, ...args: string[]): Promise<string> {
  const done = run(process.execPath, [path.join(root, 'node_modules', tool), ...args], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return done.then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  );
}

interface CruiseReport {
  summary: { violations: { rule: { name: string }; from: string }[] };
}

type LintReport = { filePath: string; messages: { ruleId: string | null }[] }[];

const place = (rule: string, file: string) => `${rule} in ${file}`;

describe('the fences', () => {
  let folder: string;
  let ranks: string[][];

  beforeAll(async () => {
    ranks = await drawnRanks();
    folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-fences-'));
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function tree(name: string, files: Iterable<readonly [string, string]>): Promise<string> {
    for (const [file, content] of files) {
      const target = path.join(folder, name, file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, content);
    }
    return path.join(folder, name);
  }

  it('know every module by a rank, and ARCHITECTURE.md draws them all', async () => {
    const modules = await readdir(path.join(root, 'src/modules'));
    expect(ranks.flat().toSorted()).toEqual(modules.toSorted());
  });

  it('of modules stop every deliberate violation, and every import of a module that is not below', async () => {
    const violations = [...moduleFences, ...upwardImports(ranks)];
    const doors = ranks.flat().map((module) => [`src/modules/${module}/index.ts`, 'export const x = 1;\n'] as const);
    const files = [
      ...doors,
      ...Object.entries(innocent),
      ...violations.map(([, file, content]) => [file, content] as const),
    ];
    const cruised = await tree('modules', files);
    const output = await printed(
      cruised,
      'dependency-cruiser/bin/dependency-cruise.mjs',
      ...['src', 'config', '--config', path.join(root, '.dependency-cruiser.cjs'), '--output-type', 'json'],
    );
    const report = JSON.parse(output) as CruiseReport;
    const stopped = new Set(report.summary.violations.map(({ rule, from }) => place(rule.name, from)));
    expect(violations.map(([rule, file]) => place(rule, file)).filter((one) => !stopped.has(one))).toEqual([]);
  });

  it('of the text stop every deliberate violation and nothing else', async () => {
    // Without types: they cost a minute, and these rules ask for none.
    const untyped = [
      `import tseslint from 'typescript-eslint';`,
      `import house from '${path.join(root, 'eslint.config.js')}';`,
      'export default [...house, tseslint.configs.disableTypeChecked];',
    ].join('\n');
    const texts = lintFences.map(([, file, content]) => [file, content] as const);
    const files = [['eslint.config.js', untyped] as const, ...texts, ...Object.entries(harmless)];
    const linted = await tree('text', files);
    const output = await printed(linted, 'eslint/bin/eslint.js', 'src', '--format', 'json');
    const rules = new Set([saves, settings, names, 'max-lines']);
    const stopped = (JSON.parse(output) as LintReport).flatMap(({ filePath, messages }) =>
      messages
        .filter(({ ruleId }) => rules.has(ruleId ?? ''))
        .map(({ ruleId }) => place(ruleId ?? '', path.relative(linted, filePath))),
    );
    expect(stopped.toSorted()).toEqual(lintFences.map(([rule, file]) => place(rule, file)).toSorted());
  });
});
