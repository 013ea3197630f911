import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../../config/index.js';
import { resolveKeys } from '../../src/platform/crypto/development-keys.js';
import { sendingDay } from '../../src/demo/generate/index.js';
import { careportalsSource, webhookVariables } from '../../src/demo/sandbox-settings.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { freePort } from '../support/ports.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { until } from '../support/until.js';

const bash = promisify(execFile);
const hasTools = ['openssl', 'curl'].every((tool) => {
  try {
    execFileSync('bash', ['-c', `command -v ${tool}`]);
    return true;
  } catch {
    return false;
  }
});

/** The first shell block of a section of the README. */
async function block(section: string): Promise<string> {
  const [, after = ''] = (await readFile('README.md', 'utf8')).split(`## ${section}\n`);
  return /```bash\n([\s\S]*?)```/.exec(after)?.[1] ?? '';
}

interface IntakeDocument {
  post: { requestBody: { content: Record<string, { example: unknown }> } };
}

interface Listed {
  id: string;
  source: string;
  patient: { firstName: string } | null;
}

const administrator = { adminEmail: 'admin@pharmonico.example', adminPassword: 'as-the-demo-printed-it' };

describe('the examples of the README', () => {
  let place: TestFolder;
  let sandbox: TestSandbox;
  let app: TestApp;

  beforeAll(async () => {
    place = await testFolder('readme');
    sandbox = await startTestSandbox({ folder: place.path });
    const port = await freePort();
    const source = careportalsSource('Pharmonico', sandbox.secrets);
    const env = {
      ...sandbox.settings,
      ...source,
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      ADMIN_EMAIL: administrator.adminEmail,
      ADMIN_PASSWORD: administrator.adminPassword,
    };
    app = await startTestApp({ sandbox: false, env });
    await mkdir(join(place.path, 'data', 'sandbox'), { recursive: true });
    const variables = webhookVariables(app.url, sandbox.secrets);
    await writeFile(join(place.path, 'data', 'sandbox', 'webhooks.env'), variables);
    await writeFile(join(place.path, 'data', 'demo-accounts.json'), JSON.stringify(administrator));
  });
  afterAll(async () => {
    await app.stop();
    await sandbox.stop();
    await place.remove();
  });

  const run = async (script: string): Promise<unknown> => {
    expect(script).not.toBe('');
    return JSON.parse((await bash('bash', ['-c', script], { cwd: place.path })).stdout) as unknown;
  };
  const pasted = hasTools ? it : it.skip;

  pasted('under Tour send a prescription and answer what it waits for', async () => {
    const answer = { id: expect.any(String) as string, next: expect.any(String) as string };
    expect(await run(await block('Tour'))).toMatchObject(answer);
  });

  it.each([
    ['application/json', 'json'],
    ['application/fhir+json', 'fhir'],
    ['application/xml', 'script'],
  ])('of /docs in %s is taken in, valid, and reaches its patient', async (contentType, source) => {
    const answered = async <T>(path: string, init?: RequestInit) =>
      (await (await fetch(`${app.url}${path}`, init)).json()) as T;
    const { adminEmail: email, adminPassword: password } = administrator;
    const { accessToken } = await answered<{ accessToken: string }>('/api/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    const headers = { authorization: `Bearer ${accessToken}` };
    const { paths } = await answered<{ paths: Record<string, IntakeDocument> }>('/docs-json');
    const example = paths['/api/intake']?.post.requestBody.content[contentType]?.example;
    // An order lives for a year, its documentation longer.
    const body = (typeof example === 'string' ? example : JSON.stringify(example)).replaceAll(
      '2026-11-20',
      sendingDay(),
    );
    await fetch(`${app.url}/api/intake`, {
      method: 'POST',
      headers: { ...headers, 'content-type': contentType },
      body,
    });
    await until(async () => {
      const { items } = await answered<{ items: Listed[] }>('/api/prescriptions?limit=100', { headers });
      const taken = items.find((one) => one.source === source && one.patient?.firstName === 'Alex');
      if (taken === undefined) return false;
      const why = await answered<{ code: string }>(`/api/prescriptions/${taken.id}/why`, { headers });
      return why.code === 'enrollment.patient';
    });
  });

  pasted('under Webhooks for integrators work with the token of the tour', async () => {
    const [tour, endpoint] = await Promise.all([block('Tour'), block('Webhooks for integrators')]);
    const signIn = tour.slice(0, tour.indexOf('ID='));
    expect(await run(`${signIn}${endpoint}`)).toMatchObject({ secret: expect.stringMatching(/^whsec_/) as string });
  });

  pasted('under Going live make keys production starts with', async () => {
    const { stdout } = await bash('bash', ['-c', await block('Going live')]);
    const keys = Object.fromEntries<string | undefined>(
      [...stdout.matchAll(/^(\w+)=(.+)$/gm)].map(([, name = '', value]) => [name, value]),
    );
    const addresses = { DATABASE_URL: 'postgres://db/x', REDIS_URL: 'redis://queue', PUBLIC_URL: 'https://rx.example' };
    const config = loadConfig({ NODE_ENV: 'production', ...addresses, ...keys });
    expect(() => resolveKeys(config)).not.toThrow();
  });

  const sections = ['Lifefile', 'CarePortals', 'Stripe', 'Shippo', 'Twilio'];
  pasted.each(sections)('under Connect %s work pasted, and twice is a duplicate', async (name) => {
    const paste = async () =>
      (await run(await block(`Connect ${name}`))) as { received: boolean; eventId: string; duplicate: boolean };
    const first = await paste();
    expect(first).toEqual({ received: true, eventId: expect.any(String) as string, duplicate: false });
    expect(await paste()).toEqual({ ...first, duplicate: true });
  });
});
