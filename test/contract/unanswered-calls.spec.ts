import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpClaimSwitch } from '../../src/modules/adjudication/gateways/http-claim-switch.js';
import { SmtpGateway } from '../../src/modules/notifications/gateways/smtp.gateway.js';
import { TwilioGateway } from '../../src/modules/notifications/gateways/twilio.gateway.js';
import { StripeGateway } from '../../src/modules/payments/gateways/stripe.gateway.js';
import { LifefileGateway } from '../../src/modules/shipping/gateways/lifefile.gateway.js';
import { ShippoGateway } from '../../src/modules/shipping/gateways/shippo.gateway.js';
import { NotTaken, Refused, Unanswered } from '../../src/platform/effects/index.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { freePort } from '../support/ports.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const refund = { refundId: 'refund-1', paymentIntentId: 'pi_1', amountCents: 500 };
const reversal = {
  reversalId: 'claim-1',
  payer: { bin: '610011', pcn: 'DEMO' },
  pharmacyNpi: '1234567893',
  dateOfService: '2026-11-20',
  cardholderId: 'ABC123456',
  rxNumber: '1000001',
  ndc: '70000010130',
  fillNumber: 0,
};

/** Each asks for something that must not come about twice, at a base of the test's. */
const calls: readonly (readonly [vendor: string, ask: (base: string) => Promise<unknown>])[] = [
  [
    'the claim switch',
    (base) => new HttpClaimSwitch({ CLAIM_SWITCH_URL: base, CLAIM_SWITCH_API_KEY: 'key' }).reverse(reversal),
  ],
  [
    'Stripe',
    (base) =>
      new StripeGateway({
        STRIPE_SECRET_KEY: 'sk_test_1',
        STRIPE_API_BASE: base,
        STRIPE_WEBHOOK_SECRET: undefined,
      }).refund(refund, 'refund-1'),
  ],
  [
    'Shippo',
    (base) =>
      new ShippoGateway({
        SHIPPO_API_TOKEN: 'shippo_test_1',
        SHIPPO_API_BASE: base,
        SHIPPO_WEBHOOK_SECRET: undefined,
      }).buy({ rateId: 'rate-1', reference: 'rx-1' }),
  ],
  [
    'Lifefile',
    (base) =>
      new LifefileGateway({
        LIFEFILE_API_URL: base,
        LIFEFILE_API_USER: 'user',
        LIFEFILE_API_PASSWORD: 'pass',
        LIFEFILE_API_NETWORK_ID: '1',
        LIFEFILE_VENDOR_ID: '2',
        LIFEFILE_LOCATION_ID: '3',
        LIFEFILE_CANCEL_STATUS: 'order_cancelled',
        LIFEFILE_ORDER_LOOKUP: 'false',
      }).cancel('order-1'),
  ],
  [
    'Twilio',
    (base) =>
      new TwilioGateway({
        TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
        TWILIO_AUTH_TOKEN: 'token',
        TWILIO_PHONE_NUMBER: '+12025550100',
        TWILIO_API_BASE: base,
        PUBLIC_URL: undefined,
      }).send({ to: '+12025550101', body: 'Hello' }),
  ],
];

describe('whether a call without a useful answer is over', () => {
  let server: Server;
  let base: string;
  let answer: (response: ServerResponse) => void;
  let asked: (string | undefined)[];

  beforeEach(() => {
    asked = [];
  });
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url);
      request.resume().on('end', () => answer(response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const status = (code: number) => (response: ServerResponse) => {
    response.writeHead(code, { 'content-type': 'application/json' }).end('{"error":{}}');
  };
  const cut = (response: ServerResponse) => response.destroy();

  describe.each(calls)('at %s', (_vendor, ask) => {
    it.each([
      ['it is when the answer is 503', status(503), true],
      ['it may not be when a gateway gave up waiting (504)', status(504), false],
      ['it may not be when the connection is cut', cut, false],
    ])('%s', async (_, act, isOver) => {
      answer = act;
      await expect(ask(base)).rejects.toMatchObject({ isOver });
    });

    it.each([301, 302, 303, 307, 308])('a redirect (%i) leads nowhere else', async (code) => {
      answer = (response) => response.writeHead(code, { location: `${base}/elsewhere` }).end();
      await expect(ask(base)).rejects.toThrow();
      expect(asked).not.toHaveLength(0);
      expect(asked).not.toContain('/elsewhere');
    });

    it.each([408, 425, 429, 503])('%i is no refusal, and the wait it asks for is kept', async (code) => {
      answer = (response) =>
        response.writeHead(code, { 'content-type': 'application/json', 'retry-after': '7' }).end('{"error":{}}');
      const error: unknown = await ask(base).catch((thrown: unknown) => thrown);
      expect(error).not.toBeInstanceOf(Refused);
      const { afterMs, waitMs } = error as { afterMs?: number; waitMs?: number };
      expect(afterMs ?? waitMs).toBe(7_000);
    });

    it('it is when nobody listens there', async () => {
      const error: unknown = await ask(`http://127.0.0.1:${await freePort()}`).catch(
        (unanswered: unknown) => unanswered,
      );
      expect(error instanceof NotTaken || (error instanceof Unanswered && error.isOver)).toBe(true);
    });
  });
});

describe('whether a mail without a useful answer is over', () => {
  let folder: TestFolder;
  let sandbox: TestSandbox;

  beforeAll(async () => {
    folder = await testFolder('unanswered-mails');
    sandbox = await startTestSandbox({ folder: folder.path });
  });
  afterAll(async () => {
    await sandbox.stop();
    await folder.remove();
  });

  const send = (server: string) =>
    new SmtpGateway({
      SMTP_URL: server,
      SENDGRID_API_KEY: undefined,
      MAIL_FROM: 'Pharmonico <noreply@pharmonico.example>',
    }).send({ messageId: 'a@b', to: 'pat@example.com', subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' });

  it.each([
    ['it is when the server says that it cannot', '500_after', 'email.451', true],
    ['it may not be when nothing is said to a mail that was sent', 'hang', 'email.unanswered', false],
    ['it may not be when the connection is cut after a mail that was sent', 'reset', 'email.unanswered', false],
  ])('%s', async (_, kind, code, isOver) => {
    await sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind });
    await expect(send(`${sandbox.smtpUrl}?socketTimeout=2000`)).rejects.toMatchObject({ code, isOver });
  });

  it('it is when nobody listens there', async () => {
    const unanswered = { code: 'email.unanswered', isOver: true };
    await expect(send(`smtp://127.0.0.1:${await freePort()}`)).rejects.toMatchObject(unanswered);
  });
});
