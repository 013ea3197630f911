import { forgetOrders, orderRows, startOrdersApp, type OrdersApp } from '../support/orders-app.js';

let app: OrdersApp;
beforeAll(async () => {
  app = await startOrdersApp();
});
afterAll(() => app.stop());

interface Crowd {
  shared: object;
  size: number;
}

/** Orders of as many customers, each with an email of their own, who have one value in common; one of them has only that. */
function crowd({ shared, size }: Crowd): object[] {
  const order = (name: string, customer: object) => ({
    _id: `order-${name}`,
    totalAmount: 10,
    createdAt: '2026-11-16T10:00:00Z',
    customer: { ...shared, ...customer },
  });
  const own = Array.from({ length: size }, (_, index) => order(String(index), { email: `one.${index}@example.com` }));
  return [...own, order('nameless', { firstName: 'Somebody' })];
}

async function rowsAfter(orders: readonly object[]): Promise<Record<string, unknown[]>> {
  await forgetOrders(app);
  for (const body of orders) expect(await app.hand('order.created', body)).toMatchObject({ outcome: 'processed' });
  return orderRows(app);
}

const shares = [
  ['phone', { phone: '+12125550188' }],
  ['id', { _id: 'guest' }],
] as const;

describe('what many customers have in common', () => {
  it.each(shares)('such as a %s tells nobody apart and raises no doubts', async (_, shared) => {
    const rows = await rowsAfter(crowd({ shared, size: 60 }));
    expect(rows['customers']).toHaveLength(61);
    expect(rows['reviews']).toEqual([]);
  });

  it.each(shares)('in a household, such as a %s, is asked about', async (_, shared) => {
    const rows = await rowsAfter(crowd({ shared, size: 3 }));
    expect(rows['customers']).toHaveLength(4);
    expect(rows['reviews']).toHaveLength(6);
  });

  it.each(shares)('such as a %s leads to the same rows whatever order they came in', async (_, shared) => {
    const orders = crowd({ shared, size: 24 });
    const expected = await rowsAfter(orders);
    expect(await rowsAfter(orders.toReversed())).toEqual(expected);
    expect(await rowsAfter([...orders.slice(12), ...orders.slice(0, 18), ...orders.slice(0, 3)])).toEqual(expected);
  });

  it('is no way to a patient, whoever of the two came first', async () => {
    const orders = crowd({ shared: { phone: '+12125550189', firstName: 'Ada', lastName: 'Marsh' }, size: 24 });
    await rowsAfter(orders.slice(0, 5));
    await app.patient({ phone: '+12125550189' });
    const rows = await rowsAfter(orders);
    expect(rows['customers']?.filter((row) => (row as { patient_id: string | null }).patient_id !== null)).toEqual([]);
  });
});
