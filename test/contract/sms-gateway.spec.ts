import { TwilioGateway } from '../../src/modules/notifications/gateways/twilio.gateway.js';
import type { SmsGateway } from '../../src/modules/notifications/gateways/sms.port.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const ours = '+15005550006';
let sandbox: TestSandbox;
let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder('texts');
  sandbox = await startTestSandbox({ folder: folder.path });
});
afterAll(async () => {
  await sandbox.stop();
  await folder.remove();
});
beforeEach(() => sandbox.post('/_sandbox/reset'));

const twilio = (over: { TWILIO_AUTH_TOKEN?: undefined } = {}) =>
  new TwilioGateway({
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_PHONE_NUMBER: ours,
    TWILIO_API_BASE: `${sandbox.url}/twilio`,
    PUBLIC_URL: undefined,
    ...over,
  });

/** What the port promises, kept by each adapter against the sandbox of its vendor. */
const adapters: readonly (readonly [string, { on: () => SmsGateway; off: () => SmsGateway; busy: string }])[] = [
  ['Twilio', { on: twilio, off: () => twilio({ TWILIO_AUTH_TOKEN: undefined }), busy: 'twilio.429' }],
];

describe.each(adapters)('a gateway of texts: %s', (_name, { on, off, busy }) => {
  const fault = (kind: string, more: object = {}) =>
    sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind, match: { method: 'POST' }, ...more });
  const sms = { to: '+12025550101', body: 'Your order is on its way.' };
  const since = new Date(Date.now() - 60_000);

  it('takes a text, and tells by its id what became of it', async () => {
    const { id, status } = await on().send(sms);
    expect(status).toBe('queued');
    expect(await on().report(id)).toMatchObject({ id, to: sms.to, errorCode: undefined, at: expect.any(Date) as Date });
    expect(await on().report('SM00000000000000000000000000000404')).toBeUndefined();
  });

  it.each([
    ['opted out', '+15005550004', 'sms.opted-out'],
    ['there is not', '+15005550001', 'sms.unreachable'],
  ])('refuses a number that %s for good, and says so', async (_, to, code) => {
    await expect(on().send({ ...sms, to })).rejects.toMatchObject({ name: 'Unrecoverable', code });
    expect(await on().find({ ...sms, to }, since)).toEqual([]);
  });

  it.each([['500_after'], ['reset']])('does not know the outcome after %s, and finds the text', async (kind) => {
    await fault(kind);
    await expect(on().send(sms)).rejects.toMatchObject({ code: 'sms.unanswered' });
    expect(await on().find(sms, since)).toHaveLength(1);
  });

  it('finds nothing where nothing was taken, nor other words, another number or an earlier time', async () => {
    await fault('500_before');
    await expect(on().send(sms)).rejects.toMatchObject({ code: 'sms.unanswered', isOver: true });
    expect(await on().find(sms, since)).toEqual([]);
    await on().send(sms);
    expect(await on().find({ ...sms, body: 'Hello' }, since)).toEqual([]);
    expect(await on().find({ ...sms, to: '+12025550102' }, since)).toEqual([]);
    expect(await on().find(sms, new Date(Date.now() + 60_000))).toEqual([]);
  });

  it('comes again later when it is asked to, and nothing was taken', async () => {
    await fault('429');
    await expect(on().send(sms)).rejects.toMatchObject({
      name: 'TryLater',
      code: busy,
      afterMs: expect.any(Number) as number,
    });
    expect(await on().find(sms, since)).toEqual([]);
  });

  it('sends the same words twice as two texts, newest first: the vendor knows no keys', async () => {
    const [first, second] = [await on().send(sms), await on().send(sms)];
    expect((await on().find(sms, since)).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('tells what people wrote, oldest first, and none of ours', async () => {
    await on().send({ ...sms, to: '+12025550103' });
    for (const body of ['First', 'Second'])
      await sandbox.post('/_sandbox/twilio/inbound', { from: '+12025550103', to: ours, body });
    const received = await on().received(since);
    expect(received.map(({ from, to, body }) => [from, to, body])).toEqual([
      ['+12025550103', ours, 'First'],
      ['+12025550103', ours, 'Second'],
    ]);
  });

  it('is off without credentials, and says so', async () => {
    const gateway = off();
    expect([on().isOn, gateway.isOn]).toEqual([true, false]);
    const vendorOff = { name: 'Unrecoverable', code: 'vendor.off' };
    await expect(gateway.send(sms)).rejects.toMatchObject(vendorOff);
    await expect(gateway.find(sms, since)).rejects.toMatchObject(vendorOff);
    await expect(gateway.received(since)).rejects.toMatchObject(vendorOff);
    await expect(gateway.report('SM1')).rejects.toMatchObject(vendorOff);
  });
});
