import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import pg from 'pg';

/**
 * The floor of the stream's figure, in two processes of bare `node:http` and `pg`: `post` inserts durably and notifies in one
 * statement, `stream` listens and reads the row. Prints its port when it listens.
 */
const connectionString = process.env.DATABASE_URL;
const pool = new pg.Pool({ connectionString, max: 4 });
const followers = new Set<ServerResponse>();

const insert = {
  name: 'bench_say',
  text: `WITH said AS (INSERT INTO bench_messages (id, body, said_at) VALUES ($1, $2, now()) RETURNING id)
    SELECT pg_notify('bench_messages', id::text) FROM said`,
};
const read = { name: 'bench_read', text: 'SELECT id, body, said_at FROM bench_messages WHERE id = $1' };

const post: RequestListener = (asked, response) => {
  const chunks: Buffer[] = [];
  asked.on('data', (chunk: Buffer) => chunks.push(chunk));
  asked.on('end', () => {
    const { text } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { text: string };
    pool.query({ ...insert, values: [randomUUID(), text] }).then(
      () => response.writeHead(201).end('ok'),
      () => response.writeHead(500).end(),
    );
  });
};

const stream: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: open\ndata: {}\n\n');
  followers.add(response);
  response.once('close', () => followers.delete(response));
};

async function tell(id: string): Promise<void> {
  const { rows } = await pool.query<Record<string, unknown>>({ ...read, values: [id] });
  for (const follower of followers) follower.write(`id: ${id}\nevent: message\ndata: ${JSON.stringify(rows[0])}\n\n`);
}

if (process.env.PART === 'stream') {
  const ear = new pg.Client({ connectionString });
  await ear.connect();
  ear.on('notification', ({ payload = '' }) => {
    tell(payload).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  });
  await ear.query('LISTEN bench_messages');
}
const server = createServer(process.env.PART === 'stream' ? stream : post);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
});
process.once('SIGTERM', () => process.exit(0));
