import { PatientCorrections } from '../../src/modules/directory/patient-corrections.service.js';
import { LabelGateway } from '../../src/modules/shipping/gateways/label-gateway.port.js';
import { systemContext } from '../../src/platform/db/index.js';
import { Refused } from '../../src/platform/effects/index.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';

let app: ShippingApp;
let key: string;
beforeAll(async () => {
  app = await startShippingApp();
  key = await app.key();
});
afterAll(() => app.stop());
afterEach(() => fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' }));

const carson = { line1: '5 Pine St', city: 'Carson City', state: 'NV', zip: '89701' };
const oakland = { line1: '3 Bay St', city: 'Oakland', state: 'CA', zip: '94607' };

async function correct(id: string, address: typeof oakland): Promise<void> {
  const [row] = await app.sql<{ patient_id: string }>('SELECT patient_id FROM prescriptions WHERE id = $1', [id]);
  await app.db.tx(systemContext, (tx) => app.get(PatientCorrections).correct(tx, row?.patient_id ?? '', { address }));
}

/** Once it names a dead letter. */
async function why(id: string) {
  const headers = { authorization: key };
  return app.eventually(async () => {
    const answer = await fetch(`${app.url}/api/prescriptions/${id}/why`, { headers });
    const told = (await answer.json()) as { code: string };
    return told.code === 'prescription.dead-letter' ? told : undefined;
  });
}

describe('an address corrected to a state the pharmacy is not licensed in', () => {
  it.each([
    ['buys no label', 'platform_label', 'shippo', 'label'],
    ['places no order at a partner pharmacy', 'partner', 'lifefile', 'order'],
  ] as const)('%s, and says so', async (_, kind, vendor, effect) => {
    const id = await app.beforeShipping({ kind });
    await correct(id, oakland);
    await app.release(id);
    expect(await why(id)).toMatchObject({ who: 'ops', details: { reason: 'shipping.not-licensed' } });
    expect(await app.ledger(vendor, effect, id)).toEqual([]);
    expect(await app.shipments(id)).toEqual([]);
  });
});

describe('an address corrected after its label was priced', () => {
  const fault = (kind: string, match: object, times: number) =>
    app.sandbox.post('/_sandbox/faults', { vendor: 'shippo', kind, match, times });
  const dueNow = (id: string) =>
    app.sql(
      `UPDATE outbox_events SET due_at = now() WHERE aggregate_id = $1 AND done_at IS NULL AND dispatched_at IS NULL`,
      [id],
    );
  const correctedWhile = async (purchase: string, until: (id: string) => Promise<boolean>) => {
    const id = await app.beforeShipping();
    await fault(purchase, { path: '/transactions', method: 'POST' }, 1);
    // Nobody learns what became of it before the correction.
    await fault('500_before', { path: '/transactions', method: 'GET' }, 50);
    await app.release(id);
    await app.eventually(async () => ((await until(id)) ? true : undefined));
    await correct(id, carson);
    await fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    await dueNow(id);
    return id;
  };
  const label = async (purchase: string, until: (id: string) => Promise<boolean>) => {
    const id = await correctedWhile(purchase, until);
    await app.reaches(id, 'shipped');
    return id;
  };
  const isBought = async (id: string) => (await app.ledger('shippo', 'label', id)).length > 0;
  /** What the newest label says. */
  const printed = async (id: string): Promise<string> => {
    const shipmentId = (await app.shipments(id)).at(-1)?.['id'] ?? '';
    const answer = await fetch(`${app.url}/api/shipments/${shipmentId}/label`, { headers: { authorization: key } });
    return Buffer.from(await answer.arrayBuffer()).toString('latin1');
  };

  it('is where the label goes that was not bought before', async () => {
    const id = await label('500_before', async (one) => {
      const rows = await app.sql(`SELECT 1 FROM effects WHERE key = $1 AND state = 'unknown'`, [`label:${one}:1`]);
      return rows.length > 0;
    });
    expect(await printed(id)).toContain('Carson City NV 89701');
    expect(await app.ledger('shippo', 'label', id)).toHaveLength(1);
  });

  it('is where a new label goes; the one bought for the old address is given back', async () => {
    const id = await label('500_after', isBought);
    expect(await app.ledger('shippo', 'label', id)).toHaveLength(2);
    expect(await app.ledger('shippo', 'refund', id)).toHaveLength(1);
    expect((await app.shipments(id)).map(({ status }) => status)).toEqual(['voided', 'pre_transit']);
    expect(await printed(id)).toContain('Carson City NV 89701');
  });

  it('is for a person when the carrier does not take the label for the old one back', async () => {
    const gateway = app.get(LabelGateway);
    gateway.void = () => Promise.reject(new Refused('shipping.label-not-refunded', 'no'));
    try {
      const id = await correctedWhile('500_after', isBought);
      expect(await why(id)).toMatchObject({
        code: 'prescription.dead-letter',
        details: { reason: 'shipping.label-not-refunded' },
      });
      expect((await app.shipments(id)).map(({ status }) => status)).toEqual(['pre_transit']);
    } finally {
      Reflect.deleteProperty(gateway, 'void');
    }
  });
});
