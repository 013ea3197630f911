import { fileURLToPath } from 'node:url';
import { generate, sendingDay } from '../src/demo/generate/index.js';
import { load, median } from './load.js';
import { atLeast, type Result } from './results.js';
import { freePort, launch, type Stage } from './stage.js';

const rounds = 5;
/** Long enough for both to be compiled code after the first round. */
const perRound = 4_000;
const connections = 32;

/** (a) SCRIPT NewRx intake over HTTP against one durable insert over HTTP. */
export async function intake(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  await stage.sql.query(
    'CREATE TABLE IF NOT EXISTS bench_reference (id uuid PRIMARY KEY, body bytea, received_at timestamptz)',
  );
  await stage.sql.query('GRANT INSERT ON bench_reference TO pharmonico_app');
  const reference = await launch(
    fileURLToPath(new URL('./reference-server.js', import.meta.url)),
    { DATABASE_URL: stage.urls.databaseUrl },
    (line) => /^\d+$/.test(line),
  );
  const api = await startApi(stage);
  const bodies = [
    ...generate({
      count: perRound * (rounds + 1),
      seed: 11,
      defects: 0,
      date: sendingDay(),
      formats: ['script-2017071'],
    }),
  ].map(({ body }) => body);
  const key = await apiKey(api, ['intake:write']);
  const headers = { 'content-type': 'application/xml', authorization: `Bearer ${key}` };
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const mine = bodies.slice(round * perRound, (round + 1) * perRound);
      const left = await load({
        url: `http://127.0.0.1:${reference.line}/`,
        method: 'POST',
        headers,
        bodies: mine,
        connections,
      });
      const right = await load({ url: `${api.url}/api/intake`, method: 'POST', headers, bodies: mine, connections });
      if (right.statuses['200'] !== perRound) throw new Error(`intake answered ${JSON.stringify(right.statuses)}`);
      log(
        `  round ${round}: reference ${left.perSecond.toFixed(0)}/s, intake ${right.perSecond.toFixed(0)}/s (p99 ${right.p99Ms.toFixed(0)} ms)`,
      );
      if (round === 0) continue; // the first one warms both up
      bare.push(left.perSecond);
      ours.push(right.perSecond);
    }
  } finally {
    await api.stop();
    await reference.stop();
  }
  return [
    atLeast(0.25, {
      id: 'core.intake',
      what: 'SCRIPT NewRx intake at 32 connections against one durable insert over bare node:http + pg',
      figure: median(ours),
      unit: 'requests/s',
      reference: median(bare),
    }),
  ];
}

/** The same for every process of a run: only the first one of a database makes it. */
const account = { email: 'bench@pharmonico.example', password: 'a password of the bench' };

export interface BenchApi {
  url: string;
  /** Of an administrator. */
  token: string;
  stop(): Promise<void>;
}

/** The product in role api in its own process, with a signed-in administrator. */
export async function startApi(stage: Stage, env: Record<string, string> = {}): Promise<BenchApi> {
  const api = await launchApi(stage, { ...env, ADMIN_EMAIL: account.email, ADMIN_PASSWORD: account.password });
  return { ...api, token: await signIn(api.url, account) };
}

export async function launchApi(stage: Stage, env: Record<string, string> = {}): Promise<Omit<BenchApi, 'token'>> {
  const port = await freePort();
  const process_ = await launch(
    fileURLToPath(new URL('../src/main.js', import.meta.url)),
    {
      ROLES: 'api',
      PORT: String(port),
      DATA_DIR: stage.folder,
      DATABASE_URL: stage.urls.databaseUrl,
      QUEUE_DATABASE_URL: stage.urls.queueUrl,
      LOG_LEVEL: 'info',
      ...env,
    },
    (line) => line.includes('successfully started'),
  );
  return { url: `http://127.0.0.1:${port}`, stop: () => process_.stop() };
}

/** What an integrator sends: a key with just the scopes it needs. */
async function apiKey(api: { url: string; token: string }, scopes: readonly string[]): Promise<string> {
  const answer = await fetch(`${api.url}/api/api-keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${api.token}` },
    body: JSON.stringify({ name: 'bench', scopes }),
  });
  if (!answer.ok) throw new Error(`no API key: ${answer.status}`);
  return ((await answer.json()) as { key: string }).key;
}

export async function signIn(url: string, account: { email: string; password: string }): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    }).catch(() => undefined);
    if (answer?.ok === true) return ((await answer.json()) as { accessToken: string }).accessToken;
    if (attempt > 50) throw new Error('cannot sign in at the bench API');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
