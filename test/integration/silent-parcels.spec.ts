import * as migrations from '../../migrations/index.js';
import { Prescriptions } from '../../src/modules/prescriptions/index.js';
import { ToldParcels } from '../../src/modules/shipping/index.js';
import { ShipmentsStore } from '../../src/modules/shipping/shipments.store.js';
import { SilentParcels } from '../../src/modules/shipping/silent-parcels.js';
import { Tracking } from '../../src/modules/shipping/tracking.service.js';
import { systemContext } from '../../src/platform/db/index.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow } from '../support/looker.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { until } from '../support/until.js';

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

/** As a carrier reports it. */
const numberOf = (id: string) => `N${id.replaceAll('-', '').toUpperCase()}`;

describe('a parcel nobody reports the end of', () => {
  let app: ShippingApp;
  beforeAll(async () => {
    app = await startShippingApp({ works: false });
  });
  afterAll(() => app.stop());

  /** @returns the prescription it belongs to */
  const aParcel = async (columns: Readonly<Record<string, unknown>>, state = 'shipped') => {
    const id = await app.beforeShipping({ kind: 'partner' });
    await app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [id, state]);
    await insertRow(app.sql, 'shipments', {
      id: newId(),
      prescription_id: id,
      organization_id: app.organizationId,
      kind: 'partner',
      tracking_number: numberOf(id),
      status: 'in_transit',
      shipped_at: daysAgo(3),
      created_at: daysAgo(3),
      ...columns,
    });
    return id;
  };
  const nextPollOf = async (id: string) => (await app.shipments(id))[0]?.['next_poll_at'];
  const ticketsOf = (id: string) =>
    app.sql(`SELECT 1 FROM ticket_events WHERE reason = 'shipping.parcel-silent' AND details->>'prescriptionId' = $1`, [
      id,
    ]);

  it('is given up once, also when a word of it is read at that moment', async () => {
    const id = await aParcel({ carrier: 'ups', shipped_at: daysAgo(61), next_poll_at: daysAgo(0) });
    const [parcel] = await app.db.tx(systemContext, (tx) => app.get(ShipmentsStore).ofPrescription(tx, id));
    const giveUp = async (meanwhile = () => Promise.resolve()) =>
      app.db.tx(systemContext, async (tx) => {
        await app.get(SilentParcels).giveUp(tx, 10);
        await meanwhile();
      });
    let settled: Promise<void> | undefined;
    await giveUp(async () => {
      settled = app.db.tx(systemContext, (tx) => app.get(Tracking).settle(tx, parcel?.id ?? ''));
      await until(
        async () =>
          (
            await app.sql(
              `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
            )
          ).length > 0,
      );
    });
    await settled;
    expect(await nextPollOf(id)).toBeNull();
    await giveUp();
    expect(await ticketsOf(id)).toHaveLength(1);
  });

  it.each([
    ['asked after', daysAgo(3), 'in_transit', true],
    ['not asked after once its time is over', daysAgo(61), 'in_transit', false],
    ['not asked after once it has arrived', daysAgo(3), 'delivered', false],
  ])('is, from the word that names its carrier, %s', async (_, shippedAt, status, isAsked) => {
    const id = await aParcel({ shipped_at: shippedAt, status });
    await app.db.tx(systemContext, async (tx) =>
      app.get(ToldParcels).told(tx, await app.get(Prescriptions).get(tx, id), {
        trackingNumber: numberOf(id),
        carrier: 'ups',
        at: new Date(),
      }),
    );
    expect((await app.shipments(id))[0]).toMatchObject({ carrier: 'ups' });
    expect((await nextPollOf(id)) !== null).toBe(isAsked);
  });

  it('is one, however its number is written', async () => {
    const id = await aParcel({});
    await app.db.tx(systemContext, async (tx) => {
      const prescription = await app.get(Prescriptions).get(tx, id);
      for (const trackingNumber of [`n ${id}`, ` N-${id.toUpperCase()} `]) {
        await app.get(ToldParcels).told(tx, prescription, { trackingNumber, carrier: 'ups', at: new Date() });
      }
    });
    expect(await app.shipments(id)).toMatchObject([{ tracking_number: numberOf(id), carrier: 'ups' }]);
  });

  it('is found by its carrier’s number although a pharmacy had spelled it before the upgrade', async () => {
    const id = await aParcel({ tracking_number: '1z 999-aa1' });
    const twice = await aParcel({ tracking_number: '1Z 888' });
    const columns = { prescription_id: twice, organization_id: app.organizationId, status: 'in_transit' };
    const more = { id: newId(), kind: 'partner', tracking_number: '1Z888', created_at: daysAgo(1) };
    await insertRow(app.sql, 'shipments', { ...columns, ...more });
    class Plain1999999999998 extends migrations.PlainParcelNumbers1763682040000 {}
    await migrate(app.database.ownerUrl, undefined, [...Object.values(migrations), Plain1999999999998]);
    const found = await app.db.tx(systemContext, (tx) => app.get(ShipmentsStore).byTrackingNumber(tx, '1Z999AA1'));
    expect(found).toMatchObject([{ prescriptionId: id }]);
    const numbers = (await app.shipments(twice)).map((parcel) => parcel['tracking_number']);
    expect(numbers.toSorted()).toEqual(['1Z 888', '1Z888']);
  });

  it('is asked after, or becomes a ticket, although it lost its time before the upgrade', async () => {
    const ticketed = await aParcel({ shipped_at: daysAgo(70), next_poll_at: daysAgo(1) });
    await app.db.tx(systemContext, (tx) => app.get(SilentParcels).giveUp(tx, 10));
    const [waited, forgotten] = [await aParcel({}), await aParcel({ shipped_at: daysAgo(90) })];
    const settled = [
      await aParcel({ status: 'delivered' }),
      await aParcel({ status: 'failure' }),
      await aParcel({}, 'cancelled'),
      await aParcel({}, 'delivered'),
    ];
    class Again1999999999999 extends migrations.AskAfterOldParcels1763681990000 {}
    await migrate(app.database.ownerUrl, undefined, [...Object.values(migrations), Again1999999999999]);
    expect(await nextPollOf(waited)).not.toBeNull();
    await app.db.tx(systemContext, (tx) => app.get(SilentParcels).giveUp(tx, 10));
    expect(await nextPollOf(waited)).not.toBeNull();
    expect([await ticketsOf(waited), await ticketsOf(forgotten)]).toMatchObject([[], [{}]]);
    expect(await ticketsOf(ticketed)).toHaveLength(1);
    for (const id of settled) expect(await nextPollOf(id)).toBeNull();
  });
});
