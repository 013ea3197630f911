import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { launchApi, startApi } from './api.js';
import { openEventStream, type EventStream } from './event-stream.js';
import { median } from './load.js';
import { atMost, type Result } from './results.js';
import { seedParties } from './seed-prescriptions.js';
import { launch, type Stage } from './stage.js';
import { meetingOf, personOf } from './tickets-people.js';

const rounds = 5;
const perRound = 100;
/** Nobody says the next thing at once: each message finds both processes at rest. */
const pauseMs = 20;
const patienceMs = 10_000;

/** Two processes: where it is said, and where it is heard. */
interface Pair {
  readonly say: (text: string) => Promise<void>;
  stream: EventStream;
  stop(): Promise<void>;
}

/** A message from the first byte of its POST to its receipt on a stream of another process. */
export async function ticketStream(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const bare = await barePair(stage);
  const product = await productPair(stage);
  const ours: number[] = [];
  const reference: number[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const [left, right] = [median(await several(bare)), median(await several(product))];
      log(`  round ${round}: bare p50 ${left.toFixed(2)} ms, ours p50 ${right.toFixed(2)} ms`);
      if (round === 0) continue; // the first one warms both up
      reference.push(left);
      ours.push(right);
    }
  } finally {
    await product.stop();
    await bare.stop();
  }
  return [
    atMost(4, {
      id: 'tickets.stream',
      what: 'message sent to received on a stream of another process, against a bare insert, NOTIFY and read (p50)',
      figure: median(ours),
      unit: 'ms',
      reference: median(reference),
    }),
  ];
}

async function several(pair: Pair): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < perRound; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    times.push(await heardAfter(pair));
  }
  return times;
}

async function heardAfter({ say, stream }: Pair): Promise<number> {
  const text = `Is it ready? ${randomUUID()}`;
  const heard = new Promise<number>((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error('a message was not received')), patienceMs);
    stream.onPiece((piece) => {
      if (!piece.includes(text)) return;
      clearTimeout(patience);
      resolve(performance.now());
    });
  });
  const sent = performance.now();
  const [at] = await Promise.all([heard, say(text)]);
  return at - sent;
}

async function productPair(stage: Stage): Promise<Pair> {
  const here = await startApi(stage);
  const there = await launchApi(stage);
  const { doctorId, pharmacyId, threadIds } = await meetingOf(stage.sql, await seedParties(stage.sql), 1);
  const doctor = await personOf(here, { role: 'doctor', providerId: doctorId });
  const pharmacy = await personOf(here, { role: 'pharmacy', pharmacyId });
  const path = `/api/threads/${threadIds[0] ?? ''}`;
  const stream = await openEventStream(`${there.url}${path}/stream`, { authorization: pharmacy.authorization });
  return {
    say: sayer(`${here.url}${path}/messages`, { authorization: doctor.authorization }),
    stream,
    stop: async () => {
      stream.close();
      await Promise.all([here.stop(), there.stop()]);
    },
  };
}

async function barePair(stage: Stage): Promise<Pair> {
  await stage.sql.query(
    'CREATE TABLE IF NOT EXISTS bench_messages (id uuid PRIMARY KEY, body text, said_at timestamptz)',
  );
  await stage.sql.query('GRANT SELECT, INSERT ON bench_messages TO pharmonico_app');
  const script = fileURLToPath(new URL('./tickets-stream-reference.js', import.meta.url));
  const started = ['post', 'stream'].map((part) =>
    launch(script, { DATABASE_URL: stage.urls.databaseUrl, PART: part }, (line) => /^\d+$/.test(line)),
  );
  const [here, there] = await Promise.all(started);
  const stream = await openEventStream(`http://127.0.0.1:${there?.line ?? ''}/`, {});
  return {
    say: sayer(`http://127.0.0.1:${here?.line ?? ''}/`, {}),
    stream,
    stop: async () => {
      stream.close();
      await Promise.all([here?.stop(), there?.stop()]);
    },
  };
}

function sayer(url: string, headers: Record<string, string>): (text: string) => Promise<void> {
  const agent = new Agent({ keepAlive: true });
  return (text) =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', agent, headers: { ...headers, 'content-type': 'application/json' } };
      const call = request(url, options, (answer) => {
        answer.resume().once('end', () => {
          if (answer.statusCode === 201) resolve();
          else reject(new Error(`${url} answered ${answer.statusCode}`));
        });
      });
      call.once('error', reject).end(JSON.stringify({ text }));
    });
}
