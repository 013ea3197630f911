import { newId } from '../../src/platform/ids/index.js';
import { ask, comparable } from '../support/access-matrix/ask.js';
import { startMatrix, type Matrix } from '../support/access-matrix/start.js';
import { accessTable, type Row } from '../support/access-matrix/table.js';
import type { World } from '../support/access-matrix/world.js';

const id = /^[0-9a-f-]{36}$/;
const capitals = (text: string) => (id.test(text) ? text.toUpperCase() : text);

/** The same world for somebody who writes ids in capitals. */
function inCapitals(world: World): World {
  return { ...world, pathOf: (thing, owner) => capitals(world.pathOf(thing, owner)) };
}

const looks = accessTable.filter(({ operation, thing }) => operation.startsWith('GET ') && thing !== undefined);

/** RFC 9562, 4: ids are written in small letters and read in any. */
describe('an id in capitals', () => {
  let matrix: Matrix;
  let admin: string;
  let path: Readonly<Record<'webhookEndpoint' | 'prescription', string>>;

  beforeAll(async () => {
    matrix = await startMatrix();
    admin = (await matrix.world.credentialOf('admin')) ?? '';
    ({ path } = matrix.world.holdings.own);
  });
  afterAll(() => matrix.test.stop());

  const send = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) =>
    matrix.app.inject({ method, url, headers: { authorization: admin }, ...(payload !== undefined && { payload }) });

  it.each(looks.map((row) => [row.operation, row] as const))('%s', async (name, row: Row) => {
    const caller = row.may.find((one) => one === 'admin') ?? row.may[0] ?? 'nobody';
    const asked = [row, matrix.operation(name), caller, 'own'] as const;
    const small = await ask(matrix, ...asked);
    const capital = await ask({ ...matrix, world: inCapitals(matrix.world) }, ...asked);
    expect([small.status, comparable(capital)]).toEqual([200, comparable(small)]);
  });

  it('seals for the row it finds', async () => {
    const rotate = (endpoint: string) => send('POST', `/api/webhook-endpoints/${endpoint}/rotate-secret`);
    expect((await rotate(capitals(path.webhookEndpoint))).statusCode).toBe(200);
    // Opens what was sealed before.
    expect((await rotate(path.webhookEndpoint)).statusCode).toBe(200);
  });

  it('is the own one of whoever calls', async () => {
    const me = (await send('GET', '/api/auth/me')).json<{ id: string }>();
    const refused = await send('PATCH', `/api/users/${capitals(me.id)}`, { disabled: true });
    expect(refused.json()).toMatchObject({ code: 'user.own-account' });
  });

  it('goes into jobs as it is written everywhere else', async () => {
    const cancel = `/api/prescriptions/${capitals(path.prescription)}/cancel`;
    expect((await send('POST', cancel, { reason: 'patient_request' })).statusCode).toBe(200);
    const rows = await matrix.test.sql<{ payload: string }>(
      'SELECT payload::text FROM outbox_events WHERE aggregate_id = $1',
      [path.prescription],
    );
    const payloads = rows.map(({ payload }) => payload).join();
    expect(payloads).toContain(path.prescription);
    expect(payloads).not.toContain(capitals(path.prescription));
  });

  it('of nothing is the same refusal', async () => {
    expect((await send('GET', `/api/prescriptions/${capitals(newId())}`)).statusCode).toBe(404);
  });
});
