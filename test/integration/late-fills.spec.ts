import { catalog } from '../../src/demo/catalog.js';
import { Drugs } from '../../src/modules/directory/index.js';
import { ShippingWorker } from '../../src/modules/shipping/shipping.worker.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow } from '../support/looker.js';
import { startShippingApp, type NewParcelOrder, type ShippingApp } from '../support/shipping-app.js';

describe('what was claimed in time but is to be filled after the last day (21 CFR 1306.22(a))', () => {
  let app: ShippingApp;
  beforeAll(async () => {
    app = await startShippingApp({ works: false });
  });
  afterAll(() => app.stop());
  afterEach(() => fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' }));

  const tooLate = { code: 'shipping.order-expired' };
  const writtenDate = new Date(Date.now() - 200 * 86_400_000).toISOString().slice(0, 10);
  const run = () => ({ outboxId: newId(), attempt: 1, closed: false });
  const fulfil = (prescriptionId: string) => app.get(ShippingWorker).fulfil({ prescriptionId }, run());
  const handOver = (prescriptionId: string) => app.get(ShippingWorker).handOver({ prescriptionId }, run());
  const ready = (wanted: NewParcelOrder) => app.ready({ writtenDate, schedule: 'IV', ...wanted });
  /** As if the day had passed since. */
  const expire = (id: string) => app.sql(`UPDATE prescriptions SET schedule = 'IV' WHERE id = $1`, [id]);
  const stateOf = async (id: string) =>
    (await app.sql<{ state: string }>('SELECT state FROM prescriptions WHERE id = $1', [id]))[0]?.state;
  const ordersThere = (id: string) => app.ledger('lifefile', 'order', id);

  it.each(['full', 'direct'] as const)('gets no label (path %s)', async (path) => {
    const id = await ready({ path });
    await expect(fulfil(id)).rejects.toMatchObject(tooLate);
    expect(await app.shipments(id)).toEqual([]);
    expect(await app.sql('SELECT 1 FROM effects WHERE aggregate_id = $1', [id])).toEqual([]);
  });

  it.each(['full', 'direct'] as const)('is no order at a partner pharmacy (path %s)', async (path) => {
    const id = await ready({ kind: 'partner', path });
    await expect(handOver(id)).rejects.toMatchObject(tooLate);
    expect(await ordersThere(id)).toEqual([]);
  });

  it('is so by the schedule the directory came to know since', async () => {
    await app.db.tx(systemContext, (tx) => app.get(Drugs).upsert(tx, catalog));
    const id = await app.ready({ writtenDate });
    await app.sql(`UPDATE prescriptions SET ndc = '70000011330' WHERE id = $1`, [id]);
    await expect(fulfil(id)).rejects.toMatchObject(tooLate);
  });

  it('goes on where its pharmacy works on it already', async () => {
    const id = await ready({});
    await app.sql(`UPDATE prescriptions SET state = 'processing' WHERE id = $1`, [id]);
    await fulfil(id);
    expect(await stateOf(id)).toBe('shipped');
  });

  describe('and whose order was sent before', () => {
    const sent = async (fault: string) => {
      await app.sandbox.post('/_sandbox/faults', { vendor: 'lifefile', kind: fault, match: { method: 'POST' } });
      const id = await app.ready({ kind: 'partner', writtenDate });
      await expect(handOver(id)).rejects.toThrow();
      await expire(id);
      return id;
    };

    it('is not sent again when a person says that it is not there', async () => {
      const id = await sent('500_before');
      await app.sql(`UPDATE effects SET state = 'refused' WHERE aggregate_id = $1`, [id]);
      await expect(handOver(id)).rejects.toMatchObject(tooLate);
      expect(await ordersThere(id)).toEqual([]);
    });

    it('is booked when the pharmacy has told of it', async () => {
      const id = await sent('500_after');
      await insertRow(app.sql, 'webhook_events', {
        id: newId(),
        organization_id: app.organizationId,
        source: 'lifefile',
        dedupe_key: `told ${id}`,
        event_type: 'prescription.status.update',
        status: 'parked',
        raw_sealed: Buffer.alloc(1),
        headers_sealed: Buffer.alloc(1),
        received_at: new Date(),
        related: { prescriptionId: id, orderId: 'theirs' },
      });
      await handOver(id);
      expect(await stateOf(id)).toBe('sent_to_pharmacy');
      expect(await ordersThere(id)).toHaveLength(1);
    });

    it('is booked when its answer came', async () => {
      const id = await sent('500_after');
      const reply = JSON.stringify({ id: 'theirs', fillId: null, rxNumber: null });
      await app.sql(`UPDATE effects SET state = 'confirmed', reply = $2 WHERE aggregate_id = $1`, [id, reply]);
      await handOver(id);
      expect(await stateOf(id)).toBe('sent_to_pharmacy');
    });
  });
});
