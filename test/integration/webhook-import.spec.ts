import { jest } from '@jest/globals';
import { request } from 'node:http';
import { WebhookInbox, WebhookSources } from '../../src/modules/webhooks/index.js';
import { fail } from '../../src/platform/errors/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';

interface Report {
  dryRun: boolean;
  new: number;
  duplicate: number;
  refused: number;
  lines: {
    line: number;
    result: string;
    code: string | null;
    events: { eventId: string | null; duplicate: boolean }[];
  }[];
  code: string;
}

let app: ShippingApp;
let ops: string;
beforeAll(async () => {
  app = await startShippingApp({ env: { LIFEFILE_WEBHOOK_TOKEN: 'token-in-the-address' } });
  ops = await app.user('ops');
});
afterAll(() => app.stop());

const post = async (body: string, query = '', authorization = ops, type = 'application/x-ndjson') => {
  const answer = await fetch(`${app.url}/api/webhook-events/import${query}`, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as Report };
};
const item = (orderId: string, rxStatus = 'Shipping') => ({
  orderId,
  rxNumber: '1',
  rxStatus,
  rxStatusDateTime: '2026-11-20T10:00:00',
});
const lineOf = (body: unknown, over: object = {}) =>
  JSON.stringify({
    source: 'lifefile',
    headers: { 'Content-Type': 'application/json', Authorization: 'Basic secret' },
    body: JSON.stringify(body),
    ...over,
  });
const events = () => app.sql('SELECT 1 FROM webhook_events');

describe('an import of missed bodies', () => {
  it('says line by line what is new, known or refused, and takes nothing before it is told to', async () => {
    const known = item(newId());
    await fetch(`${app.url}/api/webhooks/lifefile/prescription-status?token=token-in-the-address`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(known),
    });
    const fresh = item(newId());
    const file = [
      lineOf([fresh, item(newId())]),
      lineOf(known),
      lineOf(fresh),
      '{"source":"lifefile"}',
      lineOf('<broken', { body: '<broken' }),
      lineOf(known, { source: 'nobody' }),
      '',
      lineOf(null, { body: undefined, bodyBase64: Buffer.from(JSON.stringify(item(newId()))).toString('base64') }),
      JSON.stringify({ source: 'shippo', body: JSON.stringify({ event: 'track_updated', data: {} }) }),
    ].join('\n');
    const before = (await events()).length;
    const dry = await post(file);
    expect(dry.status).toBe(200);
    expect(dry.body).toMatchObject({ dryRun: true, new: 3, duplicate: 2, refused: 3 });
    expect(dry.body.lines.map(({ line, result, code }) => [line, result, code])).toEqual([
      [1, 'new', null],
      [2, 'duplicate', null],
      [3, 'duplicate', null],
      [4, 'refused', 'webhook.import-line-invalid'],
      [5, 'refused', 'lifefile.body-unreadable'],
      [6, 'refused', 'webhook.no-handler'],
      [8, 'new', null],
      [9, 'new', null],
    ]);
    expect(await events()).toHaveLength(before);

    const applied = await post(file, '?dryRun=false');
    expect(applied.body).toMatchObject({ dryRun: false, new: 3, duplicate: 2, refused: 3 });
    expect(await events()).toHaveLength(before + 4);
    const again = await post(file, '?dryRun=false');
    expect(again.body).toMatchObject({ new: 0, duplicate: 5, refused: 3 });
    expect(await events()).toHaveLength(before + 4);

    const imported = applied.body.lines[0]?.events.map(({ eventId }) => eventId) ?? [];
    await app.eventually(async () => {
      const rows = await app.sql(`SELECT 1 FROM webhook_events WHERE id = ANY($1) AND status = 'parked'`, [imported]);
      return rows.length === 2 ? true : undefined;
    });
    const audited = await app.sql<{ reason: string }>(
      `SELECT reason FROM audit_entries WHERE reason LIKE 'import:%' ORDER BY occurred_at`,
    );
    expect(audited.map(({ reason }) => reason)).toEqual([
      'import:dry-run:3:2:3',
      'import:begun',
      'import:applied:3:2:3',
      'import:begun',
      'import:applied:0:5:3',
    ]);
  });

  it('takes more at once than may wait at the door', async () => {
    const lines = Array.from({ length: 5 }, (_, line) =>
      lineOf(Array.from({ length: 450 }, (_item, at) => ({ ...item(`bulk-${line}-${at}`), rxStatus: 'no such word' }))),
    );
    const { status, body } = await post(lines.join('\n'), '?dryRun=false');
    expect([status, body.new, body.duplicate, body.refused]).toEqual([200, 5, 0, 0]);
    const rows = await app.sql(`SELECT 1 FROM webhook_events WHERE dedupe_key LIKE '% bulk-%'`);
    expect(rows).toHaveLength(2_250);
  });

  const latestAudit = () =>
    app.sql<{ reason: string; ids: string[] }>(
      `SELECT reason, entity_ids AS ids FROM audit_entries WHERE reason LIKE 'import:%' ORDER BY occurred_at DESC, id DESC LIMIT 2`,
    );
  const fileOf = (lines: number, name: string) =>
    Array.from({ length: lines }, (_, at) => lineOf(item(`${name}-${at}`, 'no such word'))).join('\n');

  it('that turns out too long says what it had taken by then, and that is recorded', async () => {
    const { status, body } = await post(fileOf(10_001, 'much'), '?dryRun=false');
    expect([status, body.code]).toEqual([413, 'webhook.import-too-many-lines']);
    expect(body).toMatchObject({ imported: { new: 10_000, duplicate: 0, refused: 0, events: 10_000 } });
    expect(await app.sql(`SELECT 1 FROM webhook_events WHERE dedupe_key LIKE '% much-%'`)).toHaveLength(10_000);
    const [ended, begun] = await latestAudit();
    expect([begun?.reason, ended?.reason, ended?.ids.length]).toEqual([
      'import:begun',
      'import:broken-off:10000:0:0',
      10_000,
    ]);
  });

  it('whose caller goes away is recorded with what was taken', async () => {
    const sent = request(`${app.url}/api/webhook-events/import?dryRun=false`, {
      method: 'POST',
      headers: { authorization: ops, 'content-type': 'application/x-ndjson' },
    });
    sent.on('error', () => undefined);
    sent.write(`${fileOf(200, 'gone')}\n`);
    await app.eventually(async () => {
      const rows = await app.sql(`SELECT 1 FROM webhook_events WHERE dedupe_key LIKE '% gone-%'`);
      return rows.length === 200 ? true : undefined;
    });
    sent.destroy();
    const ended = await app.eventually(async () => {
      const [latest] = await latestAudit();
      return latest?.reason === 'import:begun' ? undefined : latest;
    });
    expect([ended.reason, ended.ids.length]).toEqual(['import:broken-off:200:0:0', 200]);
  });

  it('of which the inbox takes a part says which part', async () => {
    const inbox = app.get(WebhookInbox);
    const receive = inbox.receive.bind(inbox);
    const full = jest.spyOn(inbox, 'receive').mockImplementation((event) => {
      const isRefused = event.dedupeKey.startsWith('part-149');
      return isRefused ? Promise.reject(fail('service.unavailable', { retryAfterSeconds: 1 })) : receive(event);
    });
    const { status, body } = await post(fileOf(200, 'part'), '?dryRun=false');
    full.mockRestore();
    expect([status, body.code]).toEqual([503, 'service.unavailable']);
    expect(body).toMatchObject({ imported: { new: 100, duplicate: 0, refused: 0, events: 199 } });
    expect((await latestAudit())[0]).toMatchObject({ reason: 'import:broken-off:100:0:0' });
  });

  it('is for people who may, and for one content type', async () => {
    expect((await post('', '', await app.key())).status).toBe(403);
    expect((await post('', '', await app.user('doctor'))).status).toBe(403);
    expect((await post('{}', '', ops, 'application/json')).status).toBe(415);
  });

  it('is stopped while it comes in when it is too long, also without a length', async () => {
    expect((await post('\n'.repeat(10_001))).body.code).toBe('webhook.import-too-many-lines');
    const long = await post(`${lineOf('x'.repeat(1_100_000))}\n`);
    expect(long.body.lines).toMatchObject([{ result: 'refused', code: 'webhook.import-line-too-long' }]);
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request(
        `${app.url}/api/webhook-events/import`,
        { method: 'POST', headers: { authorization: ops, 'content-type': 'application/x-ndjson' } },
        (answer) => {
          resolve(answer.statusCode ?? 0);
          answer.resume();
          sent.destroy();
        },
      );
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
      });
      const more = () => {
        while (!sent.destroyed && sent.write(Buffer.alloc(1_000_000, 120)));
        if (!sent.destroyed) sent.once('drain', more);
      };
      more();
    });
    expect(status).toBe(413);
  });
});

describe('the error log', () => {
  it('tells per source and code what went wrong, and as CSV that a spreadsheet may open', async () => {
    app.get(WebhookSources).register({
      source: 'faulty',
      handle: () => Promise.resolve({ outcome: 'parked', code: 'faulty.no-idea', organizationId: app.organizationId }),
    });
    const receive = () =>
      app.get(WebhookInbox).receive({
        source: 'faulty',
        dedupeKey: newId(),
        eventType: '=HYPERLINK("http://evil.example","x")',
        raw: Buffer.from('{}'),
        headers: {},
      });
    const told = [await receive(), await receive()];
    const ask = (path: string, authorization = ops) =>
      fetch(`${app.url}/api/webhook-events/${path}`, { headers: { authorization } });
    const groups = await app.eventually(async () => {
      const { items } = (await (await ask('errors?source=faulty')).json()) as { items: { events: number }[] };
      return items[0]?.events === 2 ? items : undefined;
    });
    expect(groups).toMatchObject([{ source: 'faulty', status: 'parked', code: 'faulty.no-idea', events: 2 }]);
    const csv = await ask('errors.csv?source=faulty');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toContain('attachment');
    const lines = (await csv.text()).trim().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(
      `${told[1]?.eventId ?? ''},faulty,"'=HYPERLINK(""http://evil.example"",""x"")",parked,faulty.no-idea,`,
    );
    const stranger = await app.user('ops', { organizationId: await app.organization() });
    expect((await (await ask('errors.csv?source=faulty', stranger)).text()).trim().split('\r\n')).toHaveLength(1);
    expect(
      await app.sql(`SELECT 1 FROM audit_entries WHERE action = 'export' AND reason = 'errors:faulty'`),
    ).toHaveLength(2);
  });
});
