import { systemContext, type DbContext } from '../../src/platform/db/index.js';
import { startHttpApp } from '../support/http-app.js';

type App = Awaited<ReturnType<typeof startHttpApp>>;

/** What happens to the connections of a process when the server they lead to is demoted, and when there is a primary again. */
describe('with a database that takes no writes', () => {
  let app: App;

  beforeAll(async () => {
    app = await startHttpApp({ env: { DATABASE_POOL_SIZE: '2' } });
  });
  afterAll(() => app.stop());

  const ready = () => fetch(`${app.url}/api/health/ready`);
  const write = (context: DbContext) => app.db.query(context, 'UPDATE organizations SET name = name RETURNING id');
  const user = () => ({ role: 'ops', organization: app.organizationId });
  const signIn = () =>
    fetch(`${app.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'nobody@pharmonico.example', password: 'a long enough password' }),
    });
  /** New connections only learn of it, as only new ones find another server. */
  const turn = async (setting: 'on' | 'off') => {
    await app.sql(`ALTER DATABASE ${app.database.name} SET default_transaction_read_only = ${setting}`);
    if (setting === 'off') return;
    await app.sql(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user',
    );
  };
  const unavailable = { code: 'service.unavailable', retryAfterSeconds: expect.any(Number) as number };

  it('says when to come back, and that it is not ready', async () => {
    await turn('on');
    // Whichever connections are lent out have yet to notice that their server is gone.
    for (let left = 4; left > 0; left -= 1) await Promise.allSettled([write(systemContext), write(user())]);
    await expect(write(systemContext)).rejects.toMatchObject(unavailable);
    await expect(write(user())).rejects.toMatchObject(unavailable);
    const refused = await signIn();
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true]);
    const answer = await ready();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ parts: [{ name: 'database', status: 'down' }, {}, {}, {}] });
  });

  it('goes on with the server that takes writes again, without a restart', async () => {
    await turn('off');
    // A connection that was opened before is given up at the first write it refuses.
    for (let left = 4; left > 0; left -= 1) await Promise.allSettled([write(systemContext), write(user()), ready()]);
    expect((await write(systemContext)).length).toBeGreaterThan(0);
    await expect(write(user())).resolves.toBeDefined();
    expect((await signIn()).status).toBe(401);
    expect((await ready()).status).toBe(200);
  });

  it('is unavailable, too, when a statement takes too long', async () => {
    const slow = app.db.tx(systemContext, async (tx) => {
      await tx.query('SET LOCAL statement_timeout = 2');
      await tx.query('SELECT pg_sleep(5)');
    });
    await expect(slow).rejects.toMatchObject(unavailable);
  });
});
