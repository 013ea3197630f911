import 'reflect-metadata';
import { loadConfig } from '../config/index.js';
import { ApiClient } from '../src/demo/client.js';
import { furnish } from '../src/demo/furnish.js';
import { drugs } from '../src/demo/fates/drugs.js';
import { Orders } from '../src/demo/orders.js';
import type { Principal } from '../src/modules/auth/index.js';
import { Intake } from '../src/modules/intake/intake.service.js';
import { PaymentGateway } from '../src/modules/payments/gateways/payment-gateway.port.js';
import { MovesStore } from '../src/modules/prescriptions/moves.store.js';
import type { PrescriptionOrder } from '../src/modules/prescriptions/order/index.js';
import { Database, systemContext } from '../src/platform/db/index.js';
import { newId } from '../src/platform/ids/index.js';
import { start } from '../src/start.js';
import { answerAtOnce } from './instant-gateways.js';
import { peopleOf, sessionOf, type Acts } from './pipeline-people.js';
import { workLeft } from './work-left.js';

/** Asked by the parent to drive so many prescriptions from intake to `completed`; answers how long that took. */
export interface RoundOrder {
  count: number;
  seed: number;
}
export interface RoundAnswer {
  seconds: number;
}

const atDoor = 32;
const account = { email: 'bench@pharmonico.example', password: 'a password of the bench' };
/** Where Harbor Pharmacy is licensed. */
const states = ['NY', 'NJ', 'CT', 'PA', 'MA', 'FL', 'GA', 'NC'] as const;
/** The day begins last in Honolulu: an order of this day is from tomorrow nowhere. */
const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Pacific/Honolulu' }).format(new Date());

const throughSandbox = process.env.STRIPE_API_BASE !== undefined;
const config = loadConfig({
  ...process.env,
  ROLES: 'api,worker',
  ADMIN_EMAIL: account.email,
  ADMIN_PASSWORD: account.password,
});
const running = await start({
  config,
  databaseUrl: config.DATABASE_URL ?? '',
  queueUrl: config.QUEUE_DATABASE_URL,
  logger: false,
});
const { app } = running;
if (!throughSandbox) answerAtOnce(app);
const db = app.get(Database, { strict: false });
const client = await ApiClient.signIn(running.url, account.email, account.password);
const { pharmacies } = await furnish(client);
// The reference's rows are its orders too.
for (const id of pharmacies.values()) await client.patch(`/api/pharmacies/${id}`, { dailyCapacity: 1_000_000 });
const [organization] = await db.query<{ id: string }>(
  systemContext,
  'SELECT organization_id AS id FROM pharmacies ORDER BY created_at LIMIT 1',
);
const organizationId = organization?.id ?? '';
const principal: Principal = { kind: 'user', id: newId(), role: 'ops', organizationId, permissions: new Set() };

const orders = new Map<string, PrescriptionOrder>();
const orderOf = (id: string): PrescriptionOrder => {
  const order = orders.get(id);
  if (order === undefined) throw new Error('a prescription nobody sent');
  return order;
};
const people = peopleOf(app, principal, pharmacies.get('Harbor Pharmacy') ?? '', orderOf);
const acts: Acts = throughSandbox
  ? { ...people.patient, ...people.ops, awaiting_payment: payAtSandbox }
  : { ...people.patient, ...people.ops, ...people.payer, ...people.carrier };
let moved: (id: string, to: string) => void = () => undefined;
watchMoves();

process.on('message', (order: RoundOrder) => {
  round(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
process.once('SIGTERM', () => void running.stop().finally(() => process.exit(0)));
process.send?.('ready');

async function round({ count, seed }: RoundOrder): Promise<RoundAnswer> {
  const source = new Orders(seed, today);
  const bodies = Array.from({ length: count }, (_, index) => withOwnPhone(seed, index, source));
  const began = performance.now();
  const completed = new Promise<void>((resolve, reject) => {
    let left = count;
    moved = (id, to) => {
      if (to === 'completed' && (left -= 1) === 0) resolve();
      acts[to]?.(id).catch(reject);
    };
  });
  await Promise.all([completed, takeIn(bodies)]);
  await drained();
  return { seconds: (performance.now() - began) / 1000 };
}

/** Patients of a round share no phone: an uncertain match would be a different piece of work. */
function withOwnPhone(seed: number, index: number, source: Orders): PrescriptionOrder {
  const order = source.next(drugs.lisinopril, states[index % states.length] ?? 'NY');
  const line = String((seed % 700) * 10_000 + index).padStart(7, '0');
  return { ...order, patient: { ...order.patient, phone: `+1212${2 + (seed % 7)}${line.slice(1)}` } };
}

async function takeIn(bodies: PrescriptionOrder[]): Promise<void> {
  const intake = app.get(Intake, { strict: false });
  let next = 0;
  await Promise.all(
    Array.from({ length: atDoor }, async () => {
      for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
        const raw = Buffer.from(JSON.stringify(body));
        const answer = await intake.receive({ principal, contentType: 'application/json', raw, body });
        orders.set((JSON.parse(answer.body) as { id: string }).id, body);
      }
    }),
  );
}

/** Messages that are still to be sent belong to the work. */
async function drained(): Promise<void> {
  for (;;) {
    const [left] = await db.query<{ open: boolean }>(systemContext, workLeft);
    if (left?.open === false) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Sees every move right after its commit, without a query. */
function watchMoves(): void {
  const store = app.get(MovesStore, { strict: false });
  const move = store.move.bind(store);
  store.move = async (tx, request) => {
    const done = await move(tx, request);
    if (done !== undefined) tx.onCommit(() => moved(done.id, done.to));
    return done;
  };
}

async function payAtSandbox(id: string): Promise<void> {
  const { url } = await app.get(PaymentGateway, { strict: false }).checkout(await sessionOf(db, id));
  const answer = await fetch(url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ card: '4242424242424242' }).toString(),
    redirect: 'manual',
  });
  if (answer.status >= 400) throw new Error(`the checkout page answered ${answer.status}`);
}
