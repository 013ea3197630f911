import cluster from 'node:cluster';
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import pg from 'pg';

/**
 * The floor of what comes in: bare `node:http` and `pg`, one durable insert a request and nothing else; with HMAC_SECRET the
 * signature of the body is checked first. PROCESSES of them share a port; each prints it when it listens.
 */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });

const secret = process.env.HMAC_SECRET;

function isSigned(request: IncomingMessage, body: Buffer): boolean {
  if (secret === undefined) return true;
  const given = Buffer.from(String(request.headers['x-lifefile-signature']), 'hex');
  const expected = createHmac('sha256', secret).update(body).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    if (!isSigned(request, body)) {
      response.writeHead(401).end();
      return;
    }
    pool
      .query({
        name: 'reference',
        text: 'INSERT INTO bench_reference (id, body, received_at) VALUES ($1, $2, now())',
        values: [randomUUID(), body],
      })
      .then(
        () => response.writeHead(200).end('ok'),
        () => response.writeHead(500).end(),
      );
  });
});
const processes = Number(process.env.PROCESSES ?? 1);
if (cluster.isPrimary && processes > 1) {
  for (let count = 0; count < processes; count += 1) cluster.fork();
} else {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
  });
}
process.once('SIGTERM', () => process.exit(0));
