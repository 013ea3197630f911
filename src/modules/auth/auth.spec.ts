import { generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { FrozenClock } from '../../../test/support/frozen-clock.js';
import { AccessTokens } from './access-tokens.js';
import { apiKeyOf } from './access.guard.js';
import { isSameOrigin, safeNext } from './admin/cookies.js';
import { loginPage } from './admin/login.page.js';
import { BriefCache } from '../../platform/brief-cache/index.js';
import { permissionsOf } from './permissions.js';
import { contextOf, type Principal } from './principal.js';
import { normalizeEmail } from './sessions.service.js';
import { linkOf } from './user.policy.js';

const pem = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('permissions', () => {
  it('let an auditor read the audit and nothing else of the business', () => {
    expect(permissionsOf.auditor).toEqual(['account:read', 'audit:read']);
  });

  it('keep users, keys and audit with admins', () => {
    for (const role of ['patient', 'doctor', 'pharmacy', 'ops', 'integrator'] as const) {
      expect(permissionsOf[role]).not.toEqual(expect.arrayContaining(['users:write']));
      expect(permissionsOf[role].filter((p) => ['users:write', 'api-keys:write', 'audit:read'].includes(p))).toEqual(
        [],
      );
    }
  });
});

describe('contextOf', () => {
  const principal: Principal = {
    kind: 'user',
    id: 'u',
    role: 'doctor',
    organizationId: 'o',
    providerId: 'd',
    patientId: 'p',
    permissions: new Set(),
  };

  it('passes on the organization, and the party of the role only', () => {
    expect(contextOf(principal)).toEqual({ role: 'doctor', user: 'u', organization: 'o', provider: 'd' });
    expect(contextOf({ ...principal, role: 'ops' })).toEqual({ role: 'ops', user: 'u', organization: 'o' });
  });
});

describe('access tokens', () => {
  const clock = new FrozenClock();

  it('are signed by the newest key and verified by every key in the ring', () => {
    const [older, newer] = [pem(), pem()];
    const before = new AccessTokens([older], clock).issue('u', 's');
    const rotated = new AccessTokens([newer, older], clock);
    const key = rotated.verificationKey(before);
    expect(key).toBeDefined();
    expect(new AccessTokens([newer], clock).verificationKey(before)).toBeUndefined();
    expect(rotated.verificationKey(rotated.issue('u', 's'))).not.toBe(key);
  });

  it('are refused when they are another kind of token or another algorithm', () => {
    const secret = pem();
    const tokens = new AccessTokens([secret], clock);
    const kid = jwt.decode(tokens.issue('u', 's'), { complete: true })?.header.kid;
    const other = jwt.sign({}, secret, { algorithm: 'RS256', keyid: kid ?? '', header: { alg: 'RS256', typ: 'JWT' } });
    expect(tokens.verificationKey(other)).toBeUndefined();
    expect(
      tokens.verificationKey(jwt.sign({}, 'x', { header: { alg: 'HS256', typ: 'at+jwt', kid: kid ?? '' } })),
    ).toBeUndefined();
    const part = (text: string) => Buffer.from(text).toString('base64url');
    const unreadable = `${part('{"typ":"JWT","alg":"RS256"}')}.${part('no JSON')}.x`;
    for (const token of ['garbage', unreadable, `${part('null')}.${part('{}')}.x`, `${part('[')}.${part('{}')}.x`])
      expect(tokens.verificationKey(token)).toBeUndefined();
  });
});

describe('the brief cache', () => {
  it('asks once while an answer is fresh, again afterwards, and keeps no failure', async () => {
    let now = 0;
    let asked = 0;
    const cache = new BriefCache<number>(3_000, 2, () => now);
    const fetch = () => Promise.resolve((asked += 1));
    await Promise.all([cache.get('a', fetch), cache.get('a', fetch)]);
    expect(asked).toBe(1);
    now = 3_000;
    expect(await cache.get('a', fetch)).toBe(2);
    await expect(cache.get('b', () => Promise.reject(new Error('x')))).rejects.toThrow();
    expect(await cache.get('b', fetch)).toBe(3);
  });
});

describe('sign-in details', () => {
  it('compare addresses without case and width', () => {
    expect(normalizeEmail('  Dr.Who@Clinic.Example ')).toBe('dr.who@clinic.example');
  });

  it.each(['https://evil.example', '//evil.example', '/admin/queues?x=//evil', '/api/users', undefined])(
    'never lead to %s afterwards',
    (next) => {
      expect(safeNext(next)).toBe('/admin/queues');
    },
  );

  it('lead back to the documentation', () => {
    expect(safeNext('/docs')).toBe('/docs');
  });

  it('take changes from our own pages only', () => {
    expect(isSameOrigin({ 'sec-fetch-site': 'same-origin' })).toBe(true);
    expect(isSameOrigin({ 'sec-fetch-site': 'same-site' })).toBe(false);
    expect(isSameOrigin({})).toBe(false);
  });

  it('escape what the page shows', () => {
    expect(loginPage({ brand: '<b>', next: '"x' })).not.toContain('<b>');
  });

  it('know an API key from a token', () => {
    expect(apiKeyOf('Bearer phk_abc')).toBe('phk_abc');
    expect(apiKeyOf('Bearer eyJ')).toBeUndefined();
    expect(apiKeyOf('Basic phk_abc')).toBeUndefined();
  });

  it('give an account exactly the link its role needs', () => {
    expect(linkOf('doctor', { providerId: 'd', patientId: 'p' })).toEqual({
      providerId: 'd',
      pharmacyId: null,
      patientId: null,
    });
    expect(linkOf('ops', { providerId: 'd' })).toEqual({ providerId: null, pharmacyId: null, patientId: null });
    expect(() => linkOf('pharmacy', {})).toThrow('user.link-missing');
  });
});
