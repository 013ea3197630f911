import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './ports.js';
import { until } from './until.js';

/** A Redis of one spec, which may be killed and brought back without hurting the others. */
export interface RedisServer {
  url: string;
  start(): Promise<void>;
  /** As a crash would. */
  kill(): Promise<void>;
  /** Forgets everything, without ending. */
  wipe(): Promise<void>;
  remove(): Promise<void>;
}

export async function redisServer(settings: readonly string[] = ['--appendonly', 'yes']): Promise<RedisServer> {
  const [folder, port] = [await mkdtemp(path.join(tmpdir(), 'pharmonico-redis-')), await freePort()];
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    child = undefined;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
      child = spawn('redis-server', [...place, ...settings], { stdio: 'ignore' });
      await until(() => say(port, 'PING').then((answer) => answer.startsWith('+PONG')));
    },
    kill,
    wipe: async () => {
      await say(port, 'FLUSHALL');
    },
    remove: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One inline command; an empty answer when nobody is there. */
function say(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    const end = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString()));
    socket.once('error', () => end(''));
  });
}
