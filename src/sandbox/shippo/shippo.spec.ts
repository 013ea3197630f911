import { createHmac } from 'node:crypto';
import { Shippo } from 'shippo';
import { eventually, startTestSandbox, testSecrets, type TestSandbox } from '../sandbox.fixture.js';

let sandbox: TestSandbox;
let shippo: Shippo;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  shippo = new Shippo({
    serverURL: `${sandbox.url}/shippo`,
    apiKeyHeader: 'ShippoToken shippo_test_1',
    shippoApiVersion: '2018-02-08',
    timeoutMs: 2000,
  });
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.post('/_sandbox/reset');
  await fetch(`${sandbox.url}/_sandbox/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ speed: 0 }),
  });
  sandbox.receiver.received.length = 0;
});

const pharmacy = {
  name: 'Demo Pharmacy',
  street1: '1 Main St',
  city: 'Austin',
  state: 'TX',
  zip: '78701',
  country: 'US',
  phone: '+15125550199',
  email: 'no-reply@pharmacy.example',
};
const patient = { name: 'Pat Example', street1: '2 Elm St', city: 'Reno', state: 'NV', zip: '89501', country: 'US' };
const parcel = {
  length: '6',
  width: '4',
  height: '2',
  distanceUnit: 'in' as const,
  weight: '8',
  massUnit: 'oz' as const,
};

function createShipment(signature?: 'STANDARD' | 'ADULT') {
  return shippo.shipments.create({
    addressFrom: pharmacy,
    addressTo: patient,
    parcels: [parcel],
    metadata: 'rx-1',
    async: false,
    ...(signature && { extra: { signatureConfirmation: signature } }),
  });
}

async function buyLabel(async = false) {
  const shipment = await createShipment();
  const rate = shipment.rates.find((one) => one.servicelevel.token === 'usps_priority');
  return shippo.transactions.create({ rate: rate?.objectId ?? '', labelFileType: 'PDF_4x6', metadata: 'rx-1', async });
}

/** The SDK's type also allows an embedded rate. */
function rateId(rate: unknown): string {
  return typeof rate === 'string' ? rate : '';
}

it('validates addresses', async () => {
  const good = await shippo.addresses.create({ ...patient, validate: true });
  expect(good.validationResults).toEqual({ isValid: true, messages: [] });
  const bad = await shippo.addresses.create({
    name: 'Pat',
    country: 'US',
    street1: '2 Elm St',
    city: 'Reno',
    state: 'NV',
    zip: '00000',
    validate: true,
  });
  expect(bad.validationResults).toMatchObject({ isValid: false, messages: [{ text: 'The ZIP code is not valid.' }] });
});

it('offers rates by service level, dearer with a signature', async () => {
  const plain = await createShipment();
  const signed = await createShipment('ADULT');
  const tokens = plain.rates.map((rate) => rate.servicelevel.token);
  expect(tokens).toEqual(expect.arrayContaining(['usps_priority', 'usps_priority_express', 'ups_ground']));
  const amount = (shipment: typeof plain): number => Number(shipment.rates[0]?.amount);
  expect(amount(signed) - amount(plain)).toBeCloseTo(7.9);
});

it('offers nothing to an address that does not exist, and says why', async () => {
  const shipment = await shippo.shipments.create({
    addressFrom: pharmacy,
    addressTo: { ...patient, zip: '99999' },
    parcels: [parcel],
  });
  expect(shipment.rates).toEqual([]);
  expect(shipment.messages[0]?.text).toContain('ZIP');
});

it('sells a label that opens as PDF and is found again by its rate', async () => {
  const bought = await buyLabel();
  expect(bought).toMatchObject({ status: 'SUCCESS', metadata: 'rx-1' });
  const file = await fetch(bought.labelUrl ?? '');
  expect(file.headers.get('content-type')).toBe('application/pdf');
  expect(
    Buffer.from(await file.arrayBuffer())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  const found = await shippo.transactions.list({ rate: rateId(bought.rate) });
  expect(found.results?.map((one) => one.objectId)).toEqual([bought.objectId]);
  const [entry] = (await sandbox.get('/_sandbox/ledger?kind=label')) as unknown[];
  expect(entry).toMatchObject({ key: bought.rate, id: bought.objectId, digest: { reference: 'rx-1' } });
});

it.each(['phone', 'email'] as const)(
  'offers USPS rates to a sender without %s, and sells no label',
  async (missing) => {
    const { rates } = await shippo.shipments.create({
      addressFrom: { ...pharmacy, [missing]: undefined },
      addressTo: patient,
      parcels: [parcel],
    });
    const buy = (token: string) => {
      const rate = rates.find(({ servicelevel }) => servicelevel.token === token)?.objectId ?? '';
      return shippo.transactions.create({ rate, async: false });
    };
    const refused = { status: 'ERROR', messages: [{ source: 'USPS', code: 'sender_info_missing' }] };
    expect(await buy('usps_priority')).toMatchObject(refused);
    expect(await sandbox.get('/_sandbox/ledger?kind=label')).toEqual([]);
    expect(await buy('ups_ground')).toMatchObject({ status: 'SUCCESS' });
  },
);

it('makes an asynchronous purchase QUEUED first', async () => {
  const queued = await buyLabel(true);
  expect([queued.status, queued.labelUrl]).toEqual(['QUEUED', undefined]);
  const ready = await eventually(async () => {
    const read = await shippo.transactions.get(queued.objectId ?? '');
    return read.status === 'SUCCESS' ? read : undefined;
  });
  expect(ready.trackingNumber).toMatch(/^9400\d{18}$/);
});

it('counts a second label of one rate as a second effect', async () => {
  const first = await buyLabel();
  await shippo.transactions.create({ rate: rateId(first.rate), labelFileType: 'PNG', async: false });
  expect(await sandbox.get('/_sandbox/ledger/summary')).toMatchObject([{ kind: 'label', keys: [{ effects: 2 }] }]);
});

it('has sold the label although the answer was a 500', async () => {
  const shipment = await createShipment();
  const rate = shipment.rates[0]?.objectId ?? '';
  await sandbox.post('/_sandbox/faults', { vendor: 'shippo', kind: '500_after', match: { path: '/transactions' } });
  await expect(shippo.transactions.create({ rate, labelFileType: 'PDF', async: false })).rejects.toBeDefined();
  expect((await shippo.transactions.list({ rate })).results).toHaveLength(1);
});

it('voids a label before the carrier has it, and not after', async () => {
  const bought = await buyLabel();
  const refund = await shippo.refunds.create({ transaction: bought.objectId ?? '' });
  expect(refund.status).toBe('QUEUED');
  await eventually(async () =>
    (await shippo.transactions.get(bought.objectId ?? '')).status === 'REFUNDED' ? true : undefined,
  );
  const shipped = await buyLabel();
  await sandbox.post(`/_sandbox/shippo/tracks/${shipped.trackingNumber ?? ''}/advance`, { status: 'TRANSIT' });
  await expect(shippo.refunds.create({ transaction: shipped.objectId ?? '' })).rejects.toMatchObject({
    statusCode: 400,
  });
});

it('moves a parcel to the door by itself and reports each step, signed', async () => {
  await fetch(`${sandbox.url}/_sandbox/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ speed: 200_000 }),
  });
  const { trackingNumber } = await buyLabel();
  await sandbox.receiver.next(({ body }) => body.includes('"status":"DELIVERED"'));
  const steps = sandbox.receiver.received.map(({ url, headers, body }) => {
    expect(url).toBe('/api/webhooks/shippo?token=shippo-secret');
    const [t, v1] = String(headers['shippo-auth-signature'])
      .split(',')
      .map((part) => part.split('=')[1] ?? '');
    expect(v1).toBe(
      createHmac('sha256', testSecrets.shippo)
        .update(`${t ?? ''}.${body}`)
        .digest('hex'),
    );
    const { data } = JSON.parse(body) as { data: { tracking_status: { status: string; substatus: { code: string } } } };
    return `${data.tracking_status.status}/${data.tracking_status.substatus.code}`;
  });
  expect(steps).toEqual([
    'PRE_TRANSIT/information_received',
    'TRANSIT/package_accepted',
    'TRANSIT/out_for_delivery',
    'DELIVERED/delivered',
  ]);
  const track = await shippo.trackingStatus.get(trackingNumber ?? '', 'usps');
  expect([track.trackingStatus?.status, track.trackingHistory.length]).toEqual(['DELIVERED', 4]);
});

it('takes a status by hand and stays there', async () => {
  const { trackingNumber } = await buyLabel();
  const path = `/_sandbox/shippo/tracks/${trackingNumber ?? ''}/advance`;
  await sandbox.post(path, { status: 'FAILURE', substatus: 'package_lost' });
  const track = await shippo.trackingStatus.get(trackingNumber ?? '', 'usps');
  expect(track.trackingStatus).toMatchObject({
    status: 'FAILURE',
    substatus: { code: 'package_lost', actionRequired: true },
  });
});

it('registers a number of another carrier, and knows the test numbers', async () => {
  const track = await shippo.trackingStatus.create({ carrier: 'ups', trackingNumber: '1Z999AA10000000001' });
  expect(track.trackingNumber).toBe('1Z999AA10000000001');
  const mock = await shippo.trackingStatus.get('SHIPPO_RETURNED', 'shippo');
  expect(mock.trackingStatus?.status).toBe('RETURNED');
  expect((await shippo.trackingStatus.get('unheard-of', 'usps')).trackingHistory).toEqual([]);
});
