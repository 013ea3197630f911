import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const program = path.resolve('dist/test/chaos/main.js');
const seed = 20_261_121;

/** Runs the built program: what is killed must be the product as it is started, not a copy inside Jest. */
function chaos(args: readonly string[]): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk: Buffer) => (said += chunk.toString());
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('exit', (status) => resolve({ status, said }));
  });
}

describe('killed with kill -9', () => {
  it('loses no prescription and does nothing twice', async () => {
    if (!existsSync(program)) {
      throw new Error(
        `${program} is missing: this test runs the built program. Run npm run build first (npm test does).`,
      );
    }
    const { status, said } = await chaos([
      ...['--seed', String(seed)],
      ...['--kills', '3'],
      ...['--prescriptions', '9'],
      ...['--within-seconds', '270'],
    ]);
    if (status !== 0) throw new Error(said);
    expect(said).toContain('nothing lost, nothing twice');
  }, 300_000);
});
