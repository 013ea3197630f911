import { Body, Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import { IsInt, IsString, MaxLength } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import { Can, Public, Users } from '../../src/modules/auth/index.js';
import { sha256 } from '../../src/platform/crypto/index.js';
import {
  Accepts,
  Idempotent,
  RendersErrors,
  TakesBrokenText,
  requestContext,
  RequiresPermission,
} from '../../src/platform/http/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startHttpApp } from '../support/http-app.js';
import { openApiProblems } from '../support/openapi-problems.js';

class EchoRequest {
  @IsString()
  @MaxLength(20)
  name!: string;

  @IsInt()
  count!: number;
}

let runs = 0;

@Controller('echo')
class EchoController {
  @Post()
  @Public()
  echo(@Body() body: EchoRequest): EchoRequest {
    return body;
  }

  @Post('xml')
  @Public()
  @HttpCode(200)
  @Accepts('application/xml', 'application/fhir+json')
  @RendersErrors((problem, request) =>
    String(request.headers['content-type']).includes('fhir')
      ? undefined
      : { status: 200, contentType: 'application/xml', body: `<Error>${problem.code}</Error>` },
  )
  @Header('content-type', 'text/plain')
  xml(@Req() request: FastifyRequest): string {
    return String(request.rawBody?.length);
  }

  @Get('boom')
  @Public()
  boom(): void {
    throw new Error('secret of patient Smith');
  }

  @Post('form')
  @Public()
  @Accepts('application/x-www-form-urlencoded')
  form(@Body() body: object): object {
    return body;
  }

  @Post('vendor')
  @Public()
  @TakesBrokenText()
  vendor(@Body() body: { name: string }): { name: string } {
    return { name: body.name };
  }

  @Post('context')
  @Public()
  context(@Body() body: EchoRequest): { requestId: string | undefined; name: string } {
    return { requestId: requestContext()?.requestId, name: body.name };
  }

  @Post('once')
  @Can('intake:write')
  @Idempotent()
  async once(@Body() body: EchoRequest): Promise<{ run: number; name: string }> {
    await new Promise((resolve) => setTimeout(resolve, 600));
    if (body.count < 0) throw new Error('fails');
    runs += 1;
    return { run: runs, name: body.name };
  }

  @Get('settings')
  @Can('settings:read')
  settings(): { ok: true } {
    return { ok: true };
  }
}

@Controller('open')
class ForgottenController {
  @Get()
  read(): void {
    return;
  }
}

@Controller('typo')
class MisspeltController {
  @Get()
  @RequiresPermission('prescription:read')
  read(): void {
    return;
  }
}

describe('a start', () => {
  it('fails and names the routes that have no access rule or an unknown permission', async () => {
    const start = startHttpApp({ controllers: [ForgottenController, MisspeltController] });
    await expect(start).rejects.toThrow(
      'ForgottenController.read (GET) has none; MisspeltController.read (GET) names prescription:read',
    );
  });

  const startProduction = (env: Record<string, string> = {}) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = () => randomBytes(32).toString('base64');
    return startHttpApp({
      env: {
        NODE_ENV: 'production',
        DATABASE_URL: 'postgres://unused/x',
        QUEUE_DATABASE_URL: 'postgres://unused/x',
        PUBLIC_URL: 'https://rx.example',
        DATA_KEYS: `k1:${key()}`,
        BLIND_INDEX_KEY: key(),
        JWT_PRIVATE_KEYS: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })).toString('base64'),
        METRICS_TOKEN: 'a-long-metrics-token, the-token-before-it',
        ...env,
      },
    });
  };

  it('in production shows the documentation to everybody only where DOCS_PUBLIC says so, and nothing else', async () => {
    const host = await startProduction({ DOCS_PUBLIC: 'true' });
    const statusOf = async (path: string) => (await fetch(`${host.url}${path}`)).status;
    expect([await statusOf('/docs'), await statusOf('/docs-json'), await statusOf('/metrics')]).toEqual([
      200, 200, 401,
    ]);
    await host.stop();
  });

  it('in production shows the documentation and metrics to nobody without sign-in or token', async () => {
    const host = await startProduction();
    const statusOf = async (path: string, headers = {}) => (await fetch(`${host.url}${path}`, { headers })).status;
    for (const path of [
      '/docs',
      '/docs/',
      '/docs-json',
      '/docs/swagger-ui-init.js',
      '/docs/swagger-ui.css',
      '/metrics',
    ]) {
      expect([path, await statusOf(path)]).toEqual([path, 401]);
    }
    for (const [authorization, status] of [
      ['Bearer a-long-metrics-token', 200],
      ['bearer a-long-metrics-token', 200],
      ['Bearer the-token-before-it', 200],
      ['Bearer a-long-metrics-token, the-token-before-it', 401],
      ['Bearer another-long-token', 401],
      ['Basic a-long-metrics-token', 401],
      ['a-long-metrics-token', 401],
    ] as const) {
      expect([authorization, await statusOf('/metrics', { authorization })]).toEqual([authorization, status]);
    }
    await host.stop();
  });
});

describe('the HTTP application', () => {
  let host: Awaited<ReturnType<typeof startHttpApp>>;
  let token: string;
  const organizationId = newId();
  const password = 'correct horse battery staple';

  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${host.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json ? JSON.parse(text) : undefined) as never,
    };
  };
  const login = async (email: string) => {
    const answer = await call('POST', '/api/auth/login', { email, password });
    expect(answer.status).toBe(200);
    return answer.body as { accessToken: string; refreshToken: string };
  };
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

  beforeAll(async () => {
    host = await startHttpApp({ controllers: [EchoController] });
    const users = host.app.get(Users, { strict: false });
    await users.provision(organizationId, { email: 'Admin@x.example', password, role: 'admin' });
    await users.provision(organizationId, { email: 'ops@x.example', password, role: 'ops' });
    await users.provision(organizationId, { email: 'auditor@x.example', password, role: 'auditor' });
    token = (await login('admin@x.example')).accessToken;
  });
  afterAll(() => host.stop());

  describe('what comes in', () => {
    it('names every wrong field by pointer and repeats no value', async () => {
      const answer = await call('POST', '/api/echo', { name: 'x'.repeat(30), count: 'SECRET', other: 'SECRET' });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({
        code: 'request.invalid',
        status: 400,
        requestId: expect.any(String) as string,
      });
      const { errors } = answer.body as { errors: { pointer: string }[] };
      expect(errors.map((error) => error.pointer).sort()).toEqual(['/count', '/name', '/other']);
      expect(answer.text).not.toContain('SECRET');
    });

    it.each([
      ['bad JSON', '{', 'application/json', 400, 'request.malformed'],
      ['a prototype', '{"__proto__":{"a":1}}', 'application/json', 400, 'request.malformed'],
      ['a null character', '{"name":"a\\u0000b","count":1}', 'application/json', 400, 'request.malformed'],
      ['an empty body', '', 'application/json', 400, 'request.invalid'],
      ['a list', '[]', 'application/json', 400, 'request.invalid'],
      ['another type', 'a=b', 'application/x-www-form-urlencoded', 415, 'request.unsupported-media-type'],
      ['multipart', 'x', 'multipart/form-data; boundary=x', 415, 'request.unsupported-media-type'],
      ['endless nesting', '['.repeat(200_000), 'application/json', 400, 'request.malformed'],
      ['too much', `{"name":"${'x'.repeat(600_000)}"}`, 'application/json', 413, 'request.too-large'],
    ])('refuses %s with a problem', async (_, body, type, status, code) => {
      const answer = await call('POST', '/api/echo', body, { 'content-type': type });
      expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, code]);
    });

    describe('in another encoding than UTF-8', () => {
      const latin1 = (type: string, path: string) =>
        fetch(`${host.url}/api/echo${path}`, {
          method: 'POST',
          headers: { 'content-type': type },
          body: Buffer.from(type.includes('json') ? '{"name":"José","count":1}' : 'name=José', 'latin1'),
        });

      it.each([
        ['application/json', ''],
        ['application/fhir+json', '/xml'],
        ['application/x-www-form-urlencoded', '/form'],
      ])('is refused as %s', async (type, path) => {
        const answer = await latin1(type, path);
        expect([answer.status, await answer.json()]).toEqual([
          400,
          expect.objectContaining({ code: 'request.malformed' }),
        ]);
      });

      it.each([
        ['name=Jos%E9', 400],
        ['name=Jos%C3', 400],
        ['name=%EF%BF%BD&other=Jos%e9', 400],
        ['Jos%E9=name', 400],
        ['name=Jos%C3%A9', 201],
        ['name=Jos%c3%a9&other=½+tablet', 201],
        ['name=%EF%BF%BD', 201],
        ['name=100%&other=%zz', 201],
      ])('is seen in a form of percent signs: %s', async (body, status) => {
        const type = { 'content-type': 'application/x-www-form-urlencoded' };
        expect((await call('POST', '/api/echo/form', body, type)).status).toBe(status);
      });

      it('is taken at a door that would lose an event otherwise', async () => {
        const answer = await latin1('application/json', '/vendor');
        expect([answer.status, await answer.json()]).toEqual([201, { name: 'Jos\u{FFFD}' }]);
      });
    });

    it('refuses compressed bodies', async () => {
      const answer = await call('POST', '/api/echo', { name: 'a', count: 1 }, { 'content-encoding': 'gzip' });
      expect(answer.status).toBe(415);
    });

    it('answers a malformed address with a problem', async () => {
      const raw = await new Promise<string>((resolve) => {
        const { port } = new URL(host.url);
        const socket = createConnection(Number(port), '127.0.0.1', () => {
          socket.end('GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        });
        let text = '';
        socket.on('data', (chunk) => (text += chunk.toString()));
        socket.on('close', () => resolve(text));
      });
      expect(raw).toMatch(/^HTTP\/1.1 400/);
      expect(raw).toContain('application/problem+json');
      expect((await call('GET', '/api/echo/%00')).status).toBe(400);
    });

    it('lets a route render its errors in its own format, also when the body is refused', async () => {
      const refused = await call('POST', '/api/echo/xml', 'x'.repeat(600_000), { 'content-type': 'application/xml' });
      expect([refused.status, refused.text]).toEqual([200, '<Error>request.too-large</Error>']);
      const fhir = await call('POST', '/api/echo/xml', '{', { 'content-type': 'application/fhir+json' });
      expect(fhir.body).toMatchObject({ code: 'request.malformed' });
      const fine = await call('POST', '/api/echo/xml', '<a/>', { 'content-type': 'application/xml; charset=utf-8' });
      expect([fine.status, fine.text]).toEqual([200, '4']);
    });

    it('keeps the request id of the caller through body parsing, and only a sane one', async () => {
      const kept = await call(
        'POST',
        '/api/echo/context',
        { name: 'a', count: 1 },
        { 'x-request-id': 'trace-12345678' },
      );
      expect(kept.headers.get('x-request-id')).toBe('trace-12345678');
      expect(kept.body).toMatchObject({ requestId: 'trace-12345678' });
      const made = await call('GET', '/api/echo/none', undefined, { 'x-request-id': 'a b' });
      expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('says nothing about an unexpected error but its request id', async () => {
      const answer = await call('GET', '/api/echo/boom');
      expect([answer.status, (answer.body as { code: string }).code]).toEqual([500, 'service.unexpected']);
      expect(answer.text).not.toContain('Smith');
    });

    it('sends security headers and forbids storing answers', async () => {
      const { headers } = await call('GET', '/api/health/live');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    });
  });

  describe('sign-in', () => {
    it('answers unknown, wrong and disabled alike, and slows guessing down', async () => {
      const unknown = await call('POST', '/api/auth/login', { email: 'nobody@x.example', password: 'wrong password' });
      const wrong = await call('POST', '/api/auth/login', { email: 'auditor@x.example', password: 'wrong password' });
      expect([unknown.status, wrong.status]).toEqual([401, 401]);
      expect({ ...(unknown.body as object), requestId: '' }).toEqual({ ...(wrong.body as object), requestId: '' });
      for (let attempt = 0; attempt < 9; attempt += 1) {
        await call('POST', '/api/auth/login', { email: 'nobody@x.example', password: 'wrong password' });
      }
      const limited = await call('POST', '/api/auth/login', { email: 'nobody@x.example', password: 'wrong password' });
      expect(limited.status).toBe(429);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('tells who I am, and refuses without, with a changed and with an expired token', async () => {
      expect((await call('GET', '/api/auth/me', undefined, bearer(token))).body).toMatchObject({
        role: 'admin',
        organizationId,
      });
      expect((await call('GET', '/api/auth/me')).status).toBe(401);
      expect((await call('GET', '/api/auth/me', undefined, bearer(`${token.slice(0, -4)}AAAA`))).status).toBe(401);
      const now = host.clock.now();
      host.clock.advance(16 * 60_000);
      expect((await call('GET', '/api/auth/me', undefined, bearer(token))).status).toBe(401);
      host.clock.set(now);
    });

    it('rotates refresh tokens, and ends the sign-in when one is used twice', async () => {
      const first = await login('ops@x.example');
      const second = await call('POST', '/api/auth/refresh', { refreshToken: first.refreshToken });
      expect(second.status).toBe(200);
      const pair = second.body as { accessToken: string; refreshToken: string };
      expect((await call('GET', '/api/auth/me', undefined, bearer(pair.accessToken))).status).toBe(200);
      expect((await call('POST', '/api/auth/refresh', { refreshToken: first.refreshToken })).status).toBe(401);
      expect((await call('POST', '/api/auth/refresh', { refreshToken: pair.refreshToken })).status).toBe(401);
      expect((await call('GET', '/api/auth/me', undefined, bearer(pair.accessToken))).status).toBe(401);
    });

    it('ends at logout', async () => {
      const { accessToken } = await login('ops@x.example');
      expect((await call('POST', '/api/auth/logout', undefined, bearer(accessToken))).status).toBe(204);
      expect((await call('GET', '/api/auth/me', undefined, bearer(accessToken))).status).toBe(401);
    });

    it('lets an admin keep the accounts of the organization, and ends the sign-ins of a changed one', async () => {
      const email = 'doctor@x.example';
      const refused = await call('POST', '/api/users', { email, password, role: 'doctor' }, bearer(token));
      expect([refused.status, (refused.body as { code: string }).code]).toEqual([422, 'user.link-missing']);
      const provider = async (organization: string) => {
        const id = newId();
        await host.sql(
          `INSERT INTO organizations (id, name, brand, default_path, auto_enrollment, time_zone, created_at)
           VALUES ($1, 'Any', 'Any', 'full', true, 'America/New_York', now())`,
          [organization],
        );
        await host.sql(
          `INSERT INTO providers (id, organization_id, npi, first_name, last_name, created_at)
           VALUES ($1, $2, '1993999998', 'Ada', 'Sample', now())`,
          [id, organization],
        );
        return id;
      };
      const stranger = await provider(newId());
      const foreign = await call(
        'POST',
        '/api/users',
        { email, password, role: 'doctor', providerId: stranger },
        bearer(token),
      );
      expect([foreign.status, (foreign.body as { code: string }).code]).toEqual([422, 'user.link-unknown']);
      const providerId = await provider(organizationId);
      const made = await call('POST', '/api/users', { email, password, role: 'doctor', providerId }, bearer(token));
      expect(made.status).toBe(201);
      const again = await call(
        'POST',
        '/api/users',
        { email: 'DOCTOR@x.example', password, role: 'ops' },
        bearer(token),
      );
      expect((again.body as { code: string }).code).toBe('user.email-taken');
      const { accessToken } = await login(email);
      expect((await call('GET', '/api/auth/me', undefined, bearer(accessToken))).body).toMatchObject({ providerId });
      const { id } = made.body as { id: string };
      expect((await call('PATCH', `/api/users/${id}`, { disabled: true }, bearer(token))).status).toBe(200);
      expect((await call('GET', '/api/auth/me', undefined, bearer(accessToken))).status).toBe(401);
      expect((await call('POST', '/api/auth/login', { email, password })).status).toBe(401);
      const list = await call('GET', '/api/users?limit=2', undefined, bearer(token));
      expect((list.body as { items: unknown[]; nextCursor: string }).items).toHaveLength(2);
    });
  });

  describe('accounts', () => {
    it('are made once for one Idempotency-Key, and their password cannot be tried out on what is kept of it', async () => {
      const account = { email: 'twice@x.example', password, role: 'ops' };
      const headers = { ...bearer(token), 'idempotency-key': 'an-account' };
      const make = () => call('POST', '/api/users', account, headers);
      const [lost, heard] = [await make(), await make()];
      expect([lost.status, heard.status]).toEqual([201, 201]);
      expect(heard.body).toEqual(lost.body);
      expect(heard.headers.get('idempotent-replayed')).toBe('true');
      const kept = await host.sql<{ hash: string }>('SELECT body_hash AS hash FROM idempotency_keys');
      expect(kept.map(({ hash }) => hash)).not.toContain(sha256(JSON.stringify(account)));
    });
  });

  describe('API keys', () => {
    it('work for their scopes only, until they are revoked, and are stored as a digest', async () => {
      const made = await call('POST', '/api/api-keys', { name: 'EHR', scopes: ['intake:write'] }, bearer(token));
      const { id, key } = made.body as { id: string; key: string };
      expect(key).toMatch(/^phk_/);
      const [row] = await host.sql<{ all: string }>(
        'SELECT row_to_json(k)::text AS all FROM api_keys k WHERE id = $1',
        [id],
      );
      expect(row?.all).not.toContain(key);
      expect((await call('POST', '/api/echo/once', { name: 'k', count: 1 }, bearer(key))).status).toBe(201);
      expect((await call('GET', '/api/echo/settings', undefined, bearer(key))).status).toBe(403);
      expect((await call('DELETE', `/api/api-keys/${id}`, undefined, bearer(token))).status).toBe(204);
      expect((await call('POST', '/api/echo/once', { name: 'k', count: 1 }, bearer(key))).status).toBe(401);
    });

    it('are made once for one Idempotency-Key', async () => {
      const headers = { ...bearer(token), 'idempotency-key': 'a-key-of-keys' };
      const make = () => call('POST', '/api/api-keys', { name: 'asked twice', scopes: ['intake:write'] }, headers);
      const [lost, heard] = [await make(), await make()];
      expect([lost.status, heard.body]).toEqual([201, lost.body]);
      const listed = (await call('GET', '/api/api-keys', undefined, bearer(token))).body as {
        items: { name: string }[];
      };
      expect(listed.items.filter(({ name }) => name === 'asked twice')).toHaveLength(1);
    });
  });

  it('lists keys page by page, those that work first', async () => {
    const made: string[] = [];
    for (const name of ['one', 'two', 'three', 'four']) {
      const { body } = await call('POST', '/api/api-keys', { name, scopes: ['intake:write'] }, bearer(token));
      made.push((body as { id: string }).id);
    }
    await call('DELETE', `/api/api-keys/${made[2] ?? ''}`, undefined, bearer(token));
    const listed: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await call('GET', `/api/api-keys?limit=1${after}`, undefined, bearer(token));
      const page: { items: { id: string }[]; nextCursor: string | null } = body;
      expect(page.items).toHaveLength(1);
      listed.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    const { body } = await call('GET', '/api/api-keys', undefined, bearer(token));
    expect(listed).toEqual((body as { items: { id: string }[] }).items.map(({ id }) => id));
    expect(listed.filter((id) => made.includes(id))).toEqual([made[3], made[1], made[0], made[2]]);
  });

  describe('idempotency', () => {
    const once = (key: string, body: object) =>
      call('POST', '/api/echo/once', body, { ...bearer(token), 'idempotency-key': key });

    it('answers a repeat with the stored answer and runs once', async () => {
      const first = await once('a1', { name: 'a', count: 1 });
      const second = await once('a1', { name: 'a', count: 1 });
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body).toEqual(first.body);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect((await once('a1', { name: 'b', count: 1 })).status).toBe(422);
    });

    it('lets only one of two at once run, and frees the key when it fails', async () => {
      const both = await Promise.all([once('a2', { name: 'a', count: 1 }), once('a2', { name: 'a', count: 1 })]);
      expect(both.map((answer) => answer.status).sort()).toEqual([201, 409]);
      expect((await once('a3', { name: 'a', count: -1 })).status).toBe(500);
      expect((await once('a3', { name: 'a', count: 1 })).status).toBe(201);
      expect((await once('ä', { name: 'a', count: 1 })).status).toBe(400);
    });

    it('stores the answer sealed', async () => {
      await once('a4', { name: 'Visible', count: 1 });
      const rows = await host.sql<{ body: Buffer }>('SELECT body FROM idempotency_keys WHERE body IS NOT NULL');
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.some((row) => row.body.includes('Visible'))).toBe(false);
    });
  });

  describe('audit', () => {
    it('records sign-ins, writes and denials, and shows them to auditors and admins only', async () => {
      const auditor = (await login('auditor@x.example')).accessToken;
      const ops = (await login('ops@x.example')).accessToken;
      expect((await call('GET', '/api/audit', undefined, bearer(ops))).status).toBe(403);
      const page = await call('GET', '/api/audit?limit=200', undefined, bearer(auditor));
      const { items } = page.body as {
        items: { action: string; outcome: string; reason: string | null; ip: string }[];
      };
      const seen = items.map((item) => `${item.action} ${item.outcome} ${item.reason ?? ''}`.trim());
      expect(seen).toEqual(
        expect.arrayContaining(['login success', 'login failure auth.bad-credentials', 'denied denied audit:read']),
      );
      expect(items[0]?.ip).toBe('127.0.0.1');
      const small = await call('GET', '/api/audit?limit=1', undefined, bearer(auditor));
      const cursor = (small.body as { nextCursor: string }).nextCursor;
      const next = await call('GET', `/api/audit?limit=1&cursor=${cursor}`, undefined, bearer(auditor));
      expect(next.status).toBe(200);
      expect((await call('GET', '/api/audit?cursor=nonsense', undefined, bearer(auditor))).status).toBe(400);
    });

    it('cannot be changed or deleted by the application', async () => {
      const { Client } = (await import('pg')).default;
      const app = new Client({ connectionString: host.database.databaseUrl });
      await app.connect();
      await expect(app.query('DELETE FROM audit_entries')).rejects.toThrow('permission denied');
      await expect(app.query('UPDATE audit_entries SET action = action')).rejects.toThrow('permission denied');
      await app.end();
    });
  });

  describe('pages', () => {
    const form = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      call('POST', '/admin/login', new URLSearchParams(fields).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        ...headers,
      });

    it.each([
      '/admin/queues',
      '/admin/queues/',
      '/admin/queues/api/queues',
      '/admin/queues/static/index.html',
      '/admin//queues',
      '/ADMIN/queues',
      '/admin/%71ueues',
    ])('%s shows nothing without sign-in', async (path) => {
      expect([401, 404]).toContain((await call('GET', path)).status);
      expect([401, 403, 404, 405]).toContain((await call('PUT', `${path}/x`, {})).status);
    });

    it('signs in with a cookie, shows the board to ops and refuses other sites', async () => {
      const html = await call('GET', '/admin/queues', undefined, { accept: 'text/html' });
      expect([html.status, html.headers.get('location')]).toEqual([303, '/admin/login?next=%2Fadmin%2Fqueues']);
      expect((await call('GET', '/admin/login')).text).toContain('<form');
      expect((await form({ email: 'ops@x.example', password: 'no' })).status).toBe(401);
      expect((await form({ email: 'ops@x.example', password }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      const signedIn = await form({ email: 'ops@x.example', password, next: 'https://evil.example' });
      expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/admin/queues']);
      const setCookie = signedIn.headers.get('set-cookie') ?? '';
      expect(setCookie).toMatch(/HttpOnly/);
      expect(setCookie).toMatch(/SameSite=Strict/);
      const cookie = { cookie: setCookie.split(';', 1)[0] ?? '' };
      const board = await call('GET', '/admin/queues', undefined, cookie);
      expect(board.status).toBe(200);
      // Whatever the page loads comes from here.
      const loaded = [...board.text.matchAll(/<(?:link|script|img)\b[^>]*\b(?:href|src)="([^"]+)"/g)].map(
        ([, url]) => url,
      );
      expect(loaded.filter((url) => url?.includes('//'))).toEqual([]);
      const style = loaded.find((url) => url?.endsWith('.css')) ?? '';
      expect((await call('GET', `/admin/queues/${style}`, undefined, cookie)).status).toBe(200);
      expect((await call('GET', '/admin/queues/api/queues', undefined, cookie)).status).toBe(200);
      expect((await call('PUT', '/admin/queues/api/queues/steps/pause', {}, cookie)).status).toBe(403);
      const auditor = await login('auditor@x.example');
      expect((await call('GET', '/admin/queues', undefined, bearer(auditor.accessToken))).status).toBe(403);
      const inBrowser = await call('GET', '/admin/queues', undefined, {
        ...bearer(auditor.accessToken),
        accept: 'text/html',
      });
      expect([inBrowser.status, inBrowser.text]).toEqual([403, expect.stringMatching(/another.*<form/s)]);
      const out = await call('POST', '/admin/logout', '', {
        ...cookie,
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
      });
      expect(out.status).toBe(303);
      expect((await call('GET', '/admin/queues', undefined, cookie)).status).toBe(401);
    });

    it('documents its own routes with examples and errors', async () => {
      const document = (await call('GET', '/docs-json')).body as Parameters<typeof openApiProblems>[0];
      expect(openApiProblems(document).filter((problem) => !problem.includes('/api/echo'))).toEqual([]);
      const login = document.paths['/api/auth/login']?.post;
      expect(login?.responses['401']).toMatchObject({
        content: { 'application/problem+json': { examples: { 'auth.bad-credentials': { value: { status: 401 } } } } },
      });
      expect(login?.responses['403']).toBeUndefined();
      expect(JSON.stringify(document)).not.toContain('x-error-');
    });

    it('serves the documentation and metrics', async () => {
      expect((await call('GET', '/docs')).text).toContain('swagger');
      expect((await call('GET', '/docs-json')).body).toMatchObject({ info: { title: 'Pharmonico' } });
      const metrics = await call('GET', '/metrics');
      expect(metrics.text).toContain('pharmonico_http_request_seconds');
      expect(metrics.text).toContain('route="/api/auth/me"');
    });

    it('says what is ready and which vendors are off', async () => {
      const ready = await call('GET', '/api/health/ready');
      expect(ready.body).toMatchObject({
        parts: expect.arrayContaining([expect.objectContaining({ name: 'database', status: 'up' })]) as unknown,
      });
      expect(ready.text).toContain('"name":"stripe","mode":"off"');
    });
  });
});
