import { newId } from '../../src/platform/ids/index.js';
import { glow, startOrdersApp, type OrdersApp } from '../support/orders-app.js';

interface Line {
  source: string;
  result: string;
  code: string | null;
  events: { eventType: string; eventId: string; duplicate: boolean }[];
}

/** What the answers used here hold, each its part. */
interface Told {
  items: { source: string; code: string }[];
  replay: { id: string };
  finished: boolean;
  handedOut: number;
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

async function ask(path: string, body?: object): Promise<{ status: number; body: Told }> {
  const answer = await fetch(`${app.url}/api/webhook-events${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: ops, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Told };
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

describe('the name of a vendor with several sources', () => {
  const unread = { event: 'customer.merged', _id: newId() };

  it('means all of them, wherever events are looked for or handed out again', async () => {
    const { eventId } = await pushed(unread, '');
    expect(await app.settles(eventId)).toMatchObject({ status: 'parked' });
    const { body: list } = await ask('?source=careportals');
    expect(new Set(list.items.map(({ source }) => source))).toEqual(new Set([`careportals.${glow.code}`]));
    const { body: errors } = await ask('/errors?source=careportals');
    expect(errors.items.map(({ code }) => code)).toContain('careportals.unknown-event');
    const range = { source: 'careportals', status: 'parked' };
    expect((await ask('/replay', range)).body).toMatchObject({ matching: 1, items: [{ eventId }] });
    const { body: begun } = await ask('/replay', { ...range, dryRun: false });
    await app.eventually(async () => {
      const { body } = await ask(`/replays/${begun.replay.id}`);
      return body.finished && body.handedOut === 1 ? true : undefined;
    });
  });

  it('is none an import may leave open', async () => {
    expect(await imported(unread, { source: 'careportals' })).toMatchObject({
      source: 'careportals',
      code: 'webhook.source-ambiguous',
    });
  });

  it.each<[string, object | undefined]>([
    ['?source=carportals', undefined],
    ['/errors?source=carportals', undefined],
    ['/errors.csv?source=carportals', undefined],
    ['/replay', { source: 'carportals' }],
    ['/replay', { source: 'carportals', dryRun: false }],
  ])('is refused where it is misspelt, with those there are: %s', async (path, body) => {
    const names = 'careportals, lifefile, shippo';
    const message = `source must be one of the following values: ${names}`;
    expect(await ask(path, body)).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', errors: [{ pointer: '/source', code: 'is-in', message }] },
    });
  });

  it('leaves a source findable that is connected no more', async () => {
    const former = 'careportals.former';
    const { eventId } = await pushed({ ...unread, _id: newId() }, '');
    await app.settles(eventId);
    await app.sql('UPDATE webhook_events SET source = $2 WHERE id = $1', [eventId, former]);
    expect((await ask(`?source=${former}`)).body).toMatchObject({ items: [{ id: eventId, source: former }] });
  });
});
