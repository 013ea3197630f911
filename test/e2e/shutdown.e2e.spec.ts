import { chmod, readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';
import { ApiClient } from '../../src/demo/client.js';
import { generate, sendingDay } from '../../src/demo/generate/index.js';
import { drugsBody } from '../../src/demo/reference-data.js';
import { withClient } from '../../src/platform/db/roles.js';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { freePort } from '../support/ports.js';
import { runProgram, startProgram, startsWithinMs } from '../support/process.js';
import { until } from '../support/until.js';

const account = { ADMIN_EMAIL: 'admin@pharmonico.example', ADMIN_PASSWORD: 'a long enough password' };
/** Long enough that a process which does not wait would be gone, short enough for the 25 s a worker gets. */
const slowMs = 2_500;

/** A mail server that takes its time over the letter itself. */
async function slowMailServer() {
  const seen = { begun: 0, done: 0 };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, _session, done) => {
      seen.begun += 1;
      stream.resume();
      stream.on('end', () =>
        setTimeout(() => {
          seen.done += 1;
          done();
        }, slowMs),
      );
    },
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { seen, url: `smtp://127.0.0.1:${port}`, close: () => new Promise<void>((resolve) => server.close(resolve)) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('SIGTERM', () => {
  let folder: TestFolder;
  let mail: Awaited<ReturnType<typeof slowMailServer>>;

  beforeAll(async () => {
    folder = await testFolder('sigterm');
    await chmod(folder.path, 0o711); // PostgreSQL may run under another account than we do
    mail = await slowMailServer();
  });
  afterAll(async () => {
    await mail.close();
    await folder.remove();
  });

  it('lets the running request and the running job end, loses no job and stops PostgreSQL last', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const settings = { ...account, DATA_DIR: folder.path, PORT: String(port), PUBLIC_URL: url, SMTP_URL: mail.url };
    expect((await runProgram('commands/migrate.js', settings)).status).toBe(0);
    const { child, ended } = startProgram('main.js', settings);
    await until(
      async () => (await fetch(`${url}/api/health/live`).catch(() => undefined))?.ok === true,
      startsWithinMs,
    );
    const postmaster = Number.parseInt(
      await readFile(path.join(folder.path, 'postgres', 'postmaster.pid'), 'utf8'),
      10,
    );
    const api = await ApiClient.signIn(url, account.ADMIN_EMAIL, account.ADMIN_PASSWORD);
    await api.post('/api/drugs', drugsBody);
    const orders = [
      ...generate({ count: 4, seed: 41, defects: 0, date: sendingDay(), formats: ['json'], states: ['NY'] }),
    ];
    await api.post('/api/intake', JSON.parse(orders[0]?.body ?? ''));
    await until(() => mail.seen.begun > 0);

    // Half a body is on its way when the signal comes, the rest afterwards.
    const body = orders[1]?.body ?? '';
    const late = httpRequest(`${url}/api/intake`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${api.token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        expect: '100-continue',
      },
    });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      late.once('response', (answer) => resolve(answer.statusCode)).once('error', reject);
    });
    const underWay = new Promise((resolve) => late.once('continue', resolve));
    late.write(body.slice(0, 100));
    await underWay;
    expect(mail.seen.done).toBe(0);
    const told = Date.now();
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM'); // from whoever told the whole group
    await new Promise((resolve) => setTimeout(resolve, 200));
    late.end(body.slice(100));
    expect(await answered).toBe(202);

    expect((await ended).status).toBe(0);
    expect(Date.now() - told).toBeLessThan(30_000);
    expect(mail.seen).toMatchObject({ begun: mail.seen.done });
    // Its parent is gone: until the system has noticed its end, it still has a process id.
    await until(() => !isAlive(postmaster));
    await expect(fetch(`${url}/api/health/live`)).rejects.toThrow();

    // What the database says when nobody works on it any more.
    const server = await startEmbeddedPostgres({ dataDir: path.join(folder.path, 'postgres') });
    const [left] = await withClient(server.superuserUrl('pharmonico'), async (admin) => {
      const { rows } = await admin.query(
        `SELECT (SELECT count(*)::int FROM prescriptions) AS prescriptions,
           (SELECT count(*)::int FROM prescriptions p WHERE state = 'received' AND NOT EXISTS
             (SELECT 1 FROM outbox_events o WHERE o.aggregate_id = p.id AND o.done_at IS NULL)) AS forgotten,
           (SELECT count(*)::int FROM effects WHERE state <> 'confirmed') AS unknown,
           (SELECT count(*)::int FROM effects WHERE kind LIKE '%mail%') AS letters`,
      );
      return rows as Record<string, number>[];
    });
    await server.stop();
    expect(left).toEqual({ prescriptions: 2, forgotten: 0, unknown: 0, letters: mail.seen.done });
  });
});
