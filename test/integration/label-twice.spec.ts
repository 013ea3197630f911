import pg from 'pg';
import { ShippingWorker } from '../../src/modules/shipping/shipping.worker.js';
import { newId } from '../../src/platform/ids/index.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { until } from '../support/until.js';

describe('a job that is handed out again while its first run is still going', () => {
  let app: ShippingApp;

  beforeAll(async () => {
    app = await startShippingApp({ works: false });
  });
  afterAll(() => app.stop());

  /** Whoever runs into `lock` waits until the returned function is called. */
  const hold = async (lock: string): Promise<() => Promise<void>> => {
    const client = new pg.Client({ connectionString: app.database.superuserUrl });
    await client.connect();
    await client.query(`BEGIN; ${lock}`);
    return () => client.end();
  };
  const waiting = async (): Promise<number> => {
    const [row] = await app.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return row?.n ?? 0;
  };

  it('buys one label, also when the first run books its own while the second looks whether there is one', async () => {
    const id = await app.ready();
    const fulfil = () =>
      app.get(ShippingWorker).fulfil({ prescriptionId: id }, { outboxId: newId(), attempt: 1, closed: false });
    const letBook = await hold('LOCK TABLE shipments IN SHARE MODE');
    const first = fulfil();
    await until(async () => (await waiting()) === 1);
    const letLook = await hold('LOCK TABLE partner_orders IN ACCESS EXCLUSIVE MODE');
    const second = fulfil();
    await until(async () => (await waiting()) === 2);
    await letBook();
    await first;
    await letLook();
    await second;
    expect(await app.ledger('shippo', 'label', id)).toHaveLength(1);
    expect(await app.shipments(id)).toHaveLength(1);
  });
});
