import { Controller, Sse, type MessageEvent } from '@nestjs/common';
import { of, type Observable } from 'rxjs';
import { Public } from '../../src/modules/auth/index.js';
import { startHttpApp } from '../support/http-app.js';

@Controller('news')
class NewsController {
  @Sse('stream')
  @Public()
  stream(): Observable<MessageEvent> {
    return of({ data: 'hello' });
  }
}

const portal = 'https://portal.example';
const desk = 'https://desk.example:8443';
type Host = Awaited<ReturnType<typeof startHttpApp>>;

const asked = (host: Host, path: string, init: RequestInit = {}) => fetch(`${host.url}${path}`, init);
const preflight = (host: Host, path: string, origin: string) =>
  asked(host, path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key,x-enrollment-session',
    },
  });
const allowed = (answer: Response) => answer.headers.get('access-control-allow-origin');

describe('pages of other origins', () => {
  let host: Host;

  beforeAll(async () => {
    host = await startHttpApp({
      controllers: [NewsController],
      env: { PATIENT_PORTAL_URL: `${portal}/welcome`, CORS_ORIGINS: `${desk}, https://doctors.example/` },
    });
  });
  afterAll(() => host.stop());

  it.each([portal, desk, 'https://doctors.example'])(
    'that are named may call, with tokens and keys: %s',
    async (origin) => {
      const before = await preflight(host, '/api/auth/login', origin);
      expect([before.status, allowed(before)]).toEqual([204, origin]);
      expect(before.headers.get('access-control-allow-methods')).toContain('PATCH');
      expect(before.headers.get('access-control-allow-headers')).toContain('x-enrollment-session');
      expect(before.headers.get('access-control-allow-credentials')).toBeNull();
      const refused = await asked(host, '/api/auth/me', { headers: { origin } });
      expect([refused.status, allowed(refused)]).toEqual([401, origin]);
      expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after');
      const stream = await asked(host, '/api/news/stream', { headers: { origin } });
      expect([stream.status, allowed(stream)]).toEqual([200, origin]);
      await stream.body?.cancel();
    },
  );

  it('that are not named are not let in', async () => {
    const origin = 'https://portal.example.evil.example';
    expect(allowed(await preflight(host, '/api/auth/login', origin))).toBeNull();
    expect(allowed(await asked(host, '/api/health/live', { headers: { origin } }))).toBeNull();
    expect(allowed(await asked(host, '/api/health/live', { headers: { origin: 'null' } }))).toBeNull();
  });

  it('change nothing about paths and methods that are not there', async () => {
    expect((await asked(host, '/api/nothing')).status).toBe(404);
    const wrong = await asked(host, '/api/health/live', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('have no say where none is named', async () => {
    const closed = await startHttpApp();
    try {
      expect((await preflight(closed, '/api/health/live', portal)).status).toBe(405);
      const answer = await asked(closed, '/api/health/live', { headers: { origin: portal } });
      expect([allowed(answer), answer.headers.get('vary')]).toEqual([null, null]);
    } finally {
      await closed.stop();
    }
  });
});
