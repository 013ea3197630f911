import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { freePort, launch, type Stage } from './stage.js';

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

/** Where what comes in is compared, as many processes answer on both sides as there are cores. */
export const processes = availableParallelism();

/** The floor of what comes in (reference-server.ts). */
export async function launchReference(stage: Stage, env: Record<string, string> = {}) {
  await stage.sql.query(
    'CREATE TABLE IF NOT EXISTS bench_reference (id uuid PRIMARY KEY, body bytea, received_at timestamptz)',
  );
  await stage.sql.query('GRANT INSERT ON bench_reference TO pharmonico_app');
  const server = await launch(
    fileURLToPath(new URL('./reference-server.js', import.meta.url)),
    { DATABASE_URL: stage.urls.databaseUrl, PROCESSES: String(processes), ...env },
    (line) => /^\d+$/.test(line),
  );
  return { url: `http://127.0.0.1:${server.line}/`, stop: () => server.stop() };
}
