import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { careportalsSource, webhookVariables } from '../../src/demo/sandbox-settings.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { freePort } from '../support/ports.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

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

describe('the signed examples of the README', () => {
  let place: TestFolder;
  let sandbox: TestSandbox;
  let app: TestApp;

  beforeAll(async () => {
    place = await testFolder('readme');
    sandbox = await startTestSandbox({ folder: place.path });
    const port = await freePort();
    const source = careportalsSource('Pharmonico', sandbox.secrets);
    const env = { ...sandbox.settings, ...source, PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` };
    app = await startTestApp({ sandbox: false, env });
    await mkdir(join(place.path, 'data', 'sandbox'), { recursive: true });
    const variables = webhookVariables(app.url, sandbox.secrets);
    await writeFile(join(place.path, 'data', 'sandbox', 'webhooks.env'), variables);
  });
  afterAll(async () => {
    await app.stop();
    await sandbox.stop();
    await place.remove();
  });

  const sections = ['Lifefile', 'CarePortals', 'Stripe', 'Shippo', 'Twilio'];
  (hasTools ? it : it.skip).each(sections)('under Connect %s works pasted, and twice is a duplicate', async (name) => {
    const script = await block(`Connect ${name}`);
    expect(script).not.toBe('');
    const paste = async () => {
      const { stdout } = await run('bash', ['-c', script], { cwd: place.path });
      return JSON.parse(stdout) as { received: boolean; eventId: string; duplicate: boolean };
    };
    const first = await paste();
    expect(first).toEqual({ received: true, eventId: expect.any(String) as string, duplicate: false });
    expect(await paste()).toEqual({ ...first, duplicate: true });
  });
});
