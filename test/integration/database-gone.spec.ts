import { createHmac } from 'node:crypto';
import { loadConfig, type Config } from '../../config/index.js';
import { ApiClient } from '../../src/demo/client.js';
import { generate, sendingDay } from '../../src/demo/generate/index.js';
import { anchorFileOf, Verifier } from '../../src/modules/audit/index.js';
import { withClient } from '../../src/platform/db/roles.js';
import { start, type RunningApplication } from '../../src/start.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { startOwnServer, type OwnServer } from '../support/own-server.js';
import { eventually, until } from '../support/until.js';

const account = { email: 'admin@pharmonico.example', password: 'a long enough password' };
const webhookSecret = 'whsec_database_gone_spec';
const date = sendingDay();

const bodyOf = (format: 'json' | 'script-2017071', seed: number): string => {
  const [one] = generate({ count: 1, seed, defects: 0, date, formats: [format], states: ['NY'] });
  return one?.body ?? '';
};

describe('without its database', () => {
  let folder: TestFolder;
  let server: OwnServer;
  let running: RunningApplication;
  let config: Config;
  let api: ApiClient;

  const send = (method: string, route: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(`${running.url}${route}`, {
      method,
      headers: { authorization: `Bearer ${api.token}`, ...headers },
      ...(body !== undefined && { body }),
    });
  const intake = (contentType: string, body: string) =>
    send('POST', '/api/intake', { 'content-type': contentType }, body);
  const unsealed = () =>
    withClient(server.superuserUrl, async (admin) => {
      const { rows } = await admin.query('SELECT 1 FROM audit_entries WHERE seq IS NULL');
      return rows.length;
    });
  const stripeEvent = () => {
    const body = JSON.stringify({
      id: 'evt_gone',
      object: 'event',
      type: 'checkout.session.completed',
      data: { object: {} },
    });
    const at = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', webhookSecret).update(`${at}.${body}`).digest('hex');
    const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` };
    return send('POST', '/api/webhooks/stripe', headers, body);
  };

  beforeAll(async () => {
    folder = await testFolder('gone');
    server = await startOwnServer(folder.path);
    const { databaseUrl, queueUrl } = server;
    config = loadConfig({
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: folder.path,
      LOG_LEVEL: 'silent',
      OUTBOX_POLL_MS: '100',
      RETRY_SCALE: '0.05',
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      ADMIN_EMAIL: account.email,
      ADMIN_PASSWORD: account.password,
    });
    running = await start({ config, databaseUrl, queueUrl, logger: false });
    api = await ApiClient.signIn(running.url, account.email, account.password);
    await server.stop();
  });

  afterAll(async () => {
    await running.stop();
    await server.stop();
    await folder.remove();
  });

  it.each([
    ['reading a list', () => send('GET', '/api/prescriptions')],
    ['JSON intake', () => intake('application/json', bodyOf('json', 71))],
    ['a webhook', stripeEvent],
    ['sign-in', () => send('POST', '/api/auth/login', { 'content-type': 'application/json' }, JSON.stringify(account))],
  ])('answers %s with 503, a code and when to come back', async (_what, ask) => {
    const answer = await ask();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 503, code: 'service.unavailable' });
  });

  it.each(['t', 'enroll'])('answers a patient’s page under /%s/ with a page, and when to come back', async (pages) => {
    const answer = await fetch(`${running.url}/${pages}/${'x'.repeat(43)}`);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toContain('<h1>That did not work</h1>');
  });

  it('answers SCRIPT intake in SCRIPT: Error 602, send again', async () => {
    const answer = await intake('application/xml', bodyOf('script-2017071', 72));
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.text()).toMatch(/<Error>\s*<Code>602<\/Code>/);
  });

  it('lives, and says that it is not ready', async () => {
    expect((await send('GET', '/api/health/live')).status).toBe(200);
    const ready = await send('GET', '/api/health/ready');
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('"database"');
  });

  it('tries again at its pace and does not pile attempt on attempt', async () => {
    const openNow = () => process.getActiveResourcesInfo().length;
    const before = openNow();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(openNow()).toBeLessThan(before + 30);
  });

  it('takes up its work when the database is back, without a restart', async () => {
    await server.start();
    await until(async () => (await send('GET', '/api/health/ready')).status === 200);
    const script = await intake('application/xml', bodyOf('script-2017071', 72));
    expect([script.status, /<Status>\s*<Code>010<\/Code>/.test(await script.text())]).toEqual([200, true]);
    const accepted = (await (await intake('application/json', bodyOf('json', 71))).json()) as { id: string };
    expect((await stripeEvent()).status).toBe(200);
    await until(async () => {
      const { state } = await api.get<{ state: string }>(`/api/prescriptions/${accepted.id}`);
      return state !== 'received';
    });
  });

  it('seals what was recorded, as soon as there is a database again', async () => {
    const verifier = running.app.get(Verifier, { strict: false });
    await until(async () => (await unsealed()) === 0);
    // The line in the file follows the commit.
    const seen = await eventually(async () => {
      const found = await verifier.verify(anchorFileOf(config));
      return found.file.state === 'present' && found.file.behind > 0 ? undefined : found;
    });
    expect(seen).toMatchObject({ bad: [], file: { state: 'present', behind: 0 } });
  });
});
