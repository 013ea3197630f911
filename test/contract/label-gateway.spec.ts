import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { QuoteRequest } from '../../src/modules/shipping/gateways/label-gateway.port.js';
import { ShippoGateway } from '../../src/modules/shipping/gateways/shippo.gateway.js';
import { parcelFor } from '../../src/modules/shipping/parcel.policy.js';
import { startTestSandbox, type TestSandbox } from '../../src/sandbox/sandbox.fixture.js';

let sandbox: TestSandbox;
let gateway: ShippoGateway;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  gateway = gatewayAt(`${sandbox.url}/shippo`);
});
afterAll(() => sandbox.stop());

function gatewayAt(base: string | undefined, token: string | undefined = 'shippo_test_1') {
  return new ShippoGateway({ SHIPPO_API_BASE: base, SHIPPO_API_TOKEN: token, SHIPPO_WEBHOOK_SECRET: 'new,old' });
}

const request: QuoteRequest = {
  reference: 'rx-1',
  from: {
    name: 'Pharmacy',
    line1: '1 Main St',
    city: 'Austin',
    state: 'TX',
    zip: '78701',
    phone: '+15125550199',
    email: 'no-reply@pharmacy.example',
  },
  to: { name: 'Pat Example', line1: '2 Elm St', city: 'Reno', state: 'NV', zip: '89501' },
  parcel: parcelFor('tablet'),
  serviceLevel: 'standard',
  adultSignature: false,
};

async function bought() {
  const { rateId } = await gateway.quote(request);
  return { rateId, label: await gateway.buy({ rateId, reference: 'rx-1' }) };
}

describe('a label gateway', () => {
  it('quotes the cheapest fitting service, dearer with an adult’s signature', async () => {
    const plain = await gateway.quote(request);
    expect(plain).toMatchObject({
      carrier: 'usps',
      service: 'usps_ground_advantage',
      amountCents: 565,
      currency: 'USD',
    });
    expect((await gateway.quote({ ...request, adultSignature: true })).amountCents).toBe(565 + 790);
    expect((await gateway.quote({ ...request, serviceLevel: 'expedited' })).service).toBe('usps_priority_express');
  });

  it('refuses an address the carrier does not know, for good', async () => {
    const wrong = gateway.quote({ ...request, to: { ...request.to, zip: '00000' } });
    await expect(wrong).rejects.toMatchObject({ name: 'Unrecoverable', code: 'shipping.address-refused' });
  });

  it('buys, finds by rate what was bought, and hands out the PDF', async () => {
    const { rateId, label } = await bought();
    expect(await gateway.find(rateId)).toEqual(label);
    expect(label.trackingNumber).toMatch(/^9400/);
    expect((await gateway.document(label.id)).subarray(0, 5).toString()).toBe('%PDF-');
    expect(await gateway.find((await gateway.quote(request)).rateId)).toBeUndefined();
  });

  it.each(['phone', 'email'])('is told by the carrier at the purchase that the sender has no %s', async (missing) => {
    const { rateId } = await gateway.quote({ ...request, from: { ...request.from, [missing]: undefined } });
    await expect(gateway.buy({ rateId, reference: 'rx-1' })).rejects.toMatchObject({
      name: 'Unrecoverable',
      code: 'shipping.sender-incomplete',
    });
    expect(await gateway.find(rateId)).toBeUndefined();
  });

  it.each(['500_after', 'reset'])(
    'does not know the outcome after %s, and finds the label by its rate',
    async (kind) => {
      const { rateId } = await gateway.quote(request);
      await sandbox.post('/_sandbox/faults', {
        vendor: 'shippo',
        kind,
        match: { path: '/transactions', method: 'POST' },
      });
      await expect(gateway.buy({ rateId, reference: 'rx-1' })).rejects.toMatchObject({ code: 'shippo.unanswered' });
      expect(await gateway.find(rateId)).toMatchObject({ rateId });
    },
  );

  it('waits as long as it is told to', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'shippo', kind: '429' });
    await expect(gateway.quote(request)).rejects.toMatchObject({ name: 'TryLater', code: 'shippo.429', afterMs: 1000 });
  });

  it('gives a label back once, and not after the carrier has it', async () => {
    const { label } = await bought();
    expect(await gateway.findVoid(label.id)).toBeUndefined();
    await gateway.void(label.id);
    expect(await gateway.findVoid(label.id)).toMatchObject({ id: label.id });
    const { label: scanned } = await bought();
    await sandbox.post(`/_sandbox/shippo/tracks/${scanned.trackingNumber}/advance`, { status: 'TRANSIT' });
    await expect(gateway.void(scanned.id)).rejects.toMatchObject({
      name: 'Unrecoverable',
      code: 'shipping.void-refused',
    });
  });

  it('knows a label that was refunded before', async () => {
    const { label } = await bought();
    await gateway.void(label.id);
    expect(await gateway.void(label.id)).toMatchObject({ id: label.id });
  });

  it('takes no other refusal for a scan', async () => {
    const server = createServer((incoming, reply) => {
      incoming.resume();
      const answer = { object_id: 't1', status: 'SUCCESS', rate: 'r1', tracking_status: 'UNKNOWN' };
      reply.writeHead(incoming.method === 'POST' ? 400 : 200, { 'content-type': 'application/json' });
      reply.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const strict = gatewayAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(strict.void('t1').finally(() => server.close())).rejects.toMatchObject({
      name: 'Unrecoverable',
      code: 'shipping.label-not-refunded',
    });
  });

  it('tells a parcel’s way the same by asking and by webhook', async () => {
    const { label } = await bought();
    await sandbox.post(`/_sandbox/shippo/tracks/${label.trackingNumber}/advance`, {
      status: 'TRANSIT',
      substatus: 'out_for_delivery',
      statusDate: '2026-11-20T10:00:00-05:00',
    });
    const push = await sandbox.receiver.next(({ body }) => body.includes(label.trackingNumber));
    const pushed = gateway.read(Buffer.from(push.body))?.track?.report;
    const [asked] = await gateway.track('usps', label.trackingNumber);
    expect(pushed).toMatchObject({ status: 'out_for_delivery', city: 'Reno', state: 'NV' });
    expect(asked?.dedupeKey).toBe(pushed?.dedupeKey);
    expect(asked?.occurredAt.toISOString()).toBe('2026-11-20T15:00:00.000Z');
    expect(await gateway.track('usps', 'unheard-of')).toEqual([]);
    await gateway.follow('ups', '1Z999AA10000000001');
  });

  it('knows its own webhooks: what is presented must be right, and something must be', () => {
    const raw = Buffer.from('{}');
    const check = (presented: { token?: string; signature?: string }) =>
      gateway.verify({ raw, now: new Date(), ...presented });
    expect([check({ token: 'new' }), check({ token: 'old' })]).toEqual(['valid', 'valid']);
    expect(check({})).toBe('missing');
    expect(check({ token: 'other' })).toBe('mismatch');
    expect(check({ token: 'new', signature: 't=1,v1=00' })).not.toBe('valid');
  });

  it('is off without a token and says so', async () => {
    const off = new ShippoGateway({
      SHIPPO_API_BASE: undefined,
      SHIPPO_API_TOKEN: undefined,
      SHIPPO_WEBHOOK_SECRET: undefined,
    });
    expect(off.isOn).toBe(false);
    await expect(off.quote(request)).rejects.toMatchObject({ code: 'vendor.off' });
  });
});

describe('an answer Shippo’s own SDK cannot read', () => {
  let server: Server;
  let answer: object;
  let odd: ShippoGateway;
  beforeAll(async () => {
    server = createServer((incoming, reply) => {
      incoming.resume();
      reply.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    odd = gatewayAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is still the label that was bought', async () => {
    answer = { object_id: 't1', status: 'SUCCESS', label_file_type: 'HOLOGRAM', tracking_number: '94001', rate: 'r1' };
    expect(await odd.buy({ rateId: 'r1', reference: 'rx-1' })).toMatchObject({ id: 't1', trackingNumber: '94001' });
  });

  it('is unknown, not failed, when even the number is missing', async () => {
    answer = { object_id: 't1', status: 'CELEBRATED' };
    const error: unknown = await odd.buy({ rateId: 'r1', reference: 'rx-1' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'shippo.label-unreadable', name: 'ShippoUnanswered' });
  });

  it('is refused for good when the carrier would not print', async () => {
    answer = { object_id: 't1', status: 'ERROR', messages: [{ source: 'USPS', code: 'bad', text: 'No.' }] };
    await expect(odd.buy({ rateId: 'r1', reference: 'rx-1' })).rejects.toMatchObject({
      code: 'shipping.label-refused',
    });
  });
});
