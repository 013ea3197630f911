import pg from 'pg';
import { seedTickets, type SeededTickets } from '../../bench/tickets-seed.js';
import { contextOf, type Principal } from '../../src/modules/auth/index.js';
import { planning, ticketListQuery, type TicketFilter } from '../../src/modules/desk/ticket-list.sql.js';
import { newId } from '../../src/platform/ids/index.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';

const tickets = 20_000;
const large = ['healthcare_tickets', 'chat_threads', 'chat_messages', 'prescriptions'];

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  Plans?: PlanNode[];
}

interface PlanRow {
  'QUERY PLAN': [{ Plan: PlanNode }];
}

describe('the list of tickets as the application asks for it', () => {
  let around: Surroundings;
  let client: pg.Client;
  let seeded: SeededTickets;

  beforeAll(async () => {
    around = await surroundings('ticket-list-plan');
    await around.sql(`INSERT INTO organizations (id, name, brand, created_at) VALUES ($1, 'Test', 'Test', now())`, [
      newId(),
    ]);
    const pool = new pg.Pool({ connectionString: around.database.superuserUrl, max: 1 });
    around.cleanup.add(() => pool.end());
    seeded = await seedTickets(pool, tickets);
    client = new pg.Client({ connectionString: around.database.databaseUrl });
    await client.connect();
    around.cleanup.add(() => client.end());
  });
  afterAll(() => around.cleanup.run());

  /** As the connections of the pool do it: prepared. Planned for all parameters at once, and, should that change, for these. */
  const planOf = async (principal: Principal, filter: TicketFilter, mode: string): Promise<PlanNode[]> => {
    const query = ticketListQuery(principal, filter, 50);
    await client.query('BEGIN');
    try {
      for (const [name, value] of Object.entries(contextOf(principal)))
        await client.query('SELECT set_config($1, $2, true)', [`app.${name}`, value]);
      await client.query(planning.text);
      await client.query('SELECT set_config($1, $2, true)', ['plan_cache_mode', mode]);
      await client.query(`PREPARE listed AS ${query?.statement.text ?? ''}`);
      const values = (query?.values ?? []).map((value) => pg.escapeLiteral(textOf(value)));
      const { rows } = await client.query<PlanRow>(
        `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE listed (${values.join(', ')})`,
      );
      const root = rows[0]?.['QUERY PLAN'][0].Plan;
      return root === undefined ? [] : nodesOf(root);
    } finally {
      await client.query('ROLLBACK; DEALLOCATE listed');
    }
  };

  const filters: [string, TicketFilter][] = [
    ['the first page', {}],
    ['a page behind a cursor', { after: { at: new Date(Date.now() - 30 * 86_400_000), id: newId() } }],
    ['one status', { status: 'ready' }],
  ];
  const cases = filters.flatMap(([what, filter]) =>
    ['force_custom_plan', 'force_generic_plan'].map((mode) => ({ what, filter, mode })),
  );

  it.each(cases)('reads none of the large tables from end to end: $what, $mode', async ({ filter, mode }) => {
    const principal: Principal = { kind: 'user', id: newId(), role: 'pharmacy', permissions: new Set(), ...seeded };
    const nodes = await planOf(principal, filter, mode);
    const scanned = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
    expect(scanned.filter((table) => large.includes(table ?? ''))).toEqual([]);
    expect(nodes.filter((node) => node['Relation Name'] === 'chat_messages').length).toBeGreaterThan(0);
    expect(nodes[0]?.['Actual Rows']).toBe(51);
    const read = nodes.filter((node) => large.includes(node['Relation Name'] ?? '')).map(rowsRead);
    expect(Math.max(...read)).toBeLessThan(400); // of a page's threads; the pharmacy has a thousand tickets
  });
});

const textOf = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const rowsRead = (node: PlanNode) => (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1);
