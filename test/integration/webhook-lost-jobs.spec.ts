import { WebhookEndpointsWorker } from '../../src/modules/webhook-endpoints/webhook-endpoints.worker.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startHooksApp, type HooksApp } from '../support/hooks-app.js';
import { until } from '../support/until.js';

const hour = 3_600_000;

describe('a delivery whose job was lost', () => {
  let app: HooksApp['app'];
  let clock: HooksApp['clock'];
  let receiver: HooksApp['receiver'];
  let stop: HooksApp['stop'];

  beforeAll(async () => {
    ({ app, clock, receiver, stop } = await startHooksApp('lost-hooks'));
  });
  afterAll(() => stop());
  beforeEach(() => {
    receiver.moves();
    receiver.received.length = 0;
  });

  const sweep = () => app.get(WebhookEndpointsWorker).sweep();
  const received = () => receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);

  /** An endpoint of an organization of its own, with one delivery for each of these that was tried once, in vain. */
  const tried = async (...names: string[]) => {
    const organizationId = await app.organization();
    const response = await fetch(`${app.url}/api/webhook-endpoints`, {
      method: 'POST',
      headers: { authorization: await app.key({ organizationId }), 'content-type': 'application/json' },
      body: JSON.stringify({ url: `${receiver.url}/hook`, events: null }),
    });
    const { id } = (await response.json()) as { id: string };
    receiver.answers(503);
    for (const name of names) {
      const prescriptionId = newId();
      const event = { name, aggregateId: prescriptionId, organizationId, payload: { prescriptionId } };
      await app.db.tx(systemContext, (tx) => app.get(Outbox).publish(tx, event));
    }
    const count = async (condition: string) =>
      (await app.sql(`SELECT 1 FROM webhook_deliveries WHERE endpoint_id = $1 AND ${condition}`, [id])).length;
    await until(async () => (await count(`status = 'pending' AND tries = 1`)) === names.length);
    receiver.answers(200);
    receiver.received.length = 0;
    const loseJobs = () =>
      app.sql(
        `UPDATE outbox_events SET done_at = $2 FROM webhook_deliveries d
         WHERE d.endpoint_id = $1 AND aggregate_id = d.id AND done_at IS NULL`,
        [id, clock.now()],
      );
    return { id, count, loseJobs };
  };

  it('is taken up again when it is an hour overdue, once', async () => {
    const { count, loseJobs } = await tried('delivered');
    await loseJobs();
    clock.advance(hour);
    await sweep();
    expect(await count(`status = 'pending'`)).toBe(1);
    clock.advance(5_001);
    await Promise.all([sweep(), sweep()]);
    await until(async () => (await count(`status = 'delivered'`)) === 1);
    await sweep();
    expect(received()).toEqual(['delivered']);
  });

  it('is left alone while it has one', async () => {
    const { count } = await tried('delivered');
    clock.advance(2 * hour);
    await Promise.all([sweep(), sweep()]);
    await until(async () => (await count(`status = 'delivered'`)) === 1);
    expect(received()).toEqual(['delivered']);
  });

  it('hands its turn on when it was its turn', async () => {
    const { id, count, loseJobs } = await tried('intake_received', 'prescription_validated', 'delivered');
    await loseJobs();
    await app.sql(
      `WITH first AS (SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY event_id LIMIT 1),
         turn AS (UPDATE webhook_endpoints SET recovering_id = first.id FROM first WHERE webhook_endpoints.id = $1)
       UPDATE webhook_deliveries d SET next_attempt_at = NULL FROM first WHERE endpoint_id = $1 AND d.id <> first.id`,
      [id],
    );
    clock.advance(2 * hour);
    await sweep();
    await until(async () => (await count(`status = 'delivered'`)) === 3);
    expect(received()).toEqual(['intake_received', 'prescription_validated', 'delivered']);
  });
});
