import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { webhookVariables } from '../../src/demo/sandbox-settings.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';

const run = promisify(execFile);
const hasTools = ['openssl', 'curl'].every((tool) => {
  try {
    execFileSync('bash', ['-c', `command -v ${tool}`]);
    return true;
  } catch {
    return false;
  }
});

/** The shell block of a section of the README. */
async function block(section: string): Promise<string> {
  const [, after = ''] = (await readFile('README.md', 'utf8')).split(`### ${section}\n`);
  return /```bash\n([\s\S]*?)```/.exec(after)?.[1] ?? '';
}

describe('the example of the README under Connect Lifefile', () => {
  let app: ShippingApp;
  let place: TestFolder;
  beforeAll(async () => {
    app = await startShippingApp();
    place = await testFolder('readme');
  });
  afterAll(() => Promise.all([app.stop(), place.remove()]));

  (hasTools ? it : it.skip)('works as printed, and the second time is a duplicate', async () => {
    const folder = place.path;
    await mkdir(join(folder, 'data', 'sandbox'), { recursive: true });
    await writeFile(join(folder, 'data', 'sandbox', 'webhooks.env'), webhookVariables(app.url, app.sandbox.secrets));
    const paste = async () => {
      const { stdout } = await run('bash', ['-c', await block('Connect Lifefile')], { cwd: folder });
      return JSON.parse(stdout) as { received: boolean; eventId: string; duplicate: boolean };
    };
    const first = await paste();
    expect(first).toEqual({ received: true, eventId: expect.any(String) as string, duplicate: false });
    expect(await paste()).toEqual({ ...first, duplicate: true });
  });
});
