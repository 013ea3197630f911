import { jest } from '@jest/globals';
import { FirstAdmin, Users } from '../../src/modules/auth/index.js';
import { hashPassword } from '../../src/modules/auth/passwords.js';
import { RateLimits } from '../../src/platform/http/rate-limits.js';
import { newId } from '../../src/platform/ids/index.js';
import { startTestApp, type TestApp } from '../support/app.js';

/** From an empty installation to a program that may do one thing. */
describe('the first administrator', () => {
  let host: TestApp;
  const organizationId = newId();

  beforeAll(async () => {
    host = await startTestApp({ sandbox: false });
    await host.sql(`INSERT INTO organizations (id, name, brand, created_at) VALUES ($1, 'Clinic', 'Clinic', now())`, [
      organizationId,
    ]);
  });
  afterAll(() => host.stop());

  const call = async (method: string, path: string, token?: string, body?: unknown) => {
    const response = await fetch(`${host.url}/api${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };

  it('is made once with a generated password, signs in, and gives a program exactly what it needs', async () => {
    const admins = host.app.get(FirstAdmin, { strict: false });
    const first = await admins.ensure(organizationId);
    expect(first?.generatedPassword).toMatch(/^.{16}$/);
    expect(await admins.ensure(organizationId)).toBeUndefined();

    const signIn = await call('POST', '/auth/login', undefined, {
      email: first?.email,
      password: first?.generatedPassword,
    });
    expect(signIn.status).toBe(200);
    const token = String(signIn.body['accessToken']);

    const made = await call('POST', '/api-keys', token, { name: 'EHR', scopes: ['prescriptions:read'] });
    expect(made.status).toBe(201);
    const key = String(made.body['key']);
    expect((await call('GET', '/prescriptions', key)).status).toBe(200);
    expect((await call('GET', '/audit', key)).status).toBe(403);
    expect((await call('POST', '/api-keys', token, { name: 'x', scopes: ['users:write'] })).status).toBe(422);

    const audit = await call('GET', `/audit?entity=route`, token);
    expect(audit.body['items']).toEqual([
      expect.objectContaining({
        actorKind: 'api-key',
        actorId: made.body['id'],
        outcome: 'denied',
        reason: 'audit:read',
      }),
    ]);
  });

  it('is not signed in by a password that was changed while it was looked at', async () => {
    const email = 'nurse@clinic.example';
    const account = { email, password: 'correct horse 1', role: 'ops' } as const;
    const { id } = await host.app.get(Users, { strict: false }).provision(organizationId, account);
    const limits = host.app.get(RateLimits, { strict: false });
    const reset = limits.reset.bind(limits);
    // What comes between the look at the password and the session.
    jest.spyOn(limits, 'reset').mockImplementationOnce(async (...given) => {
      await reset(...given);
      const passwordHash = await hashPassword('correct horse 2');
      await host.sql('UPDATE users SET password_hash = $2 WHERE id = $1', [id, passwordHash]);
    });
    const before = await call('POST', '/auth/login', undefined, { email, password: account.password });
    expect(before).toMatchObject({ status: 401, body: { code: 'auth.bad-credentials' } });
    expect(await host.sql('SELECT 1 FROM sessions WHERE user_id = $1', [id])).toEqual([]);
    expect((await call('POST', '/auth/login', undefined, { email, password: 'correct horse 2' })).status).toBe(200);
  });

  it('answers a token that cannot be read like any other that is not ours', async () => {
    const part = (text: string) => Buffer.from(text).toString('base64url');
    const unreadable = `${part('{"typ":"JWT","alg":"RS256"}')}.${part('no JSON')}.x`;
    expect(await call('GET', '/prescriptions', unreadable)).toMatchObject({ status: 401 });
    expect(
      (await fetch(`${host.url}/admin/queues`, { headers: { authorization: `Bearer ${unreadable}` } })).status,
    ).toBe(401);
  });
});
