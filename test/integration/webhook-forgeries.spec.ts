import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { OrdersModule } from '../../src/modules/orders/index.js';
import { PaymentsModule } from '../../src/modules/payments/index.js';
import { eventsAt } from '../support/door-events.js';
import { forger, type SignedMessage } from '../support/forgery.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { doorNames, doors, knock, type DoorName } from '../support/signed-webhooks.js';

const forgeries = 500;
const careportals = 'the-secret-of-careportals';
/** Whoever keeps trying is told to wait, after the same look at what was signed. */
const refusals = ['webhook.signature-invalid', 'webhook.stripe-signature-invalid', 'request.too-many'];

const strictly = new TextDecoder('utf-8', { fatal: true });

function isJson(raw: Buffer): boolean {
  try {
    JSON.parse(strictly.decode(raw));
    return true;
  } catch {
    return false;
  }
}

const fieldsOf = (raw: Buffer) => [...new URLSearchParams(raw.toString('utf8'))].map(String).toSorted().join('\n');

/**
 * Whether the signature decides about a change: what is no JSON is refused before anybody looks at it, and where the fields of a
 * form are signed, other bytes may say the same.
 */
function isForTheSignature(door: DoorName, wrong: SignedMessage, right: SignedMessage): boolean {
  if (doors[door].contentType === 'application/json') return isJson(wrong.raw);
  return wrong.signature !== right.signature || fieldsOf(wrong.raw) !== fieldsOf(right.raw);
}

/** `t=…,v1=…` where a time is signed, else the signature alone. */
function messageOf(body: string, proof: string): SignedMessage {
  const [, time, signature = proof] = /^t=(\d+),v1=(\w+)$/.exec(proof) ?? [];
  return { raw: Buffer.from(body), time, signature };
}

const proofOf = ({ time, signature }: SignedMessage) => (time === undefined ? signature : `t=${time},v1=${signature}`);

describe('the doors with a signature', () => {
  let app: ShippingApp;
  beforeAll(async () => {
    app = await startShippingApp({
      modules: [PaymentsModule, NotificationsModule, OrdersModule],
      env: { CAREPORTALS_SOURCES: `demo:Test=${careportals}` },
    });
  });
  afterAll(() => app.stop());

  const push = (door: DoorName, header: string, message: SignedMessage) =>
    fetch(`${app.url}${doors[door].path}`, {
      method: 'POST',
      headers: { 'content-type': doors[door].contentType, [header]: proofOf(message) },
      body: new Uint8Array(message.raw),
    });

  it('stay shut to 500 changes of body, time or signature, keep nothing of them, and open for what was signed', async () => {
    const forged = forger(20_261_123);
    const secrets = { ...app.sandbox.secrets, CAREPORTALS_SECRET: careportals };
    const said = await eventsAt(app, doorNames, 1);
    const events = () => app.sql('SELECT 1 FROM webhook_events');
    const opened: string[] = [];
    for (let n = 0; n < forgeries; n += 1) {
      const { door, body } = said[n % said.length] ?? { door: 'lifefile', body: '' };
      const [[header, proof] = ['', '']] = Object.entries(
        doors[door].proof(secrets, `${app.url}${doors[door].path}`, body),
      );
      const right = messageOf(body, proof);
      let wrong = forged(right);
      while (!isForTheSignature(door, wrong, right)) wrong = forged(right);
      const { code } = (await (await push(door, header, wrong)).json()) as { code?: string };
      if (!refusals.includes(code ?? '')) opened.push(`${door}: ${code} for ${proofOf(wrong)} ${String(wrong.raw)}`);
    }
    expect(opened).toEqual([]);
    expect(await events()).toEqual([]);
    const answers = await Promise.all(said.map((event) => knock(app.url, secrets, event)));
    expect(answers.map((answer) => answer?.status)).toEqual(said.map(() => 200));
    expect(await events()).toHaveLength(said.length);
  });
});
