import { startTestApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

describe('a process without the role api', () => {
  let worker: TestApp;

  beforeAll(async () => {
    worker = await startTestApp({ sandbox: false, env: { ROLES: 'worker,scheduler' } });
  });
  afterAll(() => worker.stop());

  const statusOf = async (path: string, method = 'GET') =>
    (await fetch(`${worker.url}${path}`, { method, redirect: 'manual' })).status;

  it.each(['/api/health/live', '/api/health/ready', '/metrics'])('answers %s', async (path) => {
    await until(async () => (await statusOf(path)) === 200);
  });

  it.each(['/api/prescriptions', '/docs', '/docs-json', '/admin/queues', '/admin/login', '/t/token', '/enroll/token'])(
    'does not serve %s',
    async (path) => {
      expect(await statusOf(path)).toBe(404);
    },
  );

  it('takes nothing in', async () => {
    expect(await statusOf('/api/intake', 'POST')).toBe(404);
    expect(await statusOf('/api/webhooks/stripe', 'POST')).toBe(404);
  });
});
