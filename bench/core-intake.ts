import { generate, sendingDay } from '../src/demo/generate/index.js';
import { launchReference, processes, startApi } from './api.js';
import { calmRounds } from './calm.js';
import { load, median } from './load.js';
import { atLeast, type Result } from './results.js';
import type { Stage } from './stage.js';

const rounds = 7;
/** Long enough for both to be compiled code after the first round. */
const perRound = 4_000;
const connections = 32;

/** (a) SCRIPT NewRx intake over HTTP against one durable insert over HTTP. */
export async function intake(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const reference = await launchReference(stage);
  const api = await startApi(stage, { API_PROCESSES: String(processes) });
  const key = await apiKey(api, ['intake:write']);
  const headers = { 'content-type': 'application/xml', authorization: `Bearer ${key}` };
  let done: { bare: number; ours: number }[];
  try {
    done = await calmRounds(rounds, log, async (round) => {
      const plan = { method: 'POST' as const, headers, bodies: ordersOf(round), connections };
      const bare = await load({ ...plan, url: reference.url });
      const ours = await load({ ...plan, url: `${api.url}/api/intake` });
      if (ours.statuses['200'] !== perRound) throw new Error(`intake answered ${JSON.stringify(ours.statuses)}`);
      log(
        `  round ${round}: reference ${bare.perSecond.toFixed(0)}/s, intake ${ours.perSecond.toFixed(0)}/s (p99 ${ours.p99Ms.toFixed(0)} ms)`,
      );
      return { bare: bare.perSecond, ours: ours.perSecond };
    });
  } finally {
    await api.stop();
    await reference.stop();
  }
  return [
    atLeast(0.25, {
      id: 'core.intake',
      what: `SCRIPT NewRx intake at 32 connections against one durable insert over bare node:http + pg, both in ${processes} processes`,
      figure: median(done.map(({ ours }) => ours)),
      unit: 'requests/s',
      reference: median(done.map(({ bare }) => bare)),
    }),
  ];
}

/** Every round has orders of its own. */
function ordersOf(round: number): string[] {
  const shape = { count: perRound, defects: 0, date: sendingDay(), formats: ['script-2017071' as const] };
  return [...generate({ ...shape, seed: 11 + round })].map(({ body }) => body);
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
