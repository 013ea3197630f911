import { Subscriptions } from '../../src/modules/orders/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startOrdersApp, type OrdersApp } from '../support/orders-app.js';

let app: OrdersApp;
beforeAll(async () => {
  app = await startOrdersApp();
});
afterAll(() => app.stop());

async function hear(name: string, body: object, receivedAt?: string): Promise<void> {
  expect(await app.hand(name, body, receivedAt)).toMatchObject({ outcome: 'processed' });
}

/** @returns CarePortals' id of it */
async function ordered(customer: object, createdAt: string): Promise<string> {
  const _id = newId();
  await hear('order.created', { _id, totalAmount: 10, createdAt, customer });
  return _id;
}

/** @returns CarePortals' id of it */
async function wrote(customer: object, createdAt: string, more: object = {}): Promise<string> {
  const _id = newId();
  await hear('prescription.created', { _id, drugName: 'semaglutide', customer, createdAt, ...more });
  return _id;
}

const update = (order: string, status: string, updatedAt: string, more: object = {}) =>
  hear('order.status_updated', { _id: order, status, updatedAt, ...more });

/** Which of ours a written prescription is. */
async function oursOf(written: string): Promise<string | null | undefined> {
  const [row] = await app.sql<{ id: string | null }>(
    'SELECT prescription_id AS id FROM external_prescriptions WHERE external_id = $1',
    [written],
  );
  return row?.id;
}

const parcelsOf = (id: string) => app.sql('SELECT 1 FROM shipments WHERE prescription_id = $1', [id]);

const somebody = () => ({ email: `${newId()}@example.com`, firstName: 'Ada', lastName: 'Marsh' });

describe('an order that was over before our prescription came', () => {
  const cancelled = (order: string) => update(order, 'cancelled', '2026-10-03T10:00:00Z');
  const delivered = async (order: string) => {
    const tracking = { trackingNumber: `1Z${order}`, carrier: 'UPS' };
    await update(order, 'shipped', '2026-10-03T10:00:00Z', { tracking });
    await update(order, 'delivered', '2026-10-05T10:00:00Z');
  };

  it.each([
    ['cancelled', cancelled, 'received', 'pass_validation', 'validated'],
    ['delivered', delivered, 'paid', 'hand_to_pharmacy', 'sent_to_pharmacy'],
  ] as const)('and %s says nothing of it, and the order after it does', async (_, end, before, action, after) => {
    const customer = somebody();
    const former = await ordered(customer, '2026-10-01T10:00:00Z');
    const formerly = await wrote(customer, '2026-10-01T11:00:00Z');
    await end(former);
    const patientId = await app.patient(customer);
    const id = await app.prescription(patientId, before, { received_at: new Date('2026-11-02T10:00:00Z') });
    await app.move(id, action);
    await app.quiet();
    expect([await app.stateOf(id), await parcelsOf(id), await oursOf(formerly)]).toEqual([after, [], null]);

    const latest = await ordered(customer, '2026-11-02T09:00:00Z');
    const lately = await wrote(customer, '2026-11-02T10:00:30Z');
    expect([await app.stateOf(id), await oursOf(formerly), await oursOf(lately)]).toEqual([after, null, id]);
    await update(latest, 'cancelled', '2026-11-04T10:00:00Z');
    expect(await app.stateOf(id)).toBe('cancelled');
  });
});

describe('an update that is the whole order and has no time of its own', () => {
  it('happened when it was first heard, not when the order was placed', async () => {
    const [customer, createdAt] = [somebody(), '2026-10-01T10:00:00Z'];
    const order = await ordered(customer, createdAt);
    await wrote(customer, '2026-10-01T11:00:00Z');
    const patientId = await app.patient(customer);
    const id = await app.prescription(patientId, 'validated', { received_at: new Date('2026-10-02T10:00:00Z') });
    const receivedAt = '2026-10-03T10:00:00.000Z';
    for (let times = 0; times < 2; times += 1) {
      await hear('order.status_updated', { _id: order, status: 'cancelled', createdAt, customer }, receivedAt);
    }
    expect(await app.stateOf(id)).toBe('cancelled');
    const heard = await app.sql<{ at: Date }>(
      `SELECT e.occurred_at AS at FROM order_events e JOIN orders o ON o.id = e.order_id
       WHERE o.external_id = $1 AND e.kind = 'status' AND e.word = 'cancelled'`,
      [order],
    );
    expect(heard).toEqual([{ at: new Date(receivedAt) }]);
  });
});

describe('a customer who is named by the email alone', () => {
  it('keeps name and phone, and is nobody else for that', async () => {
    const ada = somebody();
    const eve = { ...ada, firstName: 'Eve', lastName: 'Lake', phone: 'none' };
    const patientId = await app.patient(ada);
    const id = await app.prescription(patientId, 'validated', { received_at: new Date('2026-10-02T10:00:00Z') });
    const order = await ordered(eve, '2026-10-01T10:00:00Z');
    const written = await wrote(eve, '2026-10-01T11:00:00Z');
    await update(order, 'approved', '2026-10-02T12:00:00Z', { customer: { email: ada.email } });
    await update(order, 'cancelled', '2026-10-03T10:00:00Z');
    expect([await app.stateOf(id), await oursOf(written)]).toEqual(['validated', null]);
    const customers = await app.sql(
      `SELECT customers.first_name, customers.last_name, customers.phone_unreachable, customers.patient_id FROM orders o
       JOIN customer_contacts c ON c.id = o.contact_id JOIN customers ON customers.id = c.customer_id
       WHERE o.external_id = $1`,
      [order],
    );
    expect(customers).toEqual([{ first_name: 'Eve', last_name: 'Lake', phone_unreachable: true, patient_id: null }]);
  });
});

describe('two people with one email', () => {
  it('are two patients: each has their own orders, parcels and subscriptions, and a person is asked', async () => {
    const email = `${newId()}@example.com`;
    const [ada, bob] = ['Ada', 'Bob'].map((firstName) => ({ _id: newId(), email, firstName, lastName: 'Marsh' }));
    if (ada === undefined || bob === undefined) throw new Error('nobody');
    const patientOf = ({ firstName }: { firstName: string }) => app.patient({ email, firstName });
    const [adasId, bobsId] = [await patientOf(ada), await patientOf(bob)];
    const received = (time: string) => ({ received_at: new Date(`2026-11-19T${time}:00Z`) });
    const bobs = await app.prescription(bobsId, 'sent_to_pharmacy', received('10:10'));
    const adas = await app.prescription(adasId, 'validated', received('10:40'));
    const adasOrder = await ordered(ada, '2026-11-19T09:50:00Z');
    const bobsOrder = await ordered(bob, '2026-11-19T09:55:00Z');
    const written = [await wrote(ada, '2026-11-19T10:00:00Z'), await wrote(bob, '2026-11-19T10:30:00Z')];
    expect(await Promise.all(written.map(oursOf))).toEqual([adas, bobs]);

    // An update need not say which of them it is for.
    await update(adasOrder, 'shipped', '2026-11-19T12:00:00Z', {
      customer: { email },
      tracking: { trackingNumber: `1Z${adasOrder}`, carrier: 'UPS' },
    });
    await update(adasOrder, 'cancelled', '2026-11-19T13:00:00Z');
    expect([await app.stateOf(adas), await app.stateOf(bobs)]).toEqual(['cancelled', 'sent_to_pharmacy']);
    expect(await parcelsOf(bobs)).toEqual([]);
    await update(bobsOrder, 'shipped', '2026-11-19T14:00:00Z');
    expect(await app.stateOf(bobs)).toBe('shipped');
    const desk = await app.key();
    const ordersOf = async (patientId: string) => {
      const answer = await fetch(`${app.url}/api/orders?patientId=${patientId}`, { headers: { authorization: desk } });
      const { items } = (await answer.json()) as { items: { externalId: string; customer: { patientId: string } }[] };
      return items.map(({ externalId, customer }) => [externalId, customer.patientId]);
    };
    expect(await ordersOf(adasId)).toEqual([[adasOrder, adasId]]);
    expect(await ordersOf(bobsId)).toEqual([[bobsOrder, bobsId]]);

    await hear('subscription.paused', { _id: newId(), customer: ada, pausedAt: '2026-11-19T15:00:00Z' });
    const suppressed = (patientId: string) =>
      app.db.tx(systemContext, (tx) => app.get(Subscriptions).suppressReminders(tx, patientId));
    expect([await suppressed(adasId), await suppressed(bobsId)]).toEqual([true, false]);
    await ordered(bob, '2026-11-19T16:00:00Z');
    expect(await suppressed(adasId)).toBe(true);
    await update(await ordered(ada, '2026-11-19T17:00:00Z'), 'approved', '2026-11-19T18:00:00Z', {
      customer: { email },
    });
    expect(await suppressed(adasId)).toBe(false);

    const reviews = await app.sql(
      `SELECT r.reason, r.customer_id = r.other_customer_id AS one, customers.patient_id FROM customer_reviews r
       JOIN customers ON customers.id = r.customer_id JOIN customer_contacts c ON c.customer_id = customers.id
       WHERE c.patient_id = $1 GROUP BY r.id, customers.id`,
      [adasId],
    );
    expect(reviews).toEqual([{ reason: 'several_names', one: true, patient_id: null }]);
  });
});

describe("what is told of a part of somebody's orders", () => {
  it('leaves the rest as all of them say, whoever placed the order', async () => {
    const [payer, patient] = [{ ...somebody(), firstName: 'Eve' }, somebody()];
    const patientId = await app.patient(patient);
    const id = await app.prescription(patientId, 'validated', { received_at: new Date('2026-11-01T12:00:00Z') });
    const former = await ordered(payer, '2026-10-01T10:00:00Z');
    const formerly = await wrote(patient, '2026-10-01T11:00:00Z', { order: former });
    const latest = await ordered(payer, '2026-11-01T10:00:00Z');
    const lately = await wrote(patient, '2026-11-01T11:00:00Z', { order: latest });
    expect([await oursOf(formerly), await oursOf(lately)]).toEqual([null, id]);
    await update(former, 'cancelled', '2026-11-05T10:00:00Z');
    expect([await oursOf(formerly), await oursOf(lately), await app.stateOf(id)]).toEqual([null, id, 'validated']);
    await update(latest, 'cancelled', '2026-11-06T10:00:00Z');
    expect(await app.stateOf(id)).toBe('cancelled');
  });

  it.each([
    ['an order', (order: string) => ({ order })],
    ['no order', () => ({ order: newId() })],
  ])("lets go of a prescription that turned out to be another patient's, where it was on %s", async (_, more) => {
    const customer = somebody();
    const patientId = await app.patient(customer);
    const received = { received_at: new Date('2026-11-01T12:00:00Z') };
    const id = await app.prescription(patientId, 'validation_issue', received);
    const order = await ordered(customer, '2026-11-01T10:00:00Z');
    const written = await wrote(customer, '2026-11-01T11:00:00Z', more(order));
    expect(await oursOf(written)).toBe(id);
    const bob = await app.patient({ ...somebody(), firstName: 'Bob' });
    await app.move(id, 'resubmit');
    await app.move(id, 'pass_validation', bob);
    await app.quiet();
    expect(await oursOf(written)).toBeNull();
    await update(order, 'cancelled', '2026-11-05T10:00:00Z');
    expect(await app.stateOf(id)).toBe('validated');
    const moves = await app.sql(
      `SELECT 1 FROM order_events e JOIN orders o ON o.id = e.order_id WHERE o.external_id = $1 AND e.kind = 'move'`,
      [order],
    );
    expect(moves).toEqual([]);
  });
});
