import pg from 'pg';
import { contextOf, type Principal } from '../src/modules/auth/index.js';
import { listQuery } from '../src/modules/prescriptions/list.sql.js';
import { newId } from '../src/platform/ids/index.js';
import { pagesPerSecond } from './bare-pages.js';
import { startApi } from './api.js';
import { load, median } from './load.js';
import { atLeast, type Result } from './results.js';
import { seedPrescriptions } from './seed-prescriptions.js';
import type { Stage } from './stage.js';

const rounds = 5;
const perRound = 1_000;
const connections = 16;
const prescriptions = 100_000;
const page = 50;

/** (c) GET /api/prescriptions against its own statement, and the audit row it writes, through bare `pg`. */
export async function list(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const api = await startApi(stage);
  const organizationId = await seedPrescriptions(stage.sql, prescriptions);
  const principal: Principal = { kind: 'user', id: newId(), role: 'admin', organizationId, permissions: new Set() };
  const bare = await barePages(stage, principal);
  const plan = {
    url: `${api.url}/api/prescriptions?limit=${page}`,
    method: 'GET' as const,
    headers: { authorization: `Bearer ${api.token}` },
    bodies: Array.from({ length: perRound }, () => ''),
    connections,
  };
  const ours: number[] = [];
  const reference: number[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const left = await bare.perSecond(perRound);
      const right = await load(plan);
      if (right.statuses['200'] !== perRound) throw new Error(`the list answered ${JSON.stringify(right.statuses)}`);
      log(
        `  round ${round}: reference ${left.toFixed(0)}/s, list ${right.perSecond.toFixed(0)}/s (p99 ${right.p99Ms.toFixed(0)} ms)`,
      );
      if (round === 0) continue; // the first one warms both up
      reference.push(left);
      ours.push(right.perSecond);
    }
  } finally {
    await bare.end();
    await api.stop();
  }
  return [
    atLeast(0.4, {
      id: 'core.list',
      what: `GET /api/prescriptions, page of ${page} of ${prescriptions}, at ${connections} connections against the same query through bare pg`,
      figure: median(ours),
      unit: 'pages/s',
      reference: median(reference),
    }),
  ];
}

const insertAudit = {
  name: 'audit',
  text: `INSERT INTO audit_entries (id, organization_id, actor_kind, actor_id, actor_role, action, entity, entity_ids, outcome, occurred_at)
    VALUES ($1, $2, 'user', $3, 'admin', 'search', 'prescription', $4::uuid[], 'success', now())`,
};

/** Under the same row-level security as the product, its context set once per connection. */
async function barePages(stage: Stage, principal: Principal) {
  const query = listQuery(principal, {}, page);
  if (query === undefined) throw new Error('an administrator sees no list');
  const clients = await Promise.all(
    Array.from({ length: connections }, () => connected(stage.urls.databaseUrl, contextOf(principal))),
  );
  const onePage = async (client: pg.Client) => {
    const { rows } = await client.query<{ ids: string[] }>({ ...query.statement, values: [...query.values] });
    const ids = rows[0]?.ids ?? [];
    if (ids.length !== page) throw new Error(`the reference read ${ids.length} rows`);
    await client.query({ ...insertAudit, values: [newId(), principal.organizationId, principal.id, ids] });
  };
  return {
    perSecond: (count: number) => pagesPerSecond(clients, onePage, count),
    end: () => Promise.all(clients.map((client) => client.end())),
  };
}

async function connected(url: string, context: Readonly<Record<string, string>>): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const [name, value] of Object.entries(context)) {
    await client.query('SELECT set_config($1, $2, false)', [`app.${name}`, value]);
  }
  return client;
}
