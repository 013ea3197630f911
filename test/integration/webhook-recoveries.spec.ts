import { WebhookEndpointsStore } from '../../src/modules/webhook-endpoints/webhook-endpoints.store.js';
import { WebhookEndpointsWorker } from '../../src/modules/webhook-endpoints/webhook-endpoints.worker.js';
import type { DeliveryStatus } from '../../src/modules/webhook-endpoints/webhook-delivery.entity.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startHooksApp, type HooksApp } from '../support/hooks-app.js';
import { until } from '../support/until.js';

interface Delivery {
  id: string;
  webhookId: string;
  event: string;
  body: { type: string; data: Record<string, unknown> };
  status: DeliveryStatus;
  failureCode: string | null;
  nextAttemptAt: string | null;
  endedAt: string | null;
  attempts: { round: number; outcome: string }[];
}

interface Answer<T> {
  status: number;
  body: T & { code?: string };
}

const seconds = 1_000;
const days = 86_400 * seconds;

describe('what happens while an endpoint is disabled', () => {
  let app: HooksApp['app'];
  let clock: HooksApp['clock'];
  let receiver: HooksApp['receiver'];
  let stop: HooksApp['stop'];

  beforeAll(async () => {
    ({ app, clock, receiver, stop } = await startHooksApp('held-hooks'));
  });
  afterAll(() => stop());
  beforeEach(() => {
    receiver.moves();
  });

  /** An organization of its own with an endpoint that has answered 410 to one event. */
  const disabled = async (events: string[] | null = null) => {
    const organizationId = await app.organization();
    const authorization = await app.key({ organizationId });
    const call = async <T>(method: string, path: string, body?: object): Promise<Answer<T>> => {
      const response = await fetch(`${app.url}/api${path}`, {
        method,
        headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T & { code?: string } };
    };
    const { id } = (await call<{ id: string }>('POST', '/webhook-endpoints', { url: `${receiver.url}/hook`, events }))
      .body;
    const happens = async (...names: string[]): Promise<void> => {
      for (const name of names) {
        const prescriptionId = newId();
        const event = { name, aggregateId: prescriptionId, organizationId, payload: { prescriptionId } };
        await app.db.tx(systemContext, (tx) => app.get(Outbox).publish(tx, event));
      }
    };
    const deliveries = async (status: DeliveryStatus): Promise<Delivery[]> =>
      (await call<{ items: Delivery[] }>('GET', `/webhook-endpoints/${id}/deliveries?status=${status}`)).body.items;
    const has = (status: DeliveryStatus, count: number) =>
      until(async () => (await deliveries(status)).length === count);
    const enable = () => call('POST', `/webhook-endpoints/${id}/enable`);
    const recover = (body?: object) => call<{ recovered: number }>('POST', `/webhook-endpoints/${id}/recover`, body);
    const isDisabled = async () =>
      (await call<{ disabledAt: string | null }>('GET', `/webhook-endpoints/${id}`)).body.disabledAt !== null;
    /** Nothing is under way any more: no job of the organization is left. */
    const settled = () =>
      until(async () => {
        const open = await app.sql('SELECT 1 FROM outbox_events WHERE organization_id = $1 AND done_at IS NULL', [
          organizationId,
        ]);
        return open.length === 0;
      });
    receiver.answers(410);
    await happens('intake_received');
    await has('failed', 1);
    await settled();
    receiver.answers(200);
    receiver.received.length = 0;
    return { id, organizationId, call, happens, deliveries, has, enable, recover, isDisabled, settled };
  };
  const received = () => receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  const told = ['prescription_validated', 'payment_successful', 'sent_to_pharmacy', 'delivered'];

  it('is held with its body, also where every endpoint of the organization is disabled, and nothing of it is sent', async () => {
    const { happens, has, deliveries, settled } = await disabled();
    await happens(...told);
    await has('held', told.length);
    await settled();
    const held = await deliveries('held');
    expect(held.map(({ event }) => event).sort()).toEqual(told.toSorted());
    for (const one of held) {
      expect(one).toMatchObject({ attempts: [], failureCode: null, nextAttemptAt: null, endedAt: null });
      expect(one.body).toMatchObject({ type: one.event, data: { prescriptionId: expect.any(String) as string } });
    }
    expect(receiver.received).toEqual([]);
  });

  it('is not its own end, which only the others are told', async () => {
    const { happens, has, deliveries } = await disabled();
    await happens('delivered');
    await has('held', 1);
    expect((await deliveries('held')).map(({ event }) => event)).toEqual(['delivered']);
  });

  it('is held only as far as the endpoint wants it', async () => {
    const { happens, has, settled } = await disabled(['intake_received', 'delivered']);
    await happens('cancelled', 'delivered');
    await settled();
    await has('held', 1);
  });

  it('stays where it is when the endpoint is enabled, and what happens from then on is sent', async () => {
    const { happens, has, enable, settled } = await disabled();
    await happens('delivered');
    await has('held', 1);
    await enable();
    await happens('returned');
    await has('delivered', 1);
    await settled();
    expect(received()).toEqual(['returned']);
    await has('held', 1);
  });

  it('is sent as any other where the endpoint is being enabled at that moment', async () => {
    const { id, happens, has, deliveries } = await disabled();
    await app.db.tx(systemContext, async (tx) => {
      await app.get(WebhookEndpointsStore).enable(tx, id);
      await happens('delivered');
      await until(async () => {
        const waiting = await app.sql(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length > 0;
      });
    });
    await has('delivered', 1);
    expect(await deliveries('held')).toEqual([]);
  });

  it('is sent once and in order when its owner asks for it, together with what had failed for good', async () => {
    const { happens, has, enable, recover, deliveries, settled } = await disabled();
    await happens(...told);
    await has('held', told.length);
    const [failed] = await deliveries('failed');
    await enable();
    const answers = await Promise.all([recover(), recover(), recover()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(answers.map(({ body }) => body.recovered).sort()).toEqual([0, 0, told.length + 1]);
    await has('delivered', told.length + 1);
    expect((await recover()).body).toEqual({ recovered: 0 });
    await settled();
    expect(received()).toEqual(['intake_received', ...told]);
    const delivered = await deliveries('delivered');
    expect(delivered.find(({ id }) => id === failed?.id)).toMatchObject({
      webhookId: failed?.webhookId,
      attempts: [
        { round: 1, outcome: 'failed' },
        { round: 2, outcome: 'delivered' },
      ],
    });
  });

  it('goes out one after another, whatever else is asked for meanwhile', async () => {
    const { happens, has, enable, recover, settled } = await disabled();
    await happens(...told);
    await has('held', told.length);
    await enable();
    const open: (() => void)[] = [];
    let most = 0;
    receiver.answers((response) => {
      open.push(() => response.end());
      most = Math.max(most, open.length);
    });
    await recover();
    for (let count = 1; count <= told.length + 1; count += 1) {
      await until(() => open.length > 0);
      expect((await recover()).body.recovered).toBe(0);
      expect(receiver.received).toHaveLength(count);
      open.shift()?.();
    }
    await settled();
    expect(most).toBe(1);
    expect(received()).toEqual(['intake_received', ...told]);
  });

  it('is not held up by one that is not taken, which is tried again as any other', async () => {
    const { happens, has, enable, recover, deliveries } = await disabled();
    await happens(...told);
    await has('held', told.length);
    await enable();
    receiver.answers((response, { body }) =>
      response.writeHead(body.includes('"prescription_validated"') ? 503 : 200).end(),
    );
    await recover();
    await has('delivered', told.length);
    expect(received()).toEqual(['intake_received', ...told]);
    expect(await deliveries('pending')).toMatchObject([
      { event: 'prescription_validated', nextAttemptAt: new Date(clock.now().getTime() + 5 * seconds).toISOString() },
    ]);
    receiver.answers(200);
    clock.advance(5 * seconds);
    await has('delivered', told.length + 1);
  });

  it('is sent from an instant on, where one is given', async () => {
    const { happens, has, enable, recover, settled } = await disabled();
    await happens('payment_successful');
    await has('held', 1);
    clock.advance(60 * seconds);
    const since = clock.now().toISOString();
    await happens('delivered');
    await has('held', 2);
    await enable();
    expect((await recover({ since })).body).toEqual({ recovered: 1 });
    await has('delivered', 1);
    await settled();
    expect(received()).toEqual(['delivered']);
    expect((await recover({ since: 'yesterday' })).body.code).toBe('request.invalid');
    expect((await recover({ since: '-271821-04-20T00:00:00Z' })).body.code).toBe('request.invalid');
    expect((await recover({ since: '+275760-09-13T00:00:00Z' })).body.code).toBe('request.invalid');
    expect((await recover({ since: '9999-12-31T00:00:00Z' })).body).toEqual({ recovered: 0 });
  });

  it('is refused while the endpoint is still disabled, and held again where it is disabled meanwhile', async () => {
    const { happens, has, enable, recover, isDisabled, settled } = await disabled();
    await happens(...told);
    await has('held', told.length);
    expect(await recover()).toMatchObject({ status: 409, body: { code: 'webhook-endpoint.disabled' } });
    await has('held', told.length);
    await enable();
    receiver.answers(410);
    await recover();
    await until(isDisabled);
    await settled();
    expect(receiver.received).toHaveLength(1);
    await has('failed', 1);
    await has('held', told.length);
    receiver.answers(200);
    await enable();
    expect((await recover()).body).toEqual({ recovered: told.length + 1 });
    await has('delivered', told.length + 1);
    expect(received().slice(1)).toEqual(['intake_received', ...told]);
  });

  it('can be sent one by one, too', async () => {
    const { happens, has, enable, call, deliveries, recover } = await disabled();
    await happens('delivered');
    await has('held', 1);
    const [held] = await deliveries('held');
    const resend = () => call('POST', `/webhook-deliveries/${held?.id ?? ''}/resend`);
    expect((await resend()).body.code).toBe('webhook-endpoint.disabled');
    await enable();
    expect((await resend()).status).toBe(202);
    await has('delivered', 1);
    expect((await recover({ since: clock.now().toISOString() })).body.recovered).toBe(1); // the one of 410
    await has('delivered', 2);
    expect(received()).toEqual(['delivered', 'intake_received']);
  });

  it('holds up no ping, and a ping that failed is not recovered', async () => {
    const { id, call, has, enable, recover, deliveries } = await disabled();
    receiver.answers(500);
    await call('POST', `/webhook-endpoints/${id}/test`);
    await has('failed', 2);
    receiver.answers(200);
    await enable();
    expect((await recover()).body).toEqual({ recovered: 1 });
    await has('delivered', 1);
    expect((await deliveries('failed')).map(({ event }) => event)).toEqual(['ping']);
  });

  it('is of no use to another organization', async () => {
    const { id, happens, has, enable } = await disabled();
    const stranger = await disabled();
    await happens('delivered');
    await has('held', 1);
    await enable();
    const answer = await stranger.call('POST', `/webhook-endpoints/${id}/recover`);
    expect(answer).toMatchObject({ status: 404, body: { code: 'webhook-endpoint.not-found' } });
    await has('held', 1);
    expect(receiver.received).toEqual([]);
  });

  it('is forgotten after thirty days, and not a moment earlier', async () => {
    const { happens, has, deliveries } = await disabled();
    await happens('delivered');
    await has('held', 1);
    clock.advance(30 * days);
    await app.get(WebhookEndpointsWorker).sweep();
    expect(await deliveries('held')).toHaveLength(1);
    clock.advance(1);
    await app.get(WebhookEndpointsWorker).sweep();
    expect(await deliveries('held')).toEqual([]);
  });

  it('goes with the endpoint when that is deleted, and nothing more is kept for it', async () => {
    const { id, organizationId, call, happens, has, settled } = await disabled();
    await happens(...told);
    await has('held', told.length);
    expect((await call('DELETE', `/webhook-endpoints/${id}`)).status).toBe(204);
    await happens('delivered');
    await settled();
    const left = await app.sql('SELECT status FROM webhook_deliveries WHERE organization_id = $1', [organizationId]);
    expect(left).toEqual([{ status: 'failed' }]);
    expect((await call('POST', `/webhook-endpoints/${id}/recover`)).body.code).toBe('webhook-endpoint.not-found');
  });
});
