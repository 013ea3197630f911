import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../../src/platform/embedded-postgres/index.js';
import { until } from '../support/until.js';

const asRoot = process.getuid?.() === 0;

const ask = async (server: EmbeddedPostgres, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: server.superuserUrl() });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

const pidOf = async (server: EmbeddedPostgres): Promise<number> =>
  Number.parseInt(await readFile(path.join(server.dataDir, 'postmaster.pid'), 'utf8'), 10);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('embedded PostgreSQL', () => {
  let folder: string;
  const started: EmbeddedPostgres[] = [];
  const start = async (options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ dataDir: path.join(folder, 'pg'), fsync: false, ...options });
    started.push(server);
    return server;
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-launcher-'));
    await chmod(folder, 0o711);
  });
  afterEach(async () => {
    for (const server of started.splice(0)) await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('starts a UTF-8 server on loopback with a password in a file only we can read', async () => {
    const server = await start();
    expect(server).toMatchObject({ host: '127.0.0.1', adopted: false });
    expect(
      await ask(server, `SELECT current_setting('server_encoding') AS e, current_setting('TimeZone') AS z`),
    ).toEqual([{ e: 'UTF8', z: 'UTC' }]);
    expect((await stat(`${server.dataDir}.secrets.json`)).mode & 0o777).toBe(0o600);
    const other = new URL(server.superuserUrl());
    other.password = 'guess';
    await expect(new pg.Client({ connectionString: other.href }).connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('syncs to disk unless told otherwise', async () => {
    const server = await start({ dataDir: path.join(folder, 'durable'), fsync: true });
    expect(await ask(server, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('keeps the rows over a stop and a second start', async () => {
    const first = await start();
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
    const pid = await pidOf(first);
    await first.stop();
    // Its process id is free a moment after its end.
    await until(() => !isAlive(pid));
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('adopts the server that a killed application left running', async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ adopted: true, port: first.port, dataDir: first.dataDir });
    await second.stop();
    expect(existsSync(path.join(first.dataDir, 'postmaster.pid'))).toBe(false);
    await expect(first.stop()).resolves.toBeUndefined();
  });

  it('recovers committed rows after the server itself was killed', async () => {
    const first = await start();
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
    process.kill(await pidOf(first), 'SIGKILL');
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('starts although the pid in a left-over pid file now belongs to another program', async () => {
    const first = await start();
    const pidFile = path.join(first.dataDir, 'postmaster.pid');
    const text = await readFile(pidFile, 'utf8');
    await first.stop();
    const stranger = spawn('sleep', ['60'], { ...(asRoot ? await ownerOf(first.dataDir) : {}), stdio: 'ignore' });
    try {
      await once(stranger, 'spawn');
      await writeFile(pidFile, text.replace(/^\d+/, String(stranger.pid)));
      expect((await start()).adopted).toBe(false);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  it('gives one server to starts that happen at the same moment', async () => {
    const servers = await Promise.all([start(), start(), start()]);
    expect(servers.filter((server) => !server.adopted)).toHaveLength(1);
    expect(new Set(servers.map((server) => server.port)).size).toBe(1);
  });

  it('takes the wanted port when it is free and another one when it is not', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const address = occupant.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const elsewhere = await start({ port });
    expect(elsewhere.port).not.toBe(port);
    await elsewhere.stop();
    occupant.close();
    await once(occupant, 'close');
    expect((await start({ port })).port).toBe(port);
  });

  it('leaves a folder with other content alone and says so', async () => {
    await mkdir(path.join(folder, 'pg'));
    await writeFile(path.join(folder, 'pg', 'thesis.txt'), 'mine');
    await expect(start()).rejects.toThrow('is not empty and holds no PostgreSQL data');
    expect(await readFile(path.join(folder, 'pg', 'thesis.txt'), 'utf8')).toBe('mine');
  });

  it('says which file to restore when the password is lost, and leaves no server behind', async () => {
    const first = await start();
    await first.stop();
    await rm(`${first.dataDir}.secrets.json`);
    await expect(start()).rejects.toThrow('pg.secrets.json');
    expect(existsSync(path.join(first.dataDir, 'postmaster.pid'))).toBe(false);
  });

  const whenRoot = asRoot ? it : it.skip;
  whenRoot(
    'puts the data where the server can reach it when root works below a folder only root can enter',
    async () => {
      await chmod(folder, 0o700);
      const lines: string[] = [];
      const first = await start({ log: (line) => lines.push(line) });
      try {
        expect(first.dataDir.startsWith(folder)).toBe(false);
        expect(lines.join('\n')).toContain(first.dataDir);
        await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
        await first.stop();
        expect(await ask(await start(), 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
      } finally {
        for (const server of started.splice(0)) await server.stop();
        for (const end of ['', '.log', '.secrets.json'])
          await rm(`${first.dataDir}${end}`, { recursive: true, force: true });
      }
    },
  );
});

async function ownerOf(file: string): Promise<{ uid: number; gid: number }> {
  const { uid, gid } = await stat(file);
  return { uid, gid };
}
