import request from 'supertest';
import { newId } from '../../src/platform/ids/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { addressOf, readOperations } from '../support/operations.js';

const methods = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'] as const;
type Method = (typeof methods)[number] | 'OPTIONS';
const callOf = {
  DELETE: 'delete',
  GET: 'get',
  OPTIONS: 'options',
  PATCH: 'patch',
  POST: 'post',
  PUT: 'put',
} as const satisfies Record<Method, string>;

describe('a method a path does not answer', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ sandbox: false, env: { ROLES: 'api' } });
  });
  afterAll(() => app.stop());

  const ask = async (method: Method, path: string) => {
    const answer = await request(app.url)[callOf[method]](path);
    const { code } = answer.body as { code?: string };
    const isProblem = answer.type === 'application/problem+json';
    return { status: answer.status, allow: answer.get('allow'), code: isProblem ? code : undefined };
  };

  it('is 405 on every path of the API, and Allow names those it answers, whatever the ids', async () => {
    const document = await fetch(`${app.url}/docs-json`);
    const operations = readOperations((await document.json()) as Parameters<typeof readOperations>[0]);
    expect(operations.length).toBeGreaterThan(50);
    const wrong: unknown[] = [];
    for (const { path } of operations) {
      // What `:id` of one pattern takes in, another pattern may name.
      const address = addressOf(path, newId());
      const answered = (await ask('OPTIONS', address)).allow?.split(', ') ?? [];
      const documented = operations.filter((other) => other.path === path).map(({ method }) => method.toUpperCase());
      const missing = documented.filter((method) => !answered.includes(method));
      if (missing.length > 0) wrong.push([path, 'Allow is without', missing]);
      for (const method of methods.filter((one) => !answered.includes(one))) {
        const { status, code, allow } = await ask(method, address);
        if (status !== 405 || code !== 'request.method-not-allowed' || allow !== answered.join(', ')) {
          wrong.push([method, path, status, code, allow]);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each<[Method, string, string]>([
    ['DELETE', '/api/health/live', 'GET, HEAD'],
    ['POST', '/docs', 'GET, HEAD'],
    ['DELETE', '/enroll/some-token', 'GET, HEAD'],
    ['GET', '/enroll/some-token/identity', 'POST'],
    ['POST', '/t/some-token', 'GET, HEAD'],
    ['GET', '/webhook/stripe', 'POST'],
    ['POST', '/metrics', 'GET, HEAD'],
  ])('%s %s is 405 with Allow: %s', async (method, path, allow) => {
    expect(await ask(method, path)).toEqual({ status: 405, code: 'request.method-not-allowed', allow });
  });

  it.each(['/', '/api', '/api/nothing', '/api/prescriptions/x/nothing', '/enroll', '/favicon.ico'])(
    '%s has no route at all and stays 404',
    async (path) => {
      for (const method of [...methods, 'OPTIONS'] as const) {
        expect(await ask(method, path)).toEqual({ status: 404, code: 'request.not-found', allow: undefined });
      }
    },
  );
});
