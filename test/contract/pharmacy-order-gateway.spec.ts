import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { lifefileOrder } from '../../src/modules/shipping/gateways/lifefile.order.js';
import { LifefileGateway } from '../../src/modules/shipping/gateways/lifefile.gateway.js';
import { probeLifefile } from '../../src/modules/shipping/gateways/lifefile.probe.js';
import type { PharmacyOrder } from '../../src/modules/shipping/gateways/pharmacy-order.port.js';
import { NotTaken, Refused } from '../../src/platform/effects/index.js';
import { describeWithFixtures, jsonFixture } from '../conformance/fixtures.js';
import { startTestSandbox, testSecrets, type TestSandbox } from '../../src/sandbox/sandbox.fixture.js';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox({
    secrets: { ...testSecrets, lifefileUser: 'user', lifefilePassword: 'pass' },
    lifefileLookup: true,
  });
});
afterAll(() => sandbox.stop());

const account = {
  LIFEFILE_API_USER: 'user',
  LIFEFILE_API_PASSWORD: 'pass',
  LIFEFILE_API_NETWORK_ID: '233582',
  LIFEFILE_VENDOR_ID: '11324',
  LIFEFILE_LOCATION_ID: '110033',
  LIFEFILE_CANCEL_STATUS: 'order_cancelled' as string | undefined,
  LIFEFILE_ORDER_LOOKUP: 'true' as const,
};
const gatewayAs = (password: string | undefined, changed: Partial<typeof account> = {}) =>
  new LifefileGateway({
    ...account,
    ...changed,
    LIFEFILE_API_URL: `${sandbox.url}/lifefile/lfapi/v1`,
    LIFEFILE_API_PASSWORD: password,
  });

interface Heard {
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>;
  body: unknown;
}

type Asker = (config: typeof account & { LIFEFILE_API_URL: string }) => Promise<unknown>;

/** Asks a server that answers as told, once. */
async function askAt(
  status: number,
  answer: object | string,
  asker: Asker,
): Promise<{ outcome: unknown; heard: Heard }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      heard.push({ request, body: JSON.parse(body) as unknown });
      response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = { ...account, LIFEFILE_API_URL: `http://127.0.0.1:${port}/lfapi/v1/` };
  const outcome = await asker(config).catch((error: unknown) => error);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const [first] = heard;
  if (first === undefined) throw new Error('nothing was asked');
  return { outcome, heard: first };
}

const placeAt = (status: number, answer: object | string) =>
  askAt(status, answer, (config) => new LifefileGateway(config).place(orderOf('ref-7')));

const setLookup = (lifefileLookup: boolean) =>
  fetch(`${sandbox.url}/_sandbox/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ lifefileLookup }),
  });

/** Where nobody listens any more. */
async function closedServer(): Promise<AddressInfo> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return address;
}

const orderOf = (referenceId: string): PharmacyOrder => ({
  referenceId,
  rxNumber: 1_000_001,
  practiceId: '988599',
  timeZone: 'America/Chicago',
  sentAt: new Date('2026-11-20T18:00:00Z'),
  serviceLevel: 'standard',
  adultSignature: false,
  payer: 'practice',
  order: {
    writtenDate: '2026-11-01',
    patient: {},
    prescriber: { address: { line1: '9 Clinic Rd', city: 'Reno', state: 'NV', zip: '89501' }, phone: '+17755550100' },
    medication: {
      description: 'Cream',
      strength: '1 mg/mL',
      form: 'cream',
      quantity: 45,
      quantityUnit: 'GM',
      sig: 'Apply',
      refills: 1,
      daysSupply: 30,
    },
  },
  form: 'cream',
  fill: { quantity: 45, daysSupply: 30 },
  recipient: {
    firstName: 'Pat',
    lastName: 'Example',
    birthDate: '1980-02-03',
    gender: 'female',
    email: 'pat@example.com',
  },
  address: { name: 'Pat Example', line1: '2 Elm St', city: 'Reno', state: 'NV', zip: '89501', phone: '+17755550101' },
  prescriber: { npi: '1234567893', dea: null, firstName: 'Dana', lastName: 'Doctor', phone: null },
});

describe('a pharmacy order gateway', () => {
  it('places an order, and finds it by our reference', async () => {
    const placed = await gatewayAs('pass').place(orderOf('ref-1'));
    expect(await gatewayAs('pass').find('ref-1')).toEqual(placed);
    expect(await gatewayAs('pass').find('ref-none')).toBeUndefined();
    expect(placed).toMatchObject({
      fillId: expect.stringMatching(/^\d+$/) as unknown,
      rxNumber: expect.stringMatching(/^\d+$/) as unknown,
    });
  });

  it('does not know the outcome after a 500, and finds the order by our reference', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'lifefile', kind: '500_after', match: { method: 'POST' } });
    await expect(gatewayAs('pass').place(orderOf('ref-2'))).rejects.toMatchObject({ code: 'lifefile.unanswered' });
    expect(await gatewayAs('pass').find('ref-2')).toBeDefined();
  });

  it('asks as Lifefile is asked: POST order under the version, with Basic and its three numbers', async () => {
    const { outcome, heard } = await placeAt(200, { type: 'success', message: 'Success', data: { orderId: 64809556 } });
    expect(outcome).toEqual({ id: '64809556', fillId: null, rxNumber: null });
    expect(heard.request).toMatchObject({
      method: 'POST',
      url: '/lfapi/v1/order',
      headers: {
        authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
        'content-type': 'application/json',
        'x-api-network-id': '233582',
        'x-vendor-id': '11324',
        'x-location-id': '110033',
      },
    });
  });

  it('looks by our reference, too, when it is told that the order is there already', async () => {
    const { outcome } = await placeAt(409, '');
    expect(outcome).toMatchObject({ code: 'lifefile.unanswered' });
  });

  it.each([
    [200, { type: 'error', message: 'Pat Example is known under another birth date.' }, 'lifefile.rejected'],
    [
      422,
      { type: 'error', messages: ['The selected order.patient.gender is invalid.', 'The order.patient.zip is bad.'] },
      'lifefile.rejected.patient.gender',
    ],
    [
      400,
      { type: 'error', message: 'The order.rxs.0.quantityUnits is empty' },
      'lifefile.rejected.rxs.0.quantityUnits',
    ],
    [422, 'no JSON', 'lifefile.422'],
    [403, { type: 'error', message: 'Invalid location.' }, 'lifefile.403'],
    [301, '', 'lifefile.301'],
  ])('takes %i %j for a refusal, and repeats of its words only what the order calls a member', async (...told) => {
    const [status, answer, code] = told;
    const { outcome } = await placeAt(status, answer);
    expect(outcome).toBeInstanceOf(Refused);
    expect(outcome).toMatchObject({ code, message: expect.not.stringContaining('Pat') as unknown });
  });

  it.each([
    [200, {}],
    [200, '<html>'],
    [500, { type: 'error', message: 'Server Error' }],
  ])('knows nothing after %i %j', async (status, answer) => {
    const { outcome } = await placeAt(status, answer);
    expect(outcome).toMatchObject({ code: 'lifefile.unanswered' });
  });

  it('cancels as often as asked, and not once the medicine has left', async () => {
    const { id } = await gatewayAs('pass').place(orderOf('ref-3'));
    await gatewayAs('pass').cancel(id);
    expect(await gatewayAs('pass').cancel(id)).toEqual({ id });
    const { id: shipped } = await gatewayAs('pass').place(orderOf('ref-4'));
    await sandbox.post(`/_sandbox/lifefile/orders/${shipped}/advance`, { status: 'order_shipped' });
    await expect(gatewayAs('pass').cancel(shipped)).rejects.toMatchObject({
      name: 'Unrecoverable',
      code: 'shipping.order-gone',
    });
  });

  it('believes that there is no order only who says so in Lifefile’s own form', async () => {
    await setLookup(false);
    const asked = gatewayAs('pass').find('ref-1');
    await expect(asked).rejects.toMatchObject({ code: 'lifefile.no-lookup' });
    await setLookup(true);
  });

  it('leaves a cancel to a person where the pharmacy named no status for it, or takes none', async () => {
    const { id } = await gatewayAs('pass').place(orderOf('ref-9'));
    for (const status of [undefined, 'unknown']) {
      const gateway = gatewayAs('pass', { LIFEFILE_CANCEL_STATUS: status });
      await expect(gateway.cancel(id)).rejects.toMatchObject({ code: 'shipping.pharmacy-to-be-told' });
    }
  });

  it('took no order in where nobody was reached', async () => {
    const { port } = await closedServer();
    const gateway = new LifefileGateway({ ...account, LIFEFILE_API_URL: `http://127.0.0.1:${port}/lfapi/v1` });
    const outcome = await gateway.place(orderOf('ref-9')).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(NotTaken);
    expect(outcome).toMatchObject({ code: 'lifefile.unreachable' });
  });

  it('is refused for good with a wrong password, waits when told to, and is off without one', async () => {
    await expect(gatewayAs('wrong').place(orderOf('ref-5'))).rejects.toMatchObject({ code: 'lifefile.401' });
    await sandbox.post('/_sandbox/faults', { vendor: 'lifefile', kind: '429' });
    await expect(gatewayAs('pass').place(orderOf('ref-5'))).rejects.toMatchObject({ name: 'TryLater', afterMs: 1000 });
    await expect(gatewayAs(undefined).place(orderOf('ref-5'))).rejects.toMatchObject({ code: 'vendor.off' });
  });
});

describe('the probe of its credentials', () => {
  const probeAt = (status: number, answer: object | string) =>
    askAt(status, answer, (config) => probeLifefile(config, 5_000));

  it('is content with a no in Lifefile’s own form to a request that changes nothing', async () => {
    const { outcome, heard } = await probeAt(404, { type: 'error', message: 'Order not found.' });
    expect(outcome).toBeUndefined();
    expect(heard).toMatchObject({
      request: { method: 'PUT', url: '/lfapi/v1/order/0/status', headers: { 'x-vendor-id': '11324' } },
      body: {},
    });
  });

  it.each([
    [404, '<h1>Not Found</h1>', 'lifefile.foreign-answer'],
    [404, { message: 'Not Found' }, 'lifefile.foreign-answer'],
    [200, '<html>', 'lifefile.foreign-answer'],
    [401, { type: 'error', message: 'Unauthorized' }, 'lifefile.401'],
    [403, { type: 'error', message: 'Forbidden' }, 'lifefile.403'],
    [502, { type: 'error', message: 'Bad gateway' }, 'lifefile.502'],
  ])('is not content with %i %j', async (status, answer, code) => {
    const { outcome } = await probeAt(status, answer);
    expect(outcome).toMatchObject({ code });
  });
});

describe('the order that is told', () => {
  const told = (changed: Partial<PharmacyOrder>) =>
    lifefileOrder({ ...orderOf('ref-8'), ...changed }) as {
      order: { general: { memo: string }; rxs: Record<string, unknown>[] };
    };

  it('says what is dispensed, which may be less than was ordered', () => {
    const { order } = told({ fill: { quantity: 30, daysSupply: 20 } });
    expect(order.rxs).toMatchObject([{ quantity: 30, quantityUnits: 'gram', daysSupply: 20 }]);
  });

  it('names unit and form in words, not by the codes SCRIPT has for them', () => {
    const { order } = orderOf('ref-8');
    const medication = { ...order.medication, quantityUnit: 'C48542', form: 'C42998' };
    const said = told({ order: { ...order, medication }, form: 'tablet' });
    expect(said.order.rxs).toMatchObject([{ quantityUnits: 'tablet', drugForm: 'tablet' }]);
    expect(told({ order: { ...order, medication }, form: undefined }).order.rxs[0]).not.toHaveProperty('drugForm');
    const spoken = { ...medication, quantityUnit: 'puffs' };
    expect(told({ order: { ...order, medication: spoken } }).order.rxs).toMatchObject([{ quantityUnits: 'puffs' }]);
  });

  it('writes phones as US forms do, and leaves out what is none', () => {
    const { order } = told({ address: { ...orderOf('ref-8').address, phone: '+1234567890' } }) as unknown as {
      order: Record<'patient' | 'prescriber' | 'shipping', Record<string, unknown>>;
    };
    expect(order.prescriber['phone']).toBe('(775) 555-0100');
    expect([order.patient['phoneMobile'], order.shipping['recipientPhone']]).toEqual([undefined, undefined]);
    expect(told({})).toMatchObject({
      order: { patient: { phoneMobile: '(775) 555-0101' }, shipping: { recipientPhone: '(775) 555-0101' } },
    });
  });

  it("carries the prescriber's note, and that nothing may be substituted", () => {
    const { order } = orderOf('ref-8');
    const memoOf = (substitutions: 0 | 1, note?: string) =>
      told({ order: { ...order, ...(note && { note }), medication: { ...order.medication, substitutions } } }).order
        .general.memo;
    expect(memoOf(1, 'Allergic to the dye.')).toBe('Dispense as written. Allergic to the dye.');
    expect(memoOf(1)).toBe('Dispense as written.');
    expect(memoOf(0, 'Allergic to the dye.')).toBe('Allergic to the dye.');
    expect(memoOf(0)).toBe('');
  });

  it('says that only an adult may take the parcel of a controlled drug', () => {
    const { order } = orderOf('ref-8');
    const memo = (note?: string) =>
      told({ adultSignature: true, order: { ...order, ...(note && { note }) } }).order.general.memo;
    expect(memo()).toBe('Adult signature required.');
    expect(memo('Allergic to the dye.')).toBe('Adult signature required. Allergic to the dye.');
  });
});

describeWithFixtures('the order body', () => {
  it('uses no member the published example does not have, but our own reference and Rx number', () => {
    const published = membersOf(jsonFixture('lifefile/create_order_request.json'));
    const own = membersOf(lifefileOrder(orderOf('ref-6')));
    expect([...own].filter((member) => !published.has(member))).toEqual([
      '.order.general.referenceId',
      '.order.rxs[].foreignRxNumber',
    ]);
  });
});

function membersOf(value: unknown, path = ''): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((one) => [...membersOf(one, `${path}[]`)]));
  if (typeof value !== 'object' || value === null) return new Set([path]);
  return new Set(Object.entries(value).flatMap(([name, member]) => [...membersOf(member, `${path}.${name}`)]));
}
