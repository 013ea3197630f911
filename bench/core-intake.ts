import { generate, sendingDay } from '../src/demo/generate/index.js';
import { launchReference, processes, startApi } from './api.js';
import { load, median } from './load.js';
import { atLeast, type Result } from './results.js';
import type { Stage } from './stage.js';

const rounds = 5;
/** Long enough for both to be compiled code after the first round. */
const perRound = 4_000;
const connections = 32;

/** (a) SCRIPT NewRx intake over HTTP against one durable insert over HTTP. */
export async function intake(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const reference = await launchReference(stage);
  const api = await startApi(stage, { API_PROCESSES: String(processes) });
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
        url: reference.url,
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
      what: `SCRIPT NewRx intake at 32 connections against one durable insert over bare node:http + pg, both in ${processes} processes`,
      figure: median(ours),
      unit: 'requests/s',
      reference: median(bare),
    }),
  ];
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
