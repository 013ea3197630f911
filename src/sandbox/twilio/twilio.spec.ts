import twilio from 'twilio';
import { eventually, startTestSandbox, testSecrets, type TestSandbox } from '../sandbox.fixture.js';

class ToSandbox extends twilio.RequestClient {
  constructor(private readonly base: string) {
    super();
  }

  override request: InstanceType<typeof twilio.RequestClient>['request'] = (options) => {
    const { pathname, search } = new URL(options.uri);
    return super.request({ ...options, uri: this.base + pathname + search });
  };
}

const SID = `AC${'1'.repeat(32)}`;
const FROM = '+18885550100';
const TO = '+15125550100';
let sandbox: TestSandbox;
let client: twilio.Twilio;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  client = twilio(SID, 'token', { httpClient: new ToSandbox(`${sandbox.url}/twilio`) });
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.post('/_sandbox/reset');
  sandbox.receiver.received.length = 0;
});

it('queues a message and reports queued, sent, delivered with a signature over the given URL', async () => {
  const statusCallback = `${sandbox.receiver.url}/api/webhooks/twilio/status`;
  const message = await client.messages.create({
    to: TO,
    from: FROM,
    body: 'Your order is on its way.',
    statusCallback,
  });
  expect(message).toMatchObject({ status: 'queued', errorCode: null, direction: 'outbound-api' });
  await sandbox.receiver.next(({ body }) => body.includes('MessageStatus=delivered'));
  const statuses = sandbox.receiver.received.map(({ body, headers }) => {
    const params = Object.fromEntries(new URLSearchParams(body));
    const signature = String(headers['x-twilio-signature']);
    expect(twilio.validateRequest(testSecrets.twilio, signature, statusCallback, params)).toBe(true);
    expect(params.MessageSid).toBe(message.sid);
    return params.MessageStatus;
  });
  expect(statuses).toEqual(['queued', 'sent', 'delivered']);
  expect(await client.messages(message.sid).fetch()).toMatchObject({ status: 'delivered' });
});

it('lists by recipient and day, over several pages', async () => {
  for (const n of [1, 2, 3]) await client.messages.create({ to: TO, from: FROM, body: `Message ${n}` });
  await client.messages.create({ to: '+15125550101', from: FROM, body: 'Other' });
  const query = { to: TO, pageSize: 2, dateSentAfter: new Date(Date.now() - 60_000) };
  const found = await eventually(async () => {
    const sent = await client.messages.list(query);
    return sent.length === 3 ? sent : undefined;
  });
  expect(found.map((message) => message.body)).toEqual(['Message 3', 'Message 2', 'Message 1']);
  expect(await client.messages.list({ to: TO, dateSentBefore: new Date('2020-01-01') })).toEqual([]);
});

it.each([
  ['+15551234567', 21211],
  ['+1234567890', 21211],
  ['12025550100', 21211],
  ['+15005550004', 21610],
])('refuses %s with %i', async (to, code) => {
  await expect(client.messages.create({ to, from: FROM, body: 'x' })).rejects.toMatchObject({ status: 400, code });
  expect(await sandbox.get('/_sandbox/ledger')).toEqual([]);
});

it('blocks who wrote STOP, and tells the application', async () => {
  await sandbox.post('/_sandbox/twilio/inbound', { from: TO, to: FROM, body: 'Stop' });
  const hook = await sandbox.receiver.next(({ path }) => path === '/api/webhooks/twilio/inbound');
  const params = Object.fromEntries(new URLSearchParams(hook.body));
  const url = `${sandbox.receiver.url}/api/webhooks/twilio/inbound`;
  expect(twilio.validateRequest(testSecrets.twilio, String(hook.headers['x-twilio-signature']), url, params)).toBe(
    true,
  );
  expect(params).toMatchObject({ From: TO, Body: 'Stop' });
  await expect(client.messages.create({ to: TO, from: FROM, body: 'x' })).rejects.toMatchObject({ code: 21610 });
  await sandbox.post('/_sandbox/twilio/opt-outs', { phone: TO, optedOut: false });
  await expect(client.messages.create({ to: TO, from: FROM, body: 'x' })).resolves.toMatchObject({ to: TO });
});

it('lists what people wrote to a number, with the time they did', async () => {
  const now = Date.now();
  for (const n of [1, 2, 3]) await sandbox.post('/_sandbox/twilio/inbound', { from: TO, to: FROM, body: `Text ${n}` });
  const own = twilio(`AC${'0'.repeat(32)}`, 'token', { httpClient: new ToSandbox(`${sandbox.url}/twilio`) });
  const found = await own.messages.list({ to: FROM, pageSize: 2, dateSentAfter: new Date(now - 60_000) });
  expect(found.map(({ body }) => body)).toEqual(['Text 3', 'Text 2', 'Text 1']);
  expect(found[0]).toMatchObject({ direction: 'inbound', status: 'received', from: TO });
  expect(Math.abs(Number(found[0]?.dateSent) - now)).toBeLessThan(10_000);
});

it('calls an application that is away once more, and never again', async () => {
  sandbox.receiver.answers.push(503, 503);
  await sandbox.post('/_sandbox/twilio/inbound', { from: TO, to: FROM, body: 'Please stop texting me' });
  const given = await eventually(async () => {
    const [delivery] = (await sandbox.get('/_sandbox/webhooks')) as { status: string; attempts: number }[];
    return delivery?.status === 'failed' ? delivery : undefined;
  });
  expect(given.attempts).toBe(2);
});

it('ends as undelivered with the carrier code', async () => {
  await sandbox.post('/_sandbox/twilio/undeliverable', { phone: TO });
  const { sid } = await client.messages.create({ to: TO, from: FROM, body: 'x' });
  const ended = await eventually(async () => {
    const message = await client.messages(sid).fetch();
    return message.status === 'undelivered' ? message : undefined;
  });
  expect(ended.errorCode).toBe(30003);
});

it('counts a message per recipient and link, and shows it on the page', async () => {
  const body = 'Your order: http://127.0.0.1:1/t/abc';
  await client.messages.create({ to: TO, from: FROM, body });
  await client.messages.create({ to: TO, from: FROM, body: `Reminder. ${body}` });
  expect(await sandbox.get('/_sandbox/ledger/summary')).toMatchObject([{ effects: 2, keys: [{ effects: 2 }] }]);
  const page = await (await fetch(`${sandbox.url}/sms`)).text();
  expect(page).toContain('<a href="http://127.0.0.1:1/t/abc"');
});

it('has sent the message although the line broke', async () => {
  await sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind: 'reset', match: { method: 'POST' } });
  await expect(client.messages.create({ to: TO, from: FROM, body: 'x' })).rejects.toBeDefined();
  expect(await client.messages.list({ to: TO })).toHaveLength(1);
});
