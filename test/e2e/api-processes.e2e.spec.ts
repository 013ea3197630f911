import { readdirSync, readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/ports.js';
import { startProgram, startsWithinMs } from '../support/process.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';
import { until } from '../support/until.js';

/** From /proc: `pid (name) state ppid …` */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state !== 'Z' && Number(ppid) === parent ? [Number(entry)] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

describe('two processes that answer at one port', () => {
  let around: Surroundings;
  let url: string;
  let program: ReturnType<typeof startProgram>;

  const start = (port: number, env: Record<string, string> = {}) =>
    startProgram('main.js', {
      NODE_ENV: 'test',
      PORT: String(port),
      DATA_DIR: around.folder,
      DATABASE_URL: around.database.databaseUrl,
      QUEUE_DATABASE_URL: around.database.queueUrl,
      LOG_LEVEL: 'silent',
      ROLES: 'api',
      API_PROCESSES: '2',
      ...env,
    });
  /**
   * Over a connection of its own, so that both are asked in turn. One that is handed to a process in the moment it dies is never
   * answered: the client's patience ends it, as everywhere.
   */
  const fetched = async (path: string): Promise<{ status: number; text: string }> => {
    const signal = AbortSignal.timeout(15_000);
    try {
      const answer = await fetch(`${url}${path}`, { headers: { connection: 'close' }, signal });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return { status: 0, text: '' };
    }
  };
  const ask = async () => (await fetched('/api/health/live')).status;
  const counted = async (): Promise<number> => {
    const { text } = await fetched('/metrics');
    return Number(/^pharmonico_http_request_seconds_count\{[^}]*health\/live[^}]*\} (\d+)/m.exec(text)?.[1]);
  };
  const children = () => childrenOf(program.child.pid ?? 0);
  let said = '';
  /** A child is there before it answers; one that dies so early at the first start ends the program. */
  const saysThatAllAnswer = (times: number) =>
    until(() => said.split('API processes answer').length - 1 === times, startsWithinMs);

  beforeAll(async () => {
    around = await surroundings('api-processes');
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    program = start(port);
    program.child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await saysThatAllAnswer(1);
    expect(children()).toHaveLength(2);
  });
  afterAll(async () => {
    program.child.kill('SIGKILL');
    await around.cleanup.run();
  });

  it('count as one', async () => {
    expect(await ask()).toBe(200);
    const before = await counted();
    expect(before).toBeGreaterThan(0);
    for (let request = 0; request < 20; request += 1) expect(await ask()).toBe(200);
    // Whichever is asked.
    expect([await counted(), await counted()]).toEqual([before + 20, before + 20]);
  });

  it('are two again when one is killed', async () => {
    const [first = 0, second = 0] = children();
    process.kill(first, 'SIGKILL');
    await until(() => !children().includes(first));
    // By the other, meanwhile.
    await until(async () => (await ask()) === 200);
    await saysThatAllAnswer(2);
    // Both tell their metrics or nobody does.
    await until(async () => (await counted()) > 0);
    expect(children()).toHaveLength(2);
    expect(children()).toContain(second);
  });

  it('outlive a question to one that has just died', async () => {
    const [first = 0] = children();
    const keeper = program.child.pid ?? 0;
    const agent = new Agent({ keepAlive: true });
    // Connections that stay, some with each: what is asked over them reaches the keeper as a question of theirs.
    const overTheSame = (path: string) =>
      new Promise<void>((resolve) => {
        const request = get(`${url}${path}`, { agent }, (answer) => answer.resume().once('close', resolve));
        request.once('error', () => resolve());
      });
    await Promise.all(Array.from({ length: 8 }, () => overTheSame('/api/health/live')));
    // When the keeper goes on, the questions are there before the end of the first.
    process.kill(keeper, 'SIGSTOP');
    const asked = Array.from({ length: 8 }, () => overTheSame('/metrics'));
    await sleep(500);
    process.kill(first, 'SIGKILL');
    await until(() => !children().includes(first));
    process.kill(keeper, 'SIGCONT');
    await Promise.all(asked);
    agent.destroy();
    await saysThatAllAnswer(3);
    await until(async () => (await counted()) > 0);
    expect([program.child.exitCode, program.child.signalCode]).toEqual([null, null]);
    expect(children()).toHaveLength(2);
  });

  it('say why they cannot start', async () => {
    const { status, err } = await start(Number(new URL(url).port)).ended;
    expect(status).toBe(1);
    expect(err).toContain('another process has this port');
    const together = await start(await freePort(), { ROLES: 'api,worker' }).ended;
    expect([together.status, together.err]).toEqual([1, expect.stringContaining('API_PROCESSES')]);
  });

  it('end together', async () => {
    const pids = children();
    program.child.kill('SIGTERM');
    expect((await program.ended).status).toBe(0);
    expect(pids.filter((pid) => childrenOf(1).includes(pid))).toEqual([]);
    expect(await ask()).toBe(0);
  });
});
