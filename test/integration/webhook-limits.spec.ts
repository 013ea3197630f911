import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { WebhookInbox } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { until } from '../support/until.js';

const path = '/api/webhooks/lifefile/prescription-status';
const token = 'token-in-the-address';
const start = (limit?: string) =>
  startShippingApp({
    env: { LIFEFILE_WEBHOOK_TOKEN: token, ...(limit !== undefined && { WEBHOOKS_PER_MINUTE: limit }) },
  });
const bodyOf = (orderId: string) =>
  JSON.stringify({ orderId, rxNumber: '1', rxStatus: 'Shipping', rxStatusDateTime: '2026-11-20T10:00:00' });
const push = (app: ShippingApp, body: string, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${path}?token=${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
const rowsOf = async (app: ShippingApp, orderIds: readonly string[]) =>
  (
    await app.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM webhook_events WHERE split_part(dedupe_key, '+', 1) = ANY($1)`,
      [orderIds],
    )
  )[0]?.n;

describe('a source that sends more than it may', () => {
  it('is told when to come back, and what was accepted has its row', async () => {
    const app = await start('40');
    try {
      const orderIds = Array.from({ length: 60 }, () => newId());
      const answers = await Promise.all(orderIds.map((orderId) => push(app, bodyOf(orderId))));
      const accepted = orderIds.filter((_, index) => answers[index]?.status === 200);
      const refused = answers.filter(({ status }) => status === 429);
      expect([accepted.length, refused.length]).toEqual([40, 20]);
      for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await rowsOf(app, accepted)).toBe(40);
      expect(await rowsOf(app, orderIds)).toBe(40);
      const body = JSON.stringify({ event: 'track_updated', data: {} });
      const shippo = await fetch(`${app.url}/api/webhooks/shippo?token=${app.sandbox.secrets.SHIPPO_WEBHOOK_SECRET}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(shippo.status).toBe(200);
    } finally {
      await app.stop();
    }
  });

  it('waits for no count as long as it may send: the next share is asked for before the last is used up', async () => {
    const [limit, share, first] = [2_000, 100, 76];
    const app = await start(String(limit));
    const pushes = (count: number) =>
      Promise.all(Array.from({ length: count }, async () => (await push(app, bodyOf(newId()))).status));
    try {
      await pushes(first);
      const counted = `SELECT 1 FROM rate_limits WHERE points = $1`;
      await until(async () => (await app.sql(counted, [2 * share])).length === 1);
      const { last } = await app.db.tx(systemContext, async (tx) => {
        await tx.query('SELECT 1 FROM rate_limits FOR UPDATE');
        expect(new Set(await pushes(2 * share - first))).toEqual(new Set([200]));
        return { last: push(app, bodyOf(newId())) };
      });
      expect((await last).status).toBe(200);
    } finally {
      await app.stop();
    }
  });
});

describe('a burst', () => {
  let app: ShippingApp;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(() => app.stop());

  it('loses no accepted event: every 2xx is one row, everything else is a 503', async () => {
    const orderIds = Array.from({ length: 1_000 }, () => newId());
    const sent = [...orderIds, ...orderIds.slice(0, 200)];
    const answers = await Promise.all(
      sent.map(async (orderId) => ({ orderId, status: (await push(app, bodyOf(orderId))).status })),
    );
    expect(new Set(answers.map(({ status }) => status)).size).toBeLessThanOrEqual(2);
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    const accepted = new Set(answers.filter(({ status }) => status === 200).map(({ orderId }) => orderId));
    expect(await rowsOf(app, [...accepted])).toBe(accepted.size);
  });

  it('of more than can wait is refused with a time to come back, without a row', async () => {
    const keys = Array.from({ length: 5_000 }, () => `burst ${newId()}`);
    const ends = await Promise.allSettled(
      keys.map((dedupeKey) =>
        app
          .get(WebhookInbox)
          .receive({ source: 'probe', dedupeKey, eventType: 'probe', raw: Buffer.from('{}'), headers: {} }),
      ),
    );
    const refused = ends.flatMap((end) =>
      end.status === 'rejected' ? [end.reason as { code: string; retryAfterSeconds: number }] : [],
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(
      refused.every(({ code, retryAfterSeconds }) => code === 'service.unavailable' && retryAfterSeconds > 0),
    ).toBe(true);
    const [rows] = await app.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM webhook_events WHERE dedupe_key LIKE 'burst %'`,
    );
    expect(rows?.n).toBe(keys.length - refused.length);
  });

  it('of bytes without a length ends at the limit, and nothing is inflated', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
      const sent = request(`${app.url}${path}?token=${token}`, { method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode ?? 0);
        answer.resume();
        sent.destroy();
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
      });
      let left = 100;
      const more = () => {
        while (!sent.destroyed && left > 0) {
          left -= 1;
          if (!sent.write(Buffer.alloc(1_000_000, 32))) break;
        }
        if (left > 0 && !sent.destroyed) sent.once('drain', more);
      };
      more();
    });
    expect(status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(50_000_000, 32));
    const inflated = await fetch(`${app.url}${path}?token=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: bomb,
    });
    expect(inflated.status).toBe(415);
  });
});
