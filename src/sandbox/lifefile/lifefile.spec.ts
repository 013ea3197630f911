import { createHmac } from 'node:crypto';
import { startTestSandbox, testSecrets, type TestSandbox } from '../sandbox.fixture.js';
import { itWithFixtures, jsonFixture } from '../../../test/conformance/fixtures.js';

let sandbox: TestSandbox;
let manual: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox({ speed: 600_000 });
  manual = await startTestSandbox({ secrets: { ...testSecrets, lifefileUser: 'user', lifefilePassword: 'pass' } });
});
afterAll(() => Promise.all([sandbox.stop(), manual.stop()]));

const order = {
  message: { id: 1 },
  order: {
    general: { memo: '', referenceId: 'rx-1' },
    patient: { lastName: 'EXAMPLE', firstName: 'PAT' },
    rxs: [{ rxType: 'new', drugName: 'CREAM', quantity: 45, foreignRxNumber: 'rx-1' }],
  },
};

interface Reply {
  status: number;
  body: { type: string; data: { orderId: string; status: string | null } };
}

const numbers = { 'x-api-network-id': '1', 'x-vendor-id': '2', 'x-location-id': '3' };

async function call(
  target: TestSandbox,
  method: string,
  path: string,
  body?: object,
  user = 'user:pass',
  ids: Record<string, string> = numbers,
): Promise<Reply> {
  const response = await fetch(`${target.url}/lifefile/lfapi/v1/order${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(user).toString('base64')}`,
      ...ids,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Reply['body'] };
}

it('works through an order by itself and pushes each step, signed', async () => {
  const placed = await call(sandbox, 'POST', '', order);
  expect(placed).toMatchObject({ status: 200, body: { type: 'success' } });
  await sandbox.receiver.next(({ body }) => body.includes('"current":"order_delivered"'));
  const pushes = sandbox.receiver.received.map(({ path, headers, body }) => {
    expect(path).toBe('/api/webhooks/lifefile/prescription-status');
    expect(headers['x-lifefile-signature']).toBe(createHmac('sha256', testSecrets.lifefile).update(body).digest('hex'));
    return JSON.parse(body) as { status: { current: string; previous: string | null }; tracking?: object };
  });
  const words = ['received', 'processing', 'ready', 'shipped', 'out_for_delivery', 'delivered'].map(
    (word) => `order_${word}`,
  );
  expect(pushes.map((push) => push.status.current)).toEqual(words);
  expect(pushes.map((push) => push.status.previous)).toEqual([null, ...words.slice(0, -1)]);
  expect(pushes[3]).toMatchObject({
    eventType: 'prescription.status.update',
    referenceId: 'rx-1',
    prescription: { orderId: placed.body.data.orderId, foreignRxNumber: 'rx-1', quantity: 45 },
    tracking: { carrier: 'UPS' },
  });
});

it('knows no reference and takes a repeat for another order, as Lifefile does', async () => {
  const first = await call(manual, 'POST', '', order);
  const second = await call(manual, 'POST', '', order);
  expect(second.body.data.orderId).not.toBe(first.body.data.orderId);
  expect(await manual.get('/_sandbox/ledger/summary')).toMatchObject([{ kind: 'order', effects: 2, replays: 0 }]);
  const asked = await call(manual, 'GET', '/by-reference/rx-1');
  expect(asked).toMatchObject({ status: 404, body: expect.not.objectContaining({ type: 'error' }) as unknown });
});

it('answers a repeat of the same reference with the same order where it is told to know references', async () => {
  const knowing = await startTestSandbox({ lifefileLookup: true });
  const first = await call(knowing, 'POST', '', order);
  const second = await call(knowing, 'POST', '', order);
  expect(second.body.data.orderId).toBe(first.body.data.orderId);
  const found = await call(knowing, 'GET', '/by-reference/rx-1');
  expect(found.body.data.orderId).toBe(first.body.data.orderId);
  expect(await knowing.get('/_sandbox/ledger/summary')).toMatchObject([{ kind: 'order', effects: 1, replays: 1 }]);
  expect(await call(knowing, 'GET', '/by-reference/rx-none')).toMatchObject({ status: 404, body: { type: 'error' } });
  await knowing.stop();
});

it('moves by hand, cancels by its status before hand-over and not after', async () => {
  const open = await call(manual, 'POST', '', {
    ...order,
    referenceId: 'rx-2',
    order: { ...order.order, general: { memo: '' } },
  });
  expect(open.status).toBe(200);
  const { orderId } = open.body.data;
  const cancel = (status: string) => call(manual, 'PUT', `/${orderId}/status`, { status });
  await manual.post(`/_sandbox/lifefile/orders/${orderId}/advance`, { eventType: 'order_processing' });
  expect(await cancel('nobody’s')).toMatchObject({ status: 400, body: { type: 'error' } });
  expect((await cancel('order_cancelled')).body.data.status).toBe('order_cancelled');
  await manual.post(`/_sandbox/lifefile/orders/${orderId}/advance`, { status: 'order_shipped' });
  expect((await cancel('order_cancelled')).status).toBe(409);
});

it('refuses a wrong password and who does not name itself by its numbers, and says what is missing in an order', async () => {
  expect((await call(manual, 'POST', '', order, 'user:wrong')).status).toBe(401);
  for (const name of Object.keys(numbers)) {
    const { [name]: left, ...others } = numbers as Record<string, string>;
    expect(left).toBeDefined();
    expect((await call(manual, 'POST', '', order, 'user:pass', others)).status).toBe(403);
  }
  expect((await call(manual, 'POST', '', { order: { rxs: [] } })).status).toBe(400);
});

itWithFixtures('takes the published example order', async () => {
  const example = jsonFixture('lifefile/create_order_request.json') as object;
  expect((await call(manual, 'POST', '', example)).status).toBe(200);
});
