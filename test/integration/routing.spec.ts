import { RecommendationsStore } from '../../src/modules/routing/recommendations.store.js';
import { Routing } from '../../src/modules/routing/routing.service.js';
import { RoutingWorker } from '../../src/modules/routing/routing.worker.js';
import { Prescriptions, Waiting } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { commercialCard, startSteps, type Steps } from '../support/steps-app.js';

const adalimumab = '70000011402';
const amphetamine = '70000011230';

describe('routing', () => {
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
  const show = (id: string) => steps.get(Routing).show(steps.staff(), id);
  const choose = (
    id: string,
    pharmacyId: string,
    more: { override?: boolean; reason?: string; serviceLevel?: 'standard' | 'expedited' } = {},
    role: 'ops' | 'integrator' = 'ops',
  ) => steps.get(Routing).choose(steps.staff(role), id, { pharmacyId, ...more });
  const why = async (id: string) =>
    steps.db.tx(systemContext, async (tx) => {
      const prescription = await steps.get(Prescriptions).get(tx, id);
      return steps.get(Waiting).of(prescription.state)?.explain(tx, prescription);
    });
  const events = async (id: string) =>
    (
      await steps.sql<{ event: string }>(
        'SELECT event FROM prescription_status_events WHERE prescription_id = $1 ORDER BY id',
        [id],
      )
    ).map(({ event }) => event);
  const pharmacyOf = async (id: string) =>
    (await steps.sql<{ pharmacy_id: string | null }>('SELECT pharmacy_id FROM prescriptions WHERE id = $1', [id]))[0]
      ?.pharmacy_id;

  it('ranks the nearer of two equal pharmacies first and names every reason of the excluded one', async () => {
    const far = await steps.pharmacy({ city: 'El Paso', zip: '79901' });
    const near = await steps.pharmacy();
    const out = await steps.pharmacy({ licensedStates: ['OK'], openForOrders: false, networks: {} });
    const id = await steps.prescription();
    await recommend(id);
    expect(await steps.stateOf(id)).toBe('awaiting_pharmacy_selection');
    const { ranked, excluded } = await show(id);
    expect(ranked.map(({ pharmacyId }) => pharmacyId)).toEqual([near.id, far.id]);
    expect(ranked[1]?.distanceMiles).toBeGreaterThan(400);
    expect(excluded).toMatchObject([{ pharmacyId: out.id, pharmacy: { id: out.id } }]);
    expect(excluded[0]?.reasons.map(({ code }) => code)).toEqual(['license', 'network', 'closed']);
    expect(await why(id)).toMatchObject({ code: 'routing.choice', who: 'ops', details: { ranked: 2, excluded: 1 } });
  });

  it('is licensed where the parcel will go: an order without a street leaves the address on file', async () => {
    const there = await steps.pharmacy();
    await steps.pharmacy({ licensedStates: ['NY'], state: 'NY', zip: '10001' });
    const id = await steps.prescription({ order: { patient: { address: { state: 'NY', zip: '10001' } } } });
    await recommend(id);
    const { ranked } = await show(id);
    expect(ranked.map(({ pharmacyId }) => pharmacyId)).toEqual([there.id]);
    expect(ranked[0]?.distanceMiles).toBeLessThan(10);
  });

  it("takes the doctor's pharmacy at once, in one transaction, and runs twice without harm", async () => {
    await steps.pharmacy();
    const named = await steps.pharmacy({ city: 'El Paso', zip: '79901' });
    const id = await steps.prescription({ order: { pharmacy: { ncpdpId: named.ncpdpId } } });
    await recommend(id);
    await recommend(id);
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    expect(await pharmacyOf(id)).toBe(named.id);
    expect(await events(id)).toEqual(['pharmacies_recommended', 'pharmacy_selected']);
    expect((await show(id)).selectedPharmacyId).toBe(named.id);
  });

  it("keeps the reason when the doctor's pharmacy may not fill, and leaves the choice to people", async () => {
    await steps.pharmacy();
    const named = await steps.pharmacy({ openForOrders: false });
    const id = await steps.prescription({ order: { pharmacy: { ncpdpId: named.ncpdpId } } });
    await recommend(id);
    expect(await steps.stateOf(id)).toBe('awaiting_pharmacy_selection');
    expect(await why(id)).toMatchObject({
      details: { doctorsPharmacy: named.id, doctorsPharmacyReasons: [{ code: 'closed' }] },
    });
  });

  describe('a pharmacy the directory does not know', () => {
    const ncpdpId = '4999999';
    const unknown = { pharmacyId: null, reasons: [{ code: 'not-in-directory' }] };
    const ordered = async () => {
      await steps.pharmacy();
      const id = await steps.prescription({ order: { pharmacy: { ncpdpId } } });
      await recommend(id);
      expect(await steps.findingOf(id)).toEqual(unknown);
      return id;
    };

    it('is said to be unknown until it is listed, then what keeps it out, then nothing', async () => {
      const id = await ordered();
      const rerun = () => steps.get(Routing).rerun(steps.staff(), id);
      const { id: listed } = await steps.pharmacy({ ncpdpId, openForOrders: false });
      await rerun();
      expect(await steps.findingOf(id)).toEqual({ pharmacyId: listed, reasons: [{ code: 'closed' }] });
      await rerun();
      await steps.sql('UPDATE pharmacies SET open_for_orders = true');
      await rerun();
      expect(await steps.findingOf(id)).toBeNull();
      const told = await steps.sql(
        `SELECT 1 FROM ticket_events e JOIN prescriptions p USING (ticket_id)
         WHERE p.id = $1 AND e.code = 'ticket.pharmacy-not-eligible'`,
        [id],
      );
      expect(told).toHaveLength(2);
    });

    it('is not said to be unknown when it was taken without a new list', async () => {
      const id = await ordered();
      const listed = await steps.pharmacy({ ncpdpId });
      await choose(id, listed.id, { override: true, reason: 'listed today' });
      expect(await steps.findingOf(id)).toBeNull();
    });

    it('is not spoken of once the order was corrected to one that may fill', async () => {
      const id = await ordered();
      const known = await steps.pharmacy();
      await steps.correct(id, { pharmacy: { ncpdpId: known.ncpdpId } });
      await recommend(id);
      expect(await pharmacyOf(id)).toBe(known.id);
      expect(await steps.findingOf(id)).toBeNull();
    });

    it('stays spoken of when a further prescription of the ticket names none', async () => {
      const id = await ordered();
      const further = await steps.prescription();
      await steps.sql(
        'UPDATE prescriptions SET ticket_id = (SELECT ticket_id FROM prescriptions WHERE id = $1) WHERE id = $2',
        [id, further],
      );
      await recommend(further);
      expect(await steps.stateOf(further)).toBe('awaiting_pharmacy_selection');
      expect(await steps.findingOf(id)).toEqual(unknown);
    });
  });

  it("takes the patient's own pharmacy when the doctor named none", async () => {
    const own = await steps.pharmacy();
    await steps.pharmacy();
    const id = await steps.prescription({}, await steps.patient(own.id));
    await recommend(id);
    expect(await pharmacyOf(id)).toBe(own.id);
    await steps.patient();
  });

  it('ends in routing_issue when nobody may fill, counts the reasons, and finds one later', async () => {
    const { id: pharmacyId } = await steps.pharmacy({ licensedStates: ['TX'] });
    const id = await steps.prescription({ ndc: adalimumab });
    await recommend(id);
    expect(await steps.stateOf(id)).toBe('routing_issue');
    expect(await why(id)).toMatchObject({
      code: 'routing.no-pharmacy',
      details: { exclusionReasons: { specialty: 1 } },
    });
    await expect(choose(id, pharmacyId)).rejects.toMatchObject({ code: 'routing.not-eligible' });
    await steps.sql('UPDATE pharmacies SET specialty = true');
    await expect(choose(id, pharmacyId)).rejects.toMatchObject({ code: 'routing.not-recommended' });
    expect((await steps.get(Routing).rerun(steps.staff(), id)).ranked).toHaveLength(1);
    expect(await choose(id, pharmacyId, { serviceLevel: 'expedited' })).toEqual({ state: 'pharmacy_selected' });
    const level = await steps.sql('SELECT service_level AS level FROM prescriptions WHERE id = $1', [id]);
    expect(level).toEqual([{ level: 'expedited' }]);
  });

  it('asks about the card, without a number of it, when its plan is all that is in the way, and says whose turn it is', async () => {
    await steps.pharmacy();
    await steps.pharmacy({ specialty: false, openForOrders: false });
    const id = await steps.prescription({ coverage: { ...commercialCard, bin: '610099' } });
    await recommend(id);
    expect(await steps.stateOf(id)).toBe('routing_issue');
    const asked = await why(id);
    expect(asked).toMatchObject({
      code: 'routing.no-pharmacy',
      who: 'ops',
      details: { exclusionReasons: { network: 2 } },
    });
    expect(asked?.waitsFor).toContain('card');
    expect(asked?.next).toContain('POST /api/prescriptions/:id/enrollment');
    expect(JSON.stringify(asked)).not.toMatch(/610099|ABC123456/);
    const turns = [];
    for (const check of ['with-patient', 'lapsed'] as const) {
      steps.checks.card = check;
      turns.push((await why(id))?.who);
    }
    steps.checks.card = 'not-sent';
    expect(turns).toEqual(['patient', 'ops']);
  });

  it('overrides stock and network with a reason by operations, never licence or schedule', async () => {
    const { id: pharmacyId } = await steps.pharmacy({ schedules: ['II'], forms: [], networks: {} });
    const id = await steps.prescription({ ndc: amphetamine });
    await recommend(id);
    const reason = 'agreed with the pharmacist';
    await expect(choose(id, pharmacyId, { override: true })).rejects.toMatchObject({
      code: 'routing.override-needs-reason',
    });
    await expect(choose(id, pharmacyId, { override: true, reason }, 'integrator')).rejects.toMatchObject({
      code: 'routing.override-not-yours',
    });
    await steps.sql(`UPDATE pharmacies SET schedules = '{}', licensed_states = '{}'`);
    await expect(choose(id, pharmacyId, { override: true, reason })).rejects.toMatchObject({
      code: 'routing.legal-rule',
      meta: { reasons: [{ code: 'license' }, { code: 'schedule' }] },
    });
    await steps.sql(`UPDATE pharmacies SET schedules = '{II}', licensed_states = '{TX}'`);
    expect(await choose(id, pharmacyId, { override: true, reason })).toEqual({ state: 'pharmacy_selected' });
  });

  it('counts the orders of today only, and excludes at the capacity', async () => {
    const busy = await steps.pharmacy({ dailyCapacity: 1 });
    const first = await steps.prescription();
    await recommend(first);
    await choose(first, busy.id);
    const second = await steps.prescription();
    await recommend(second);
    expect((await show(second)).excluded).toMatchObject([{ reasons: [{ code: 'capacity' }] }]);
    await steps.sql(
      `UPDATE recommendations SET selected_at = selected_at - interval '1 day' WHERE selected_at IS NOT NULL`,
    );
    expect((await steps.get(Routing).rerun(steps.staff(), second)).ranked).toHaveLength(1);
  });

  it('gives the last order of the day to one of those that are routed there at once', async () => {
    const named = await steps.pharmacy({ dailyCapacity: 1 });
    const order = { pharmacy: { ncpdpId: named.ncpdpId } };
    const ids = await Promise.all(Array.from({ length: 8 }, () => steps.prescription({ order })));
    await Promise.all(ids.map((id) => recommend(id)));
    const states = (await Promise.all(ids.map((id) => steps.stateOf(id)))).toSorted();
    expect(states).toEqual(['pharmacy_selected', ...Array.from({ length: 7 }, () => 'routing_issue')]);
  });

  it('gives it to one of those that are chosen for it at once, and says to the others that it is full', async () => {
    const { id: pharmacyId } = await steps.pharmacy({ dailyCapacity: 1 });
    const ids = await Promise.all(Array.from({ length: 4 }, () => steps.prescription()));
    for (const id of ids) await recommend(id);
    const answers = await Promise.allSettled(ids.map((id) => choose(id, pharmacyId)));
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    expect(refusals).toHaveLength(3);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: 'routing.not-eligible', meta: { reasons: [{ code: 'capacity' }] } });
    }
  });

  it('says whose pharmacy it is also after a look at a new list, as of the day it was taken', async () => {
    const { id: pharmacyId } = await steps.pharmacy();
    const id = await steps.prescription();
    await recommend(id);
    await choose(id, pharmacyId);
    await steps.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [id]);
    const days = () =>
      steps.sql('SELECT DISTINCT selected_pharmacy_id, selected_at FROM recommendations WHERE prescription_id = $1', [
        id,
      ]);
    const before = await days();
    expect((await steps.get(Routing).rerun(steps.staff(), id)).selectedPharmacyId).toBe(pharmacyId);
    await recommend(id, pharmacyId);
    expect((await show(id)).selectedPharmacyId).toBe(pharmacyId);
    expect(await days()).toEqual(before);
  });

  describe('an order of today', () => {
    const taken = async (pharmacy: { ncpdpId: string }) => {
      const id = await steps.prescription({ order: { pharmacy: { ncpdpId: pharmacy.ncpdpId } } });
      await recommend(id);
      return id;
    };
    const isFull = async () => {
      const id = await steps.prescription();
      await recommend(id);
      const { excluded } = await show(id);
      return excluded.some(({ reasons }) => reasons.some(({ code }) => code === 'capacity'));
    };

    it('does not stand in its own way, and counts once however often it is corrected', async () => {
      const named = await steps.pharmacy({ dailyCapacity: 2 });
      await taken(named);
      const id = await taken(named);
      expect(await isFull()).toBe(true);
      await steps.correct(id, { writtenDate: '2026-11-19' });
      await recommend(id);
      expect(await steps.stateOf(id)).toBe('pharmacy_selected');
      expect(await pharmacyOf(id)).toBe(named.id);
      await steps.sql('UPDATE pharmacies SET daily_capacity = 3');
      expect(await isFull()).toBe(false);
    });

    it('is no load to a pharmacy it was rerouted away from', async () => {
      const named = await steps.pharmacy({ dailyCapacity: 1 });
      const id = await taken(named);
      const other = await steps.pharmacy();
      expect(await isFull()).toBe(true);
      await steps.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [id]);
      await recommend(id, named.id);
      expect(await pharmacyOf(id)).toBe(other.id);
      expect(await isFull()).toBe(false);
    });

    it.each(['cancelled', 'failed', 'returned'])('is none once it is %s', async (state) => {
      const id = await taken(await steps.pharmacy({ dailyCapacity: 1 }));
      expect(await isFull()).toBe(true);
      await steps.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [id, state]);
      expect(await isFull()).toBe(false);
    });
  });

  it('routes the direct path from validated without a network, and leaves other paths to enrollment', async () => {
    await steps.pharmacy({ networks: {} });
    const direct = await steps.prescription({ path: 'direct', state: 'validated' });
    const full = await steps.prescription({ path: 'full', state: 'validated' });
    await recommend(direct);
    await recommend(full);
    expect(await steps.stateOf(direct)).toBe('awaiting_pharmacy_selection');
    expect(await steps.stateOf(full)).toBe('validated');
  });

  it('shows nothing to another organization', async () => {
    await steps.pharmacy();
    const id = await steps.prescription();
    await recommend(id);
    const stranger = { ...steps.staff(), organizationId: newId() };
    await expect(steps.get(Routing).show(stranger, id)).rejects.toMatchObject({ code: 'prescription.not-found' });
    const seen = await steps.db.tx({ role: 'ops', organization: stranger.organizationId }, (tx) =>
      steps.get(RecommendationsStore).latest(tx, id),
    );
    expect(seen).toBeUndefined();
  });
});
