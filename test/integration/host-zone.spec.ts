import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What an expression is worth on a host of that zone. @param module of `dist/src` */
async function onHostIn(zone: string, module: string, expression: string): Promise<unknown> {
  const url = pathToFileURL(`dist/src/${module}`).href;
  const program = `const it = await import('${url}'); process.stdout.write(JSON.stringify(${expression}));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env['PATH'], TZ: zone },
  });
  return JSON.parse(stdout);
}

const zones = ['America/New_York', 'Asia/Kolkata', 'UTC'];

describe('the zone of the host', () => {
  it.each<[string, string | null]>([
    ['2026-11-20T10:00:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00.250', '2026-11-20T10:00:00.250Z'],
    ['2026-11-20 10:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['11/20/2026 10:00 AM', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00-05:00', '2026-11-20T15:00:00.000Z'],
    ['2026-11-20T10:00:00.250+0530', '2026-11-20T04:30:00.250Z'],
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000Z'],
    ['Fri, 20 Nov 2026 10:00:00 EST', '2026-11-20T15:00:00.000Z'],
    ['Fri Nov 20 2026 10:00:00 GMT-0500 (Eastern Standard Time)', '2026-11-20T15:00:00.000Z'],
    ['soon', null],
    ['', null],
  ])('does not say when %j was', async (written, instant) => {
    const said = `it.instant.parse(${JSON.stringify(written)}) ?? null`;
    const read = zones.map((zone) => onHostIn(zone, 'modules/orders/wire/fields.js', said));
    expect(await Promise.all(read)).toEqual(zones.map(() => instant));
  });

  it('is not that of our programs: each is set to UTC before it does anything', async () => {
    expect(await onHostIn('America/New_York', 'utc.js', 'new Date(0).getTimezoneOffset()')).toBe(0);
    const scripts = await readFile('package.json', 'utf8');
    const programs = [
      ...new Set([...scripts.matchAll(/dist\/(src\/[\w/-]+)\.js/g)].map(([, program = '']) => program)),
    ];
    expect(programs).toContain('src/main');
    for (const program of programs) {
      const [, first] = /^import '?(.*?)'?;$/m.exec(await readFile(`${program}.ts`, 'utf8')) ?? [];
      expect([program, first]).toEqual([program, expect.stringMatching(/^\.{1,2}\/(\.\.\/)?utc\.js$/)]);
    }
  });
});
