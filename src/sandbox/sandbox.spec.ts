import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Delivery } from './core/webhooks.js';
import { startSandbox } from './sandbox.js';
import { eventually, startTestSandbox, testSecrets, type TestSandbox } from './sandbox.fixture.js';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.post('/_sandbox/reset');
  sandbox.receiver.received.length = 0;
});

const inbound = { from: '+15125550100', to: '+18885550100', body: 'hello' };

async function setAppUrl(appUrl: string): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ appUrl }),
  });
}

it('has an index page that leads everywhere', async () => {
  const page = await (await fetch(sandbox.url)).text();
  const paths = [...page.matchAll(/<a href="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(paths.length).toBeGreaterThan(8);
  for (const path of paths) expect((await fetch(sandbox.url + path)).status).toBe(200);
});

it('tries a webhook again until the application answers 2xx', async () => {
  await fetch(`${sandbox.url}/shippo/tracks`, {
    method: 'POST',
    headers: { authorization: 'ShippoToken t', 'content-type': 'application/json' },
    body: JSON.stringify({ carrier: 'ups', tracking_number: '1Z1' }),
  });
  sandbox.receiver.answers.push(503, 500);
  await sandbox.post('/_sandbox/shippo/tracks/1Z1/advance', { status: 'TRANSIT' });
  const delivered = await eventually(async () => {
    const [one] = (await sandbox.get('/_sandbox/webhooks')) as Delivery[];
    return one?.status === 'delivered' ? one : undefined;
  });
  expect(delivered).toMatchObject({ attempts: 3, lastAnswer: '200' });
});

it('delivers to an application that comes back under another port', async () => {
  await setAppUrl('http://127.0.0.1:9');
  await sandbox.post('/_sandbox/twilio/inbound', inbound);
  await eventually(async () =>
    ((await sandbox.get('/_sandbox/webhooks')) as Delivery[])[0]?.attempts === 1 ? true : undefined,
  );
  await setAppUrl(sandbox.receiver.url);
  await sandbox.post('/_sandbox/webhooks/1/resend');
  await sandbox.post('/_sandbox/twilio/inbound', { ...inbound, body: 'again' });
  await sandbox.receiver.next(({ body }) => body.includes('again'));
});

it('writes each effect into a file before it answers', async () => {
  const authorization = `Basic ${Buffer.from('AC1:t').toString('base64')}`;
  const body = new URLSearchParams({ To: '+15125550100', From: '+18885550100', Body: 'hello' });
  const path = '/twilio/2010-04-01/Accounts/AC1/Messages.json';
  await fetch(sandbox.url + path, { method: 'POST', body, headers: { authorization } });
  const lines = readFileSync(join(sandbox.dataDir, 'ledger.jsonl'), 'utf8').trim().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ vendor: 'twilio', kind: 'message', replayed: false });
  expect(lines.join()).not.toContain('hello');
});

it('refuses a fault it does not know', async () => {
  expect((await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: 'flood' })).status).toBe(400);
  await sandbox.post('/_sandbox/faults', { vendor: 'stripe', kind: 'hang', times: 2 });
  expect(await sandbox.get('/_sandbox/faults')).toMatchObject([{ kind: 'hang', remaining: 2 }]);
  await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
  expect(await sandbox.get('/_sandbox/faults')).toEqual([]);
});

it('takes a free port when the wanted one is taken, and stops within a second while a request hangs', async () => {
  const squatter = createServer().listen(0, '127.0.0.1').unref();
  await new Promise((resolve) => squatter.once('listening', resolve));
  const address = squatter.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const options = { port, smtpPort: port, appUrl: '', speed: 0, dataDir: sandbox.dataDir, secrets: testSecrets };
  const second = await startSandbox(options);
  expect(new URL(second.url).port).not.toBe(String(port));
  const fault = JSON.stringify({ vendor: 'stripe', kind: 'hang', stage: 'before' });
  await fetch(`${second.url}/_sandbox/faults`, {
    method: 'POST',
    body: fault,
    headers: { 'content-type': 'application/json' },
  });
  const hanging = fetch(`${second.url}/v1/balance`, { headers: { authorization: 'Bearer sk_test' } });
  const ended = expect(hanging).rejects.toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = Date.now();
  await second.stop();
  await ended;
  expect(Date.now() - before).toBeLessThan(5_000);
});
