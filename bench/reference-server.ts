import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';

/**
 * The floor of the intake figure: bare `node:http` and `pg`, one durable insert a request and nothing else. Prints its
 * port when it listens.
 */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    pool
      .query({
        name: 'reference',
        text: 'INSERT INTO bench_reference (id, body, received_at) VALUES ($1, $2, now())',
        values: [randomUUID(), Buffer.concat(chunks)],
      })
      .then(
        () => response.writeHead(200).end('ok'),
        () => response.writeHead(500).end(),
      );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
});
process.once('SIGTERM', () => process.exit(0));
