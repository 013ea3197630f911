import { RateLimits, type RateLimit } from '../../src/platform/http/index.js';
import { startHttpApp } from '../support/http-app.js';

const limit: RateLimit = { name: 'spec', most: 10, windowMs: 60_000 };

describe('a rate limit', () => {
  let host: Awaited<ReturnType<typeof startHttpApp>>;
  let limits: RateLimits;
  beforeAll(async () => {
    host = await startHttpApp();
    limits = host.get(RateLimits);
  });
  afterAll(() => host.stop());

  const windowIsOver = () => host.sql('UPDATE rate_limits SET expire = 0');

  it('is exact when everybody comes at once to several processes, and says when it ends', async () => {
    const other = new RateLimits(host.db, host.clock);
    const tries = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? limits : other).consume(limit, 'crowd'));
    const ends = await Promise.allSettled(tries);
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as object] : []));
    expect(refused).toHaveLength(30);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'request.too-many' });
    const { retryAfterSeconds } = refused[0] as { retryAfterSeconds: number };
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    await expect(limits.consume(limit, 'somebody else')).resolves.toBeUndefined();
    await expect(limits.consume({ ...limit, name: 'other' }, 'crowd')).resolves.toBeUndefined();
    expect(JSON.stringify(await host.sql('SELECT * FROM rate_limits'))).not.toContain('crowd');
  });

  it('is leased as far as it goes', async () => {
    expect((await limits.lease(limit, 'door', 6)).granted).toBe(6);
    expect((await limits.lease(limit, 'door', 6)).granted).toBe(4);
    const { granted, endsAt } = await limits.lease(limit, 'door', 6);
    expect(granted).toBe(0);
    expect(endsAt.getTime()).toBeGreaterThan(host.clock.now().getTime());
    await windowIsOver();
    expect((await limits.lease(limit, 'door', 6)).granted).toBe(6);
  });

  it('counts neither what was given back nor what was reset, and is forgotten when it is over', async () => {
    const used = async () => 10 - (await limits.lease(limit, 'somebody', 10)).granted;
    for (let tries = 0; tries < 10; tries += 1) await limits.consume(limit, 'somebody');
    await limits.refund(limit, 'somebody');
    expect(await used()).toBe(9);
    await limits.reset(limit, 'somebody');
    expect(await used()).toBe(0);
    await limits.removeExpired();
    expect(await used()).toBe(10);
    await windowIsOver();
    await limits.removeExpired();
    expect(await host.sql('SELECT 1 FROM rate_limits')).toEqual([]);
  });
});
