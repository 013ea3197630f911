import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range outgoing connections take theirs from (32768 on, Linux), above what services use. */
const [lowest, highest] = [15_000, 32_000] as const;
const tries = 50;

/** A port that is free now, and that nobody is given by chance; the caller listens on it at once. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${lowest} and ${highest}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
