import { Routing } from '../../src/modules/routing/routing.service.js';
import { RoutingWorker } from '../../src/modules/routing/routing.worker.js';
import { newId } from '../../src/platform/ids/index.js';
import { commercialCard, startSteps, type Steps } from '../support/steps-app.js';

const address = { line1: '1 Elm St', city: 'Austin', state: 'TX', zip: '78701' };

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

  it('goes to the next pharmacy, and never back', async () => {
    const [one, two] = [await steps.pharmacy(), await steps.pharmacy({ turnaroundHours: 60 })];
    const id = await steps.prescription({ state: 'adjudication_issue', pharmacyId: one.id });
    await recommend(id, one.id);
    expect(await pharmacyOf(id)).toBe(two.id);
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    await recommend(id, one.id);
    expect(await pharmacyOf(id)).toBe(two.id);
    await steps.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [id]);
    await recommend(id, two.id);
    expect(await steps.stateOf(id)).toBe('adjudication_issue');
    const reasons = (await steps.get(Routing).show(steps.staff(), id)).excluded.flatMap((excluded) =>
      excluded.reasons.map(({ code }) => code),
    );
    expect(reasons).toEqual(['payer-refused', 'payer-refused']);
  });

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
    ['another patient', { firstName: 'Bea', address }, []],
    ['another phone of the same', { phone: '+15125550100', address }, ['payer-refused']],
  ])('holds for one fill: corrected to %s', async (_, change, codes) => {
    const { id } = await rerouted();
    const owner = await steps.patient();
    steps.cover(owner, commercialCard);
    await steps.correct(id, { patient: change }, owner);
    await recommend(id);
    const { excluded } = await steps.get(Routing).show(steps.staff(), id);
    expect(excluded.flatMap(({ reasons }) => reasons.map(({ code }) => code))).toEqual(codes);
  });

  describe('with a wish of the doctor', () => {
    const named = (ncpdpId: string) => steps.prescription({ order: { pharmacy: { ncpdpId } } });

    it('says that the pharmacy was refused, where the order goes on and where it cannot', async () => {
      const [wished, other] = [await steps.pharmacy(), await steps.pharmacy()];
      const id = await named(wished.ncpdpId);
      await recommend(id);
      expect(await pharmacyOf(id)).toBe(wished.id);
      await refused(id, wished.id);
      expect(await pharmacyOf(id)).toBe(other.id);
      const finding = { pharmacyId: wished.id, reasons: [{ code: 'payer-refused' }] };
      expect(await steps.findingOf(id)).toEqual(finding);
      await refused(id, other.id);
      expect(await steps.stateOf(id)).toBe('adjudication_issue');
      await rerun(id);
      expect(await steps.findingOf(id)).toEqual(finding);
    });

    it('goes to the one named, which was closed before, and no longer says that it may not', async () => {
      const taken = await steps.pharmacy();
      const wished = await steps.pharmacy({ turnaroundHours: 71, openForOrders: false });
      await steps.pharmacy();
      const id = await named(wished.ncpdpId);
      await recommend(id);
      await choose(id, taken.id);
      expect(await steps.findingOf(id)).toEqual({ pharmacyId: wished.id, reasons: [{ code: 'closed' }] });
      await steps.sql('UPDATE pharmacies SET open_for_orders = true');
      await refused(id, taken.id);
      expect(await pharmacyOf(id)).toBe(wished.id);
      expect(await steps.findingOf(id)).toBeNull();
    });
  });
});
