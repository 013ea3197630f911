import pg from 'pg';
import { resolveKeys } from '../src/platform/crypto/development-keys.js';
import { loadConfig } from '../config/index.js';
import type { Principal } from '../src/modules/auth/index.js';
import { ticketListQuery, type ListQuery } from '../src/modules/desk/ticket-list.sql.js';
import { MessageTexts } from '../src/modules/threads/message-texts.js';
import { Keyring } from '../src/platform/crypto/index.js';
import { cursorAt, type Position } from '../src/platform/http/index.js';
import { pagesPerSecond } from './bare-pages.js';
import { startApi } from './api.js';
import { load, median, type LoadPlan, type LoadResult } from './load.js';
import { atLeast, atMost, type Result } from './results.js';
import type { Stage } from './stage.js';
import { personOf } from './tickets-people.js';
import { seedTickets, type SeededTickets } from './tickets-seed.js';

const rounds = 5;
const perRound = 500;
const connections = 16;
const tickets = 200_000;
const page = 50;
const deepPage = 100;

/** The queue of a pharmacy over HTTP and under row-level security, against its statement alone by bare `pg` without it. */
export async function ticketPages(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const api = await startApi(stage);
  const seeded = await seedTickets(stage.sql, tickets);
  await sealTexts(stage, seeded);
  const pharmacist = await personOf(api, { role: 'pharmacy', pharmacyId: seeded.pharmacyId });
  const principal: Principal = { kind: 'user', role: 'pharmacy', permissions: new Set(), ...seeded, id: pharmacist.id };
  const bare = await barePages(stage, principal);
  const cursor = cursorAt(await endOfPage(stage.sql, seeded, deepPage - 1));
  const plan = (query: string): LoadPlan => ({
    url: `${api.url}/api/tickets?limit=${page}${query}`,
    method: 'GET',
    headers: { authorization: pharmacist.authorization },
    bodies: Array.from({ length: perRound }, () => ''),
    connections,
  });
  const reference: number[] = [];
  const [firsts, deeps]: [LoadResult[], LoadResult[]] = [[], []];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const left = await bare.perSecond(perRound);
      const [first, deep] = [await pages(plan('')), await pages(plan(`&cursor=${cursor}`))];
      log(`  round ${round}: reference ${left.toFixed(0)}/s, page 1 ${shown(first)}, page ${deepPage} ${shown(deep)}`);
      if (round === 0) continue; // the first one warms all up
      reference.push(left);
      firsts.push(first);
      deeps.push(deep);
    }
  } finally {
    await bare.end();
    await api.stop();
  }
  const p50 = (results: readonly LoadResult[]) => median(results.map(({ p50Ms }) => p50Ms));
  return [
    atLeast(0.4, {
      id: 'tickets.page',
      what: `GET /api/tickets of a pharmacy, page of ${page} of ${tickets}, at ${connections} connections against the same query through bare pg without row-level security`,
      figure: median(firsts.map(({ perSecond }) => perSecond)),
      unit: 'pages/s',
      reference: median(reference),
    }),
    atMost(1.3, {
      id: 'tickets.page.deep',
      what: `page ${deepPage} of the same list against page 1 (p50)`,
      figure: p50(deeps),
      unit: 'ms',
      reference: p50(firsts),
    }),
  ];
}

const shown = ({ perSecond, p50Ms }: LoadResult) => `${perSecond.toFixed(0)}/s (p50 ${p50Ms.toFixed(0)} ms)`;

async function pages(plan: LoadPlan): Promise<LoadResult> {
  const result = await load(plan);
  if (result.statuses['200'] !== perRound) throw new Error(`the list answered ${JSON.stringify(result.statuses)}`);
  return result;
}

/** The list opens the last message of every ticket: those of this pharmacy are what the product would have written. */
async function sealTexts(stage: Stage, { pharmacyId }: SeededTickets): Promise<void> {
  const keys = resolveKeys(loadConfig({ DATA_DIR: stage.folder }));
  const texts = new MessageTexts(new Keyring(keys.dataKeys, keys.blindIndexKey));
  const { rows } = await stage.sql.query<{ id: string }>(
    `SELECT m.id FROM chat_messages m JOIN healthcare_tickets t ON t.id = m.thread_id WHERE t.secondary_provider_id = $1`,
    [pharmacyId],
  );
  const ids = rows.map(({ id }) => id);
  await stage.sql.query(
    `UPDATE chat_messages m SET body_sealed = said.sealed
     FROM unnest($1::uuid[], $2::bytea[]) AS said(id, sealed) WHERE m.id = said.id`,
    [ids, ids.map((id) => texts.seal(id, 'Please call the practice before you dispense.'))],
  );
  await stage.sql.query('VACUUM ANALYZE chat_messages');
}

async function endOfPage(sql: pg.Pool, { pharmacyId }: SeededTickets, number: number): Promise<Position> {
  const { rows } = await sql.query<Position>(
    `SELECT created_at AS at, id FROM healthcare_tickets WHERE secondary_provider_id = $1
     ORDER BY created_at DESC, id DESC OFFSET $2 LIMIT 1`,
    [pharmacyId, number * page - 1],
  );
  const [position] = rows;
  if (position === undefined) throw new Error(`the pharmacy has no page ${number}`);
  return position;
}

/** Past row-level security: the superuser is the one owner forced policies do not bind. */
async function barePages(stage: Stage, principal: Principal) {
  const query = ticketListQuery(principal, {}, page);
  if (query === undefined) throw new Error('a pharmacy sees no list');
  const clients = await Promise.all(Array.from({ length: connections }, () => stage.sql.connect()));
  return {
    perSecond: (count: number) => pagesPerSecond(clients, (client) => onePage(client, query), count),
    end: () => {
      for (const client of clients) client.release();
      return Promise.resolve();
    },
  };
}

async function onePage(client: pg.ClientBase, { statement, values }: ListQuery): Promise<void> {
  const { rows } = await client.query({ ...statement, values: [...values] });
  if (rows.length !== page + 1) throw new Error(`the reference read ${rows.length} rows`);
}
