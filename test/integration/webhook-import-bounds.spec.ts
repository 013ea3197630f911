import type { SandboxSecrets } from '../../src/demo/sandbox-settings.js';
import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { OrdersModule } from '../../src/modules/orders/index.js';
import { PaymentsModule } from '../../src/modules/payments/index.js';
import { WebhookInbox, WebhookSources } from '../../src/modules/webhooks/index.js';
import { eventsAt, notOnce, type DoorEvent } from '../support/door-events.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { doorNames, doors, knock } from '../support/signed-webhooks.js';

interface Line {
  source: string;
  result: string;
  code: string | null;
  events: { eventId: string | null; duplicate: boolean }[];
}

let app: ShippingApp;
let ops: string;
let stranger: string;
let strangers: string;
let secrets: SandboxSecrets;
beforeAll(async () => {
  const secret = 'the-secret-of-careportals';
  app = await startShippingApp({
    modules: [PaymentsModule, NotificationsModule, OrdersModule],
    env: { CAREPORTALS_SOURCES: `demo:Test=${secret}` },
  });
  secrets = { ...app.sandbox.secrets, CAREPORTALS_SECRET: secret };
  ops = await app.user('ops');
  strangers = await app.organization({ name: 'Other' });
  stranger = await app.user('ops', { organizationId: strangers });
});
afterAll(() => app.stop());

const sourceOf = (door: string) => (door === 'careportals' ? 'careportals.demo' : door);
const take = async (
  events: readonly DoorEvent[],
  authorization: string,
  query = '?dryRun=false',
  over: (door: string) => object = () => ({}),
) => {
  const lines = events.map((event) => {
    const headers = { 'content-type': doors[event.door].contentType };
    return JSON.stringify({ source: sourceOf(event.door), headers, body: event.body, ...over(event.door) });
  });
  const answer = await fetch(`${app.url}/api/webhook-events/import${query}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { lines: Line[] }).lines;
};
const idsOf = (lines: readonly Line[]) => lines.flatMap(({ events }) => events.map(({ eventId }) => eventId ?? ''));
const rowsOf = (ids: readonly string[]) =>
  app.sql<{ source: string; status: string; organization_id: string }>(
    'SELECT source, status, organization_id FROM webhook_events WHERE id = ANY($1) ORDER BY id',
    [ids],
  );
/** As if they had been waiting for a while: the moment in which a vendor may be faster than our own tables is over. */
const settled = (ids: readonly string[]) =>
  app.eventually(async () => {
    await app.sql(
      `UPDATE webhook_events SET received_at = now() - interval '10 minutes'
       WHERE id = ANY($1) AND status = 'received' AND received_at > now() - interval '5 minutes'`,
      [ids],
    );
    const rows = await rowsOf(ids);
    return rows.some(({ status }) => status === 'received') ? undefined : rows;
  });

describe('an import', () => {
  it('reads every source alike, whether a line names the event or not', async () => {
    const status = (rxStatus: string) => ({
      orderId: '77',
      rxNumber: '1',
      rxStatus,
      rxStatusDateTime: '2026-11-20T10:00:00',
    });
    const one = await eventsAt(app, doorNames, 1);
    const bodies: DoorEvent[] = [
      ...one,
      { door: 'lifefile', body: JSON.stringify([status('Shipping'), status('Delivered')]), subject: '77' },
      { door: 'lifefile', body: '<broken', subject: '77' },
    ];
    const lines = await take(bodies, ops, '');
    expect(await take(bodies, ops, '', () => ({ event: 'order.created' }))).toEqual(lines);
    expect(lines.map(({ events, code }) => code ?? events.length)).toEqual([
      ...one.map(() => 1),
      2,
      'lifefile.body-unreadable',
    ]);
  });

  it('moves things of the importer only, whichever source it names, and says of no other whether it is known', async () => {
    const events = await eventsAt(app, doorNames, 1);
    const nothing = await notOnce(app.sql, events);

    const foreign = idsOf(await take(events, stranger));
    const kept = await settled(foreign);
    expect(kept.map(({ status, organization_id: owner }) => [status, owner])).toEqual(
      events.map(() => ['parked', strangers]),
    );
    expect(await notOnce(app.sql, events)).toEqual(nothing);

    const own = idsOf(await take(events, ops));
    expect(own.filter((id) => foreign.includes(id))).toEqual([]);
    expect((await settled(own)).map(({ status }) => status)).toEqual(events.map(() => 'processed'));
    expect(await notOnce(app.sql, events)).toEqual([]);

    // From now on the vendor's own repeat is one; to the other organization it is what that imported itself.
    for (const [at, event] of events.entries()) {
      expect(await knock(app.url, secrets, event)).toMatchObject({ status: 200, eventId: own[at], duplicate: true });
    }
    expect(idsOf(await take(events, stranger, ''))).toEqual(foreign);
    expect(await notOnce(app.sql, events)).toEqual([]);
  });

  it('of what came in by the door for somebody else is answered as if it had not', async () => {
    const events = await eventsAt(app, ['lifefile', 'stripe'], 1);
    const told = await Promise.all(events.map((event) => knock(app.url, secrets, event)));
    const known = told.map((answer) => answer?.eventId ?? '');
    await settled(known);
    const [dry, applied] = [await take(events, stranger, ''), await take(events, stranger)];
    expect(dry).toMatchObject(events.map(() => ({ result: 'new', events: [{ eventId: null, duplicate: false }] })));
    expect(applied.map(({ result }) => result)).toEqual(['new', 'new']);
    expect(idsOf(applied).filter((id) => known.includes(id))).toEqual([]);
    expect(idsOf(await take(events, ops, ''))).toEqual(known);
  });

  it('takes the name of an event from nobody: what its vendor brings, or its owner imports, is handled', async () => {
    const events = await eventsAt(app, ['lifefile', 'shippo'], 1);
    await settled(idsOf(await take(events, stranger)));
    const answers = await Promise.all(events.map((event) => knock(app.url, secrets, event)));
    expect(answers.map((answer) => answer?.duplicate)).toEqual([false, false]);
    await settled(answers.map((answer) => answer?.eventId ?? ''));
    expect(await notOnce(app.sql, events)).toEqual([]);
  });

  it('is bound to the importer for ever: a replay moves no more than the first time', async () => {
    const events = await eventsAt(app, ['lifefile', 'stripe'], 1);
    const nothing = await notOnce(app.sql, events);
    const foreign = idsOf(await take(events, stranger));
    await settled(foreign);
    for (const id of foreign) {
      const answer = await fetch(`${app.url}/api/webhook-events/${id}/replay`, {
        method: 'POST',
        headers: { authorization: stranger, 'content-type': 'application/json' },
        body: JSON.stringify({ dryRun: false }),
      });
      expect(await answer.json()).toMatchObject({ outcome: 'parked', changes: [], status: 'received' });
    }
    await settled(foreign);
    expect(await notOnce(app.sql, events)).toEqual(nothing);
  });

  it('speaks for the patients of the importer alone', async () => {
    const [event] = await eventsAt(app, ['twilio-inbound'], 1);
    const from = new URLSearchParams(event?.body).get('From') ?? '';
    const stop = (sid: string): DoorEvent => ({
      door: 'twilio-inbound',
      body: new URLSearchParams({ MessageSid: sid, From: from, Body: 'STOP' }).toString(),
      subject: from,
    });
    const optOuts = () => app.sql(`SELECT 1 FROM opt_outs WHERE source = 'sms.stop'`);
    await settled(idsOf(await take([stop('SM1')], stranger)));
    expect(await optOuts()).toHaveLength(0);
    await settled(idsOf(await take([stop('SM2')], ops)));
    expect(await optOuts()).toHaveLength(1);
  });

  it('takes the only source of a vendor by the name of the vendor, and of several none', async () => {
    const events = await eventsAt(app, ['careportals', 'twilio-inbound'], 1);
    const lines = await take(events, ops, '', (door) => ({ source: door.split('-')[0] }));
    expect(lines.map(({ source, code }) => [source, code])).toEqual([
      ['careportals.demo', null],
      ['twilio', 'webhook.source-ambiguous'],
    ]);
  });

  it('that reaches another organization all the same, by a source that forgot to ask, does not end in silence', async () => {
    app.get(WebhookSources).register({
      source: 'forgetful',
      handle: () => Promise.resolve({ outcome: 'processed', organizationId: app.organizationId }),
    });
    const incoming = { source: 'forgetful', eventType: 'x', raw: Buffer.from('{}'), headers: {} };
    const { eventId } = await app.get(WebhookInbox).receive({ ...incoming, dedupeKey: 'a', within: strangers });
    const codes = async () =>
      (
        await app.sql<{ error_code: string | null }>('SELECT error_code FROM webhook_events WHERE id = $1', [eventId])
      )[0];
    await app.eventually(async () => (await rowsOf([eventId]))[0]?.status === 'failed' || undefined);
    expect(await codes()).toEqual({ error_code: 'webhook.foreign-organization' });
  });
});
