import { newId } from '../../src/platform/ids/index.js';
import { bloom, startOrdersApp, type OrdersApp } from '../support/orders-app.js';

describe('a source of CarePortals that sends more than it may', () => {
  let app: OrdersApp;
  beforeAll(async () => {
    app = await startOrdersApp({ WEBHOOKS_PER_MINUTE: '5' });
  });
  afterAll(() => app.stop());

  it('holds up no other one', async () => {
    const one = () => ({ event: 'order.created', _id: newId(), totalAmount: 1 });
    const statuses: number[] = [];
    for (let sent = 0; sent < 6; sent += 1) statuses.push((await app.push(one())).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await app.push(one(), { secret: bloom.secret })).status).toBe(200);
  });
});
