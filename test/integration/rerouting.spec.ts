import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { Routing } from '../../src/modules/routing/routing.service.js';
import { RoutingWorker } from '../../src/modules/routing/routing.worker.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { commercialCard, startSteps, type Steps } from '../support/steps-app.js';

describe('routing after a payer has refused a pharmacy', () => {
  let steps: Steps;

  beforeAll(async () => {
    steps = await startSteps();
  });
  afterAll(async () => {
    await steps.stop();
  });
  beforeEach(async () => {
    await steps.sql('DELETE FROM recommendations');
    await steps.sql('DELETE FROM pharmacies');
  });

  const recommend = (prescriptionId: string, refusedPharmacyId?: string) =>
    steps
      .get(RoutingWorker)
      .recommend(
        { prescriptionId, ...(refusedPharmacyId !== undefined && { refusedPharmacyId }) },
        { outboxId: newId(), attempt: 1, closed: false },
      );
  /** As the payer's answer leaves it. */
  const refused = async (id: string, pharmacyId: string) => {
    await steps.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [id]);
    await recommend(id, pharmacyId);
  };
  const rerun = (id: string) => steps.get(Routing).rerun(steps.staff(), id);
  const choose = (id: string, pharmacyId: string) => steps.get(Routing).choose(steps.staff(), id, { pharmacyId });
  const pharmacyOf = async (id: string) =>
    (await steps.sql<{ pharmacy_id: string | null }>('SELECT pharmacy_id FROM prescriptions WHERE id = $1', [id]))[0]
      ?.pharmacy_id;
  /** Refused at the first of two, and gone to the second. */
  const rerouted = async () => {
    const [one, two] = [await steps.pharmacy(), await steps.pharmacy({ turnaroundHours: 60 })];
    const patientId = await steps.patient();
    const id = await steps.prescription({ pharmacyId: one.id }, patientId);
    await refused(id, one.id);
    expect(await pharmacyOf(id)).toBe(two.id);
    return { id, patientId, one, two };
  };

  it('asks the next plan anew: it may have both, and refuses one of them only', async () => {
    const { id, patientId, one, two } = await rerouted();
    steps.cover(patientId, { ...commercialCard, bin: '610012' });
    await refused(id, two.id);
    expect(await pharmacyOf(id)).toBe(one.id);
    steps.cover(patientId, commercialCard);
    await steps.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [id]);
    const { ranked, excluded } = await rerun(id);
    expect(ranked.map(({ pharmacyId }) => pharmacyId)).toEqual([two.id]);
    expect(excluded).toMatchObject([{ pharmacyId: one.id, reasons: [{ code: 'payer-refused' }] }]);
    await expect(choose(id, one.id)).rejects.toMatchObject({ code: 'routing.not-eligible' });
  });

  it('binds nobody who pays cash', async () => {
    const { id, patientId, one } = await rerouted();
    steps.cover(patientId, { kind: 'cash', government: false });
    await steps.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [id]);
    expect((await rerun(id)).excluded).toEqual([]);
    expect(await choose(id, one.id)).toEqual({ state: 'pharmacy_selected' });
  });

  it.each([
    ['another patient', { firstName: 'Bea' }, []],
    ['another phone of the same', { phone: '+15125550100' }, ['payer-refused']],
  ])('holds for one fill: corrected to %s', async (_, change, codes) => {
    const { id } = await rerouted();
    await steps.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [id]);
    await steps.db.tx(systemContext, async (tx) => {
      const order = await steps.get(Prescriptions).order(tx, id);
      const corrected = { ...order, patient: { ...order.patient, ...change } };
      await steps.get(Prescriptions).resubmit(tx, id, corrected, { actor: systemActor, reason: 'corrected' });
    });
    const patientId = await steps.patient();
    steps.cover(patientId, commercialCard);
    await steps.sql(`UPDATE prescriptions SET state = 'awaiting_routing', patient_id = $2 WHERE id = $1`, [
      id,
      patientId,
    ]);
    await recommend(id);
    const { excluded } = await steps.get(Routing).show(steps.staff(), id);
    expect(excluded.flatMap(({ reasons }) => reasons.map(({ code }) => code))).toEqual(codes);
  });
});
