import { newId } from '../../src/platform/ids/index.js';
import { glow, startOrdersApp, type OrdersApp } from '../support/orders-app.js';

interface Line {
  result: string;
  code: string | null;
  events: { eventType: string; eventId: string; duplicate: boolean }[];
}

let app: OrdersApp;
let ops: string;
beforeAll(async () => {
  app = await startOrdersApp();
  ops = await app.user('ops');
});
afterAll(() => app.stop());

async function imported(body: object, over: object = {}): Promise<Line | undefined> {
  const answer = await fetch(`${app.url}/api/webhook-events/import?dryRun=false`, {
    method: 'POST',
    headers: { authorization: ops, 'content-type': 'application/x-ndjson' },
    body: JSON.stringify({ source: `careportals.${glow.code}`, headers: {}, body: JSON.stringify(body), ...over }),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { lines: Line[] }).lines[0];
}

const pushed = async (body: object, path: string) =>
  (await (await app.push(body, { path })).json()) as { eventId: string; duplicate: boolean };

describe('an import of what CarePortals pushed', () => {
  const names = { _id: newId(), id: newId().slice(-8) };
  const customer = { email: `${newId()}@example.com` };
  const created = { ...names, totalAmount: 10, createdAt: '2026-11-20T10:30:00Z', customer };
  const cancelled = { ...names, status: 'cancelled', updatedAt: '2026-11-20T11:30:00Z', customer };
  const rows = (table: string) => app.sql<{ status: string }>(`SELECT status FROM ${table}`);

  it('does not guess an event by its shape: the address may have named another', async () => {
    expect(await imported(cancelled)).toMatchObject({
      result: 'refused',
      code: 'careportals.event-unnamed',
      events: [],
    });
  });

  it('takes the word of the address from the line, and knows the same event at the door', async () => {
    const { eventId } = await pushed(created, '/order.created');
    await app.settles(eventId);
    const line = await imported(cancelled, { event: 'order.status_updated' });
    expect(line).toMatchObject({ result: 'new', events: [{ eventType: 'order.status_updated' }] });
    expect(await app.settles(line?.events[0]?.eventId ?? '')).toMatchObject({ status: 'processed' });
    expect(await rows('orders')).toEqual([{ status: 'cancelled' }]);
    expect(await rows('subscriptions')).toEqual([]);
    expect(await pushed(cancelled, '/order-status-updated')).toMatchObject({
      eventId: line?.events[0]?.eventId,
      duplicate: true,
    });
  });

  it.each([
    ['body', { event: 'order.status_updated', ...cancelled }, {}],
    ['header', cancelled, { headers: { 'X-CarePortals-Event': 'order.status_updated' } }],
  ])('needs no word on the line where the %s names the event, and refuses one that differs', async (_, body, over) => {
    expect(await imported(body, over)).toMatchObject({ code: null, events: [{ eventType: 'order.status_updated' }] });
    expect(await imported(body, { ...over, event: 'order.created' })).toMatchObject({
      code: 'careportals.event-disagrees',
    });
  });
});
