import { PatientCorrections } from '../../src/modules/directory/patient-corrections.service.js';
import { systemContext } from '../../src/platform/db/index.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';

let app: ShippingApp;
let key: string;
beforeAll(async () => {
  app = await startShippingApp();
  key = await app.key();
});
afterAll(() => app.stop());
afterEach(() => fetch(`${app.sandbox.url}/_sandbox/faults`, { method: 'DELETE' }));

const oakland = { line1: '3 Bay St', city: 'Oakland', state: 'CA', zip: '94607' };

async function correct(id: string, address: typeof oakland): Promise<void> {
  const [row] = await app.sql<{ patient_id: string }>('SELECT patient_id FROM prescriptions WHERE id = $1', [id]);
  await app.db.tx(systemContext, (tx) => app.get(PatientCorrections).correct(tx, row?.patient_id ?? '', { address }));
}

describe('an address corrected to a state the pharmacy is not licensed in', () => {
  const why = async (id: string) => {
    const headers = { authorization: key };
    return app.eventually(async () => {
      const answer = await fetch(`${app.url}/api/prescriptions/${id}/why`, { headers });
      const told = (await answer.json()) as { code: string };
      return told.code === 'prescription.dead-letter' ? told : undefined;
    });
  };

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
