import type { DeliveryStatus } from '../../src/modules/webhook-endpoints/webhook-delivery.entity.js';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { WebhookEndpointsWorker } from '../../src/modules/webhook-endpoints/webhook-endpoints.worker.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startHooksApp, type HooksApp } from '../support/hooks-app.js';
import { insertPrescription } from '../support/prescription-rows.js';
import { signedByStandard } from '../support/standard-webhooks.js';
import { eventually, until } from '../support/until.js';
import type { Received } from '../support/webhook-receiver.js';

interface Attempt {
  round: number;
  outcome: string;
  statusCode: number | null;
  failureCode: string | null;
  durationMs: number | null;
}
interface Delivery {
  id: string;
  webhookId: string;
  event: string;
  status: DeliveryStatus;
  failureCode: string | null;
  nextAttemptAt: string | null;
  attempts: Attempt[];
}
interface Endpoint {
  id: string;
  secret: string;
  failingSince: string | null;
  disabledAt: string | null;
  disabledReason: string | null;
  previousSecretUntil: string | null;
}

interface Answer<T> {
  status: number;
  body: T & { code?: string };
}

const seconds = 1_000;
const hours = 3_600 * seconds;

describe('webhooks for integrators', () => {
  let app: HooksApp['app'];
  let clock: HooksApp['clock'];
  let receiver: HooksApp['receiver'];
  let stop: HooksApp['stop'];

  beforeAll(async () => {
    ({ app, clock, receiver, stop } = await startHooksApp('hooks'));
  });
  afterAll(() => stop());
  beforeEach(() => receiver.moves());

  /** An organization of its own, so that no other promise's endpoints hear its events. */
  const integrator = async () => {
    const organizationId = await app.organization();
    const authorization = await app.key({ organizationId });
    const call = async <T = Endpoint>(
      method: string,
      path: string,
      body?: object,
      key?: string,
    ): Promise<Answer<T>> => {
      const response = await fetch(`${app.url}/api${path}`, {
        method,
        headers: {
          authorization,
          ...(key !== undefined && { 'idempotency-key': key }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T & { code?: string } };
    };
    const endpoint = async (wish: object = {}): Promise<Endpoint> =>
      (await call('POST', '/webhook-endpoints', { url: `${receiver.url}/hook`, ...wish })).body;
    const happens = async (name: string, payload: Record<string, string> = {}): Promise<void> => {
      const about = { prescriptionId: newId(), ...payload };
      await app.db.tx(systemContext, (tx) =>
        app.get(Outbox).publish(tx, { name, aggregateId: about.prescriptionId, organizationId, payload: about }),
      );
    };
    const deliveries = async (id: string): Promise<Delivery[]> =>
      (await call<{ items: Delivery[] }>('GET', `/webhook-endpoints/${id}/deliveries`)).body.items;
    const ended = (id: string, status: DeliveryStatus) =>
      eventually(async () => (await deliveries(id)).find((one) => one.status === status));
    return { organizationId, call, endpoint, happens, deliveries, ended };
  };
  const receives = async (count: number): Promise<Received[]> => {
    await until(() => receiver.received.length >= count);
    return receiver.received;
  };
  const bodyOf = ({ body }: Received) => JSON.parse(body) as { type: string; data: Record<string, unknown> };
  const failed = (count: number, id: string, deliveries: (id: string) => Promise<Delivery[]>) =>
    until(async () => {
      const [one] = await deliveries(id);
      return one?.attempts.filter(({ outcome }) => outcome === 'failed').length === count;
    });

  it('are made once for one Idempotency-Key, also when its answer was lost', async () => {
    const { organizationId } = await integrator();
    const authorization = await app.key({ organizationId });
    const create = async (wish: object = {}) => {
      const response = await fetch(`${app.url}/api/webhook-endpoints`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': 'endpoint-1' },
        body: JSON.stringify({ url: `${receiver.url}/hook`, events: ['delivered'], ...wish }),
      });
      await app.sql('DELETE FROM idempotency_keys');
      return { status: response.status, body: (await response.json()) as Endpoint & { code?: string } };
    };
    const first = await create();
    const again = await create();
    expect([first.status, again]).toEqual([201, first]);
    expect(await create({ events: null })).toMatchObject({
      status: 422,
      body: { code: 'idempotency.key-reused' },
    });
    const rows = await app.sql('SELECT 1 FROM webhook_endpoints WHERE organization_id = $1', [organizationId]);
    expect(rows).toHaveLength(1);
  });

  it('tell of a step of a prescription, signed so that anybody can verify it', async () => {
    const { organizationId, endpoint, ended } = await integrator();
    const { id, secret } = await endpoint();
    const prescriptionId = await insertPrescription(
      { ...app, organizationId },
      { state: 'received', organization_id: organizationId },
    );
    await app.db.tx(systemContext, (tx) =>
      app
        .get(Prescriptions)
        .move(tx, { id: prescriptionId, action: 'pass_validation', actor: systemActor, trigger: 'worker' }),
    );
    const [one] = await receives(1);
    if (one === undefined) throw new Error('nothing came');
    const [prescription] = await app.sql<{ ticket_id: string }>('SELECT ticket_id FROM prescriptions WHERE id = $1', [
      prescriptionId,
    ]);
    expect(bodyOf(one)).toEqual({
      type: 'prescription_validated',
      version: 1,
      timestamp: clock.now().toISOString(),
      data: { prescriptionId, ticketId: prescription?.ticket_id, state: 'validated' },
    });
    expect(one.headers['content-type']).toBe('application/json');
    expect(await signedByStandard(one, secret)).toBe(true);
    const { 'webhook-id': webhookId, 'webhook-timestamp': timestamp } = one.headers;
    expect(timestamp).toBe(String(Math.floor(clock.now().getTime() / 1000)));
    expect(await ended(id, 'delivered')).toMatchObject({
      webhookId,
      attempts: [
        { outcome: 'delivered', statusCode: 200, failureCode: null, durationMs: expect.any(Number) as number },
      ],
    });
  });

  it('go once to each endpoint that wants the event, also when its job runs twice, and to no other organization', async () => {
    const { organizationId, endpoint, happens, deliveries } = await integrator();
    const stranger = await integrator();
    const elsewhere = await stranger.endpoint({ url: `${receiver.url}/stranger` });
    const all = await endpoint({ url: `${receiver.url}/all` });
    const some = await endpoint({ url: `${receiver.url}/some`, events: ['delivered'] });
    const other = await endpoint({ url: `${receiver.url}/other`, events: ['cancelled'] });
    await happens('delivered');
    await receives(2);
    await app.sql(
      `UPDATE outbox_events SET done_at = NULL, due_at = $2 WHERE organization_id = $1 AND subscriber = 'webhook-endpoints.hear'`,
      [organizationId, clock.now()],
    );
    await until(async () => {
      const open = await app.sql('SELECT 1 FROM outbox_events WHERE organization_id = $1 AND done_at IS NULL', [
        organizationId,
      ]);
      return open.length === 0;
    });
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/all', '/some']);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await deliveries(all.id)).toHaveLength(1);
    expect(await deliveries(some.id)).toHaveLength(1);
    expect(await deliveries(other.id)).toHaveLength(0);
    expect(await stranger.deliveries(elsewhere.id)).toHaveLength(0);
  });

  it('cost an organization without endpoints, or an event nobody wants, no job at all', async () => {
    const { organizationId, endpoint, happens, call } = await integrator();
    const hearing = async () =>
      (
        await app.sql(
          `SELECT 1 FROM outbox_events WHERE organization_id = $1 AND subscriber = 'webhook-endpoints.hear'`,
          [organizationId],
        )
      ).length;
    await happens('delivered');
    const { id } = await endpoint({ events: ['delivered'] });
    await happens('cancelled');
    expect(await hearing()).toBe(0);
    await happens('delivered');
    expect(await hearing()).toBe(1);
    await call('PATCH', `/webhook-endpoints/${id}`, { events: ['cancelled'] });
    await happens('delivered');
    expect(await hearing()).toBe(1);
    await happens('cancelled');
    expect(await hearing()).toBe(2);
    await call('DELETE', `/webhook-endpoints/${id}`);
    await happens('cancelled');
    expect(await hearing()).toBe(2);
  });

  it('are tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h under the same id, and then have failed', async () => {
    const { endpoint, happens, deliveries, ended } = await integrator();
    const { id, secret } = await endpoint();
    receiver.answers(503);
    await happens('delivered');
    const waits = [5 * seconds, 300 * seconds, 0.5 * hours, 2 * hours, 5 * hours, 10 * hours, 10 * hours];
    for (const [tries, wait] of waits.entries()) {
      await failed(tries + 1, id, deliveries);
      const [one] = await deliveries(id);
      expect(one).toMatchObject({ status: 'pending', failureCode: 'refused' });
      expect(Date.parse(one?.nextAttemptAt ?? '')).toBe(clock.now().getTime() + wait);
      clock.advance(wait - 1);
      await new Promise((resolve) => setTimeout(resolve, 120));
      expect(receiver.received).toHaveLength(tries + 1);
      clock.advance(1);
      await receives(tries + 2);
    }
    const last = await ended(id, 'failed');
    expect(last).toMatchObject({ failureCode: 'refused', nextAttemptAt: null });
    expect(last.attempts).toHaveLength(8);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([last.webhookId]));
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    for (const one of receiver.received) expect(await signedByStandard(one, secret)).toBe(true);
    // Each with the time of its own try: receivers refuse old ones.
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(8);
    clock.advance(24 * hours);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(receiver.received).toHaveLength(8);
  });

  it('arrive at the second try as at the first, and the endpoint is well again', async () => {
    const { endpoint, happens, call, deliveries, ended } = await integrator();
    const { id } = await endpoint();
    receiver.answers(500);
    await happens('delivered');
    await failed(1, id, deliveries);
    expect((await call('GET', `/webhook-endpoints/${id}`)).body.failingSince).toBe(clock.now().toISOString());
    receiver.answers(204);
    clock.advance(5 * seconds);
    const one = await ended(id, 'delivered');
    expect(one.attempts.map(({ outcome, statusCode }) => [outcome, statusCode])).toEqual([
      ['failed', 500],
      ['delivered', 204],
    ]);
    expect((await call('GET', `/webhook-endpoints/${id}`)).body.failingSince).toBeNull();
  });

  it('are given up for an endpoint without one success in five days: told in the audit trail, by a ticket and to the other endpoints', async () => {
    const { organizationId, endpoint, happens, call, deliveries } = await integrator();
    const { id } = await endpoint({ url: `${receiver.url}/dead` });
    await endpoint({ url: `${receiver.url}/alive`, events: ['webhook_endpoint_disabled'] });
    receiver.answers((response, { path }) => response.writeHead(path === '/dead' ? 500 : 200).end());
    await happens('delivered');
    await failed(1, id, deliveries);
    clock.advance(120 * hours - 1);
    await failed(2, id, deliveries);
    expect((await call('GET', `/webhook-endpoints/${id}`)).body.disabledAt).toBeNull();
    clock.advance(1);
    await happens('cancelled');
    const disabled = await eventually(async () => {
      const { body } = await call('GET', `/webhook-endpoints/${id}`);
      return body.disabledAt === null ? undefined : body;
    });
    expect(disabled).toMatchObject({ disabledReason: 'failing', disabledAt: clock.now().toISOString() });
    await until(() => receiver.received.some(({ path }) => path === '/alive'));
    const notice = receiver.received.find(({ path }) => path === '/alive');
    expect(notice && bodyOf(notice)).toMatchObject({
      type: 'webhook_endpoint_disabled',
      data: { endpointId: id, reason: 'failing' },
    });
    const audit = await app.sql(
      `SELECT actor_kind, action FROM audit_entries WHERE organization_id = $1 AND reason = 'disable:failing' AND entity_ids = ARRAY[$2]::uuid[]`,
      [organizationId, id],
    );
    expect(audit).toEqual([{ actor_kind: 'system', action: 'write' }]);
    const tickets = await app.sql(
      `SELECT e.details FROM healthcare_tickets t JOIN ticket_events e ON e.ticket_id = t.id
       WHERE t.organization_id = $1 AND t.ticket_type = 'support' AND e.reason = 'webhook-endpoint.disabled'`,
      [organizationId],
    );
    expect(tickets).toEqual([{ details: { type: 'support', endpointId: id, why: 'failing' } }]);

    const before = receiver.received.length;
    await happens('delivered');
    clock.advance(48 * hours);
    await until(async () => {
      const all = await deliveries(id);
      return all.length === 3 && all.every(({ status }) => status !== 'pending');
    });
    expect((await deliveries(id)).map(({ event, status, failureCode }) => [event, status, failureCode])).toEqual([
      ['delivered', 'held', null],
      ['cancelled', 'failed', 'endpoint-disabled'],
      ['delivered', 'failed', 'endpoint-disabled'],
    ]);
    expect(receiver.received.slice(before)).toEqual([]);

    receiver.answers(200);
    expect((await call('POST', `/webhook-endpoints/${id}/enable`)).body).toMatchObject({
      disabledAt: null,
      failingSince: null,
    });
    await happens('returned');
    const [again] = await eventually(async () => {
      const found = receiver.received.filter((one) => one.path === '/dead').slice(-1);
      return found[0] !== undefined && bodyOf(found[0]).type === 'returned' ? found : undefined;
    });
    expect(again).toBeDefined();
  });

  it('end at once where the answer is 410', async () => {
    const { endpoint, happens, call, ended } = await integrator();
    const { id } = await endpoint();
    receiver.answers(410);
    await happens('delivered');
    expect(await ended(id, 'failed')).toMatchObject({ failureCode: 'gone', attempts: [{ statusCode: 410 }] });
    expect((await call('GET', `/webhook-endpoints/${id}`)).body).toMatchObject({ disabledReason: 'gone' });
  });

  it('do not follow a redirect', async () => {
    const { endpoint, happens, deliveries } = await integrator();
    const { id } = await endpoint();
    receiver.answers((response) => response.writeHead(302, { location: `${receiver.url}/elsewhere` }).end());
    await happens('delivered');
    await failed(1, id, deliveries);
    expect((await deliveries(id))[0]?.attempts).toMatchObject([{ statusCode: 302, failureCode: 'redirected' }]);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('wait for nobody: a slow receiver holds up no other', async () => {
    const { endpoint, happens, deliveries, ended } = await integrator();
    const slow = await endpoint({ url: `${receiver.url}/slow`, events: ['tracking_updated'] });
    const quick = await endpoint({ url: `${receiver.url}/quick`, events: ['delivered'] });
    const held: (() => void)[] = [];
    receiver.answers((response, { path }) => {
      if (path === '/quick') response.end();
      else held.push(() => response.end());
    });
    for (let count = 0; count < 12; count += 1) await happens('tracking_updated');
    await until(() => held.length === 4);
    await happens('delivered');
    await ended(quick.id, 'delivered');
    expect(held).toHaveLength(4);
    receiver.answers(200);
    for (const release of held) release();
    await until(async () => {
      // In small steps: a slow test must not outlive the lease of a job by its own clock.
      clock.advance(seconds);
      const all = await deliveries(slow.id);
      return all.length === 12 && all.every(({ status }) => status === 'delivered');
    });
    expect(receiver.received.filter(({ path }) => path === '/slow')).toHaveLength(12);
  });

  it('wait for a receiver that hangs, for days if need be, and become no dead letters', async () => {
    const { endpoint, happens, deliveries } = await integrator();
    const { id } = await endpoint({ events: ['tracking_updated'] });
    const held: (() => void)[] = [];
    receiver.answers((response) => held.push(() => response.end()));
    for (let count = 0; count < 6; count += 1) await happens('tracking_updated');
    await until(() => held.length === 4);
    const waiting = await eventually(async () => {
      const rows = await app.sql<{ id: string }>(
        `SELECT id FROM outbox_events WHERE payload ->> 'endpointId' = $1 AND last_error = 'webhook-endpoint.busy'
           AND done_at IS NULL AND dispatched_at IS NULL`,
        [id],
      );
      return rows.length === 2 ? rows.map((row) => row.id) : undefined;
    });
    await app.sql(
      `UPDATE outbox_events SET occurred_at = occurred_at - interval '25 hours', attempts = 37 WHERE id = ANY($1::uuid[])`,
      [waiting],
    );
    await until(async () => {
      clock.advance(seconds);
      const open = await app.sql(`SELECT 1 FROM outbox_events WHERE id = ANY($1::uuid[]) AND done_at IS NULL`, [
        waiting,
      ]);
      return open.length === 0;
    });
    expect(await app.sql('SELECT reason FROM dead_letters WHERE outbox_id = ANY($1::uuid[])', [waiting])).toEqual([]);
    receiver.answers(200);
    for (const release of held) release();
    await until(async () => {
      clock.advance(seconds);
      return (await deliveries(id)).every(({ status }) => status === 'delivered');
    });
    expect(receiver.received).toHaveLength(6);
  });

  it('are sent again on request, under the same id and with all their tries', async () => {
    const { endpoint, happens, call, ended } = await integrator();
    const { id } = await endpoint();
    await happens('delivered');
    const first = await ended(id, 'delivered');
    receiver.answers(500);
    const resent = await call<Delivery>('POST', `/webhook-deliveries/${first.id}/resend`);
    expect(resent.status).toBe(202);
    expect(resent.body).toMatchObject({ status: 'pending', webhookId: first.webhookId });
    await receives(2);
    expect((await call('POST', `/webhook-deliveries/${first.id}/resend`)).body.code).toBe('webhook-delivery.under-way');
    await until(async () => {
      const { items } = (await call<{ items: Delivery[] }>('GET', `/webhook-endpoints/${id}/deliveries`)).body;
      return items[0]?.attempts.some(({ outcome }) => outcome === 'failed') === true;
    });
    receiver.answers(200);
    clock.advance(5 * seconds);
    const again = await ended(id, 'delivered');
    expect(again.attempts.map(({ round, outcome }) => [round, outcome])).toEqual([
      [1, 'delivered'],
      [2, 'failed'],
      [2, 'delivered'],
    ]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('are signed with both secrets for a day after a rotation, then with the new one alone', async () => {
    const { endpoint, happens, call } = await integrator();
    const { id, secret: former } = await endpoint();
    const { body } = await call('POST', `/webhook-endpoints/${id}/rotate-secret`);
    expect(body.secret).not.toBe(former);
    expect(body.previousSecretUntil).toBe(new Date(clock.now().getTime() + 24 * hours).toISOString());
    await happens('delivered');
    const [during] = await receives(1);
    if (during === undefined) throw new Error('nothing came');
    expect(await signedByStandard(during, former)).toBe(true);
    expect(await signedByStandard(during, body.secret)).toBe(true);
    clock.advance(24 * hours);
    await happens('delivered');
    const [, after] = await receives(2);
    if (after === undefined) throw new Error('nothing came');
    expect(await signedByStandard(after, former)).toBe(false);
    expect(await signedByStandard(after, body.secret)).toBe(true);
    const sealed = await app.sql<{ plain: boolean }>(
      `SELECT position(convert_to($2, 'UTF8') IN secret_sealed) > 0 AS plain FROM webhook_endpoints WHERE id = $1`,
      [id, body.secret.slice(6)],
    );
    expect(sealed).toEqual([{ plain: false }]);
  });

  it('get one new secret for one Idempotency-Key: a repeat of a lost answer drops none that the receiver knows', async () => {
    const { endpoint, happens, call } = await integrator();
    const { id, secret: known } = await endpoint();
    const rotate = () => call('POST', `/webhook-endpoints/${id}/rotate-secret`, undefined, 'rotation-1');
    const [lost, heard] = [await rotate(), await rotate()];
    expect(heard).toEqual(lost);
    await happens('delivered');
    const [message] = await receives(1);
    if (message === undefined) throw new Error('nothing came');
    expect(await signedByStandard(message, known)).toBe(true);
    expect(await signedByStandard(message, heard.body.secret)).toBe(true);
  });

  it('can be tried by a ping, which is tried once and disables nothing', async () => {
    const { endpoint, call, ended } = await integrator();
    const { id } = await endpoint({ events: ['delivered'] });
    receiver.answers(500);
    expect((await call<Delivery>('POST', `/webhook-endpoints/${id}/test`)).body).toMatchObject({
      event: 'ping',
      status: 'pending',
    });
    expect(await ended(id, 'failed')).toMatchObject({ event: 'ping', attempts: [{ statusCode: 500 }] });
    expect(receiver.received.map(bodyOf)).toMatchObject([{ type: 'ping', data: { endpointId: id } }]);
    expect((await call('GET', `/webhook-endpoints/${id}`)).body).toMatchObject({
      failingSince: null,
      disabledAt: null,
    });
  });

  it('show their secret when it is made, and nowhere else', async () => {
    const { endpoint, call } = await integrator();
    const { id, secret } = await endpoint();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    for (const path of ['/webhook-endpoints', `/webhook-endpoints/${id}`]) {
      expect(JSON.stringify((await call('GET', path)).body)).not.toContain('whsec_');
    }
    expect(JSON.stringify((await call('PATCH', `/webhook-endpoints/${id}`, { description: 'x' })).body)).not.toContain(
      'whsec_',
    );
  });

  it('have at most twenty endpoints, of known events', async () => {
    const { endpoint, call } = await integrator();
    const refused = await call('POST', '/webhook-endpoints', { url: receiver.url, events: ['no_such_event'] });
    expect(refused).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    await Promise.all(Array.from({ length: 25 }, () => endpoint()));
    const { body } = await call<{ items: Endpoint[] }>('GET', '/webhook-endpoints');
    expect(body.items).toHaveLength(20);
    expect((await call('POST', '/webhook-endpoints', { url: receiver.url })).body.code).toBe(
      'webhook-endpoint.too-many',
    );
  });

  it('forget what ended thirty days ago', async () => {
    const { endpoint, happens, deliveries, ended } = await integrator();
    const { id } = await endpoint();
    await happens('delivered');
    await ended(id, 'delivered');
    clock.advance(30 * 24 * hours + 1);
    await app.get(WebhookEndpointsWorker).sweep();
    expect(await deliveries(id)).toEqual([]);
  });
});

describe('webhooks for integrators, as strict as in production', () => {
  let app: HooksApp['app'];
  let receiver: HooksApp['receiver'];
  let stop: HooksApp['stop'];

  beforeAll(async () => {
    ({ app, receiver, stop } = await startHooksApp('strict-hooks', {}));
  });
  afterAll(() => stop());

  it.each([
    ['http://127.0.0.1:5432/', 'private-address'],
    ['https://[::ffff:10.0.0.1]/', 'private-address'],
    ['https://3232235777/', 'private-address'],
    ['https://user:word@hooks.example.com/', 'credentials'],
    ['gopher://hooks.example.com/', 'scheme'],
    ['hooks', 'not-a-url'],
  ])('are not registered for %s', async (url, problem) => {
    const response = await fetch(`${app.url}/api/webhook-endpoints`, {
      method: 'POST',
      headers: { authorization: await app.user('ops'), 'content-type': 'application/json' },
      body: JSON.stringify({ url }),
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'webhook-endpoint.url-refused', problem });
  });

  it('do not reach a private address that was stored when it was allowed', async () => {
    const authorization = await app.user('ops');
    const headers = { authorization, 'content-type': 'application/json' };
    const made = await fetch(`${app.url}/api/webhook-endpoints`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ url: 'https://hooks.example.com/' }),
    });
    const { id } = (await made.json()) as { id: string };
    await app.sql('UPDATE webhook_endpoints SET url = $2 WHERE id = $1', [id, `${receiver.url}/secret`]);
    await fetch(`${app.url}/api/webhook-endpoints/${id}/test`, { method: 'POST', headers: { authorization } });
    const one = await eventually(async () => {
      const answer = await fetch(`${app.url}/api/webhook-endpoints/${id}/deliveries`, { headers: { authorization } });
      const { items } = (await answer.json()) as { items: { status: string; failureCode: string | null }[] };
      return items[0]?.status === 'failed' ? items[0] : undefined;
    });
    expect(one.failureCode).toBe('address-refused');
    expect(receiver.received).toEqual([]);
  });
});
