import { DateTime } from 'luxon';
import { Adjudicator } from '../../src/modules/adjudication/adjudicator.service.js';
import { Claims, type Retry } from '../../src/modules/adjudication/claims.service.js';
import { claimsResponse } from '../../src/modules/adjudication/dto/claims.dto.js';
import { AdjudicationWorker } from '../../src/modules/adjudication/adjudication.worker.js';
import { Coupons } from '../../src/modules/adjudication/coupons.service.js';
import { ClaimSwitch, SwitchUnavailable } from '../../src/modules/adjudication/gateways/claim-switch.port.js';
import { Reversals } from '../../src/modules/adjudication/reversals.service.js';
import type { Permission } from '../../src/modules/auth/index.js';
import { Compensations, Prescriptions, systemActor, Waiting } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import type { JobRun } from '../../src/platform/jobs/index.js';
import { insertRow } from '../support/looker.js';
import { commercialCard, startSteps, type NewPrescription, type Steps } from '../support/steps-app.js';

interface Row {
  attempt: number;
  payer_order: string;
  state: string;
  reject_codes: string[];
  reject_class: string | null;
  patient_pay_cents: number | null;
  plan_pay_cents: number | null;
  coupon_decision: string | null;
}

const apixaban = '70000010660';
const semaglutide = '70000010703';
const warfarin = '70000011030';
const ondansetron = '70000010912';
const sildenafil = '70000011110';
const tretinoin = '70000010845';
const atorvastatin = '70000010330';

describe('adjudication', () => {
  let steps: Steps;
  let pharmacyId: string;

  beforeAll(async () => {
    steps = await startSteps();
    pharmacyId = (await steps.pharmacy()).id;
  });
  afterAll(async () => {
    await steps.stop();
  });
  beforeEach(async () => {
    await steps.sandbox.post('/_sandbox/reset');
  });

  const run = (): JobRun => ({ outboxId: newId(), attempt: 1, closed: false });
  const selected = (wanted: NewPrescription = {}) =>
    steps.prescription({ state: 'pharmacy_selected', pharmacyId, ...wanted });
  const adjudicate = (id: string) => steps.get(Adjudicator).adjudicate(id, run());
  const retry = (id: string, changed: Retry = {}) => steps.get(Claims).retry(steps.staff(), id, changed);
  const show = (id: string) => steps.get(Claims).show(steps.staff(), id);
  const rows = (id: string) =>
    steps.sql<Row>('SELECT * FROM claims WHERE prescription_id = $1 ORDER BY attempt, created_at', [id]);
  const owed = async (id: string) =>
    (await steps.sql<{ owed: number | null }>('SELECT owed_cents AS owed FROM prescriptions WHERE id = $1', [id]))[0]
      ?.owed;
  const ledger = () => steps.sandbox.ledger('switch');
  const holdEnds = (id: string) =>
    steps.sql(`UPDATE effects SET held_until = now() - interval '1 s' WHERE aggregate_id = $1`, [id]);
  const why = async (id: string) =>
    steps.db.tx(systemContext, async (tx) => {
      const prescription = await steps.get(Prescriptions).get(tx, id);
      return steps.get(Waiting).of(prescription.state)?.explain(tx, prescription);
    });

  it('pays a covered claim: the patient owes the copay, and the card is stored sealed only', async () => {
    const id = await selected();
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    expect(await owed(id)).toBe(1000);
    const { prices } = await show(id);
    expect(prices).toEqual({
      planPriceCents: 1000,
      cashPriceCents: 3200,
      couponPayCents: 0,
      owedCents: 1000,
      pays: 'plan',
      currency: 'USD',
    });
    const [leak] = await steps.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM claims c LEFT JOIN effects e ON e.aggregate_id = c.prescription_id
       WHERE c.prescription_id = $1 AND (c::text LIKE '%ABC123456%' OR e::text LIKE '%ABC123456%' OR e::text LIKE '%Marsh%')`,
      [id],
    );
    expect(leak?.n).toBe(0);
  });

  it('owes nothing on tier 0', async () => {
    const id = await selected({ ndc: atorvastatin });
    await adjudicate(id);
    expect(await owed(id)).toBe(0);
  });

  it('submits once, however often the job runs', async () => {
    const id = await selected();
    await Promise.allSettled([adjudicate(id), adjudicate(id)]);
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    expect((await ledger()).filter(({ kind, replayed }) => kind === 'claim' && !replayed)).toHaveLength(1);
    expect(await rows(id)).toHaveLength(1);
  });

  it.each(['500_before', '500_after', 'reset'])(
    'loses and doubles nothing when the switch fails with %s',
    async (kind) => {
      const id = await selected();
      await steps.sandbox.post('/_sandbox/faults', { vendor: 'switch', kind });
      await expect(adjudicate(id)).rejects.toMatchObject({ name: 'SwitchUnavailable' });
      expect(await steps.stateOf(id)).toBe('pharmacy_selected');
      expect(await why(id)).toMatchObject({ code: 'claim.submitted', who: 'payer' });
      if (kind === 'reset') {
        // Cut off, it may go on at the switch.
        await expect(adjudicate(id)).rejects.toMatchObject({ code: 'effect.held' });
        await holdEnds(id);
      }
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect((await ledger()).filter(({ kind: what, replayed }) => what === 'claim' && !replayed)).toHaveLength(1);
    },
  );

  it('prices the cash path without asking any payer', async () => {
    const id = await selected({ path: 'cash', coverage: undefined });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    expect(await owed(id)).toBe(3200);
    expect(await rows(id)).toMatchObject([{ payer_order: 'cash', state: 'paid', patient_pay_cents: 3200 }]);
    expect(await ledger()).toEqual([]);
  });

  it('leaves the direct path to the pharmacy', async () => {
    const id = await selected({ path: 'direct' });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    expect(await rows(id)).toEqual([]);
    expect(await why(id)).toMatchObject({ code: 'shipping.hand-over' });
  });

  describe('with a coupon', () => {
    beforeAll(async () => {
      const coupon = { ndc: apixaban, bin: '610020', pcn: 'COUPON', groupId: 'SAVE10', cardholderPrefix: 'CPN' };
      await steps.get(Coupons).put(steps.staff(), coupon);
      await steps.get(Coupons).put(steps.staff(), { ...coupon, ndc: warfarin });
    });

    it('is listed by product, page by page', async () => {
      const coupons = steps.get(Coupons);
      const first = await coupons.list(steps.staff(), { limit: 1 });
      const second = await coupons.list(steps.staff(), { limit: 1, cursor: first.nextCursor ?? undefined });
      const listed = [...first.items, ...second.items].map(({ ndc }) => ndc);
      expect([listed, second.nextCursor]).toEqual([[apixaban, warfarin].sort(), null]);
      expect((await coupons.list(steps.staff(), { limit: 2 })).items.map(({ ndc }) => ndc)).toEqual(listed);
    });

    it('bills it as second payer for what the plan left', async () => {
      const id = await selected({ ndc: apixaban });
      await adjudicate(id);
      expect(await owed(id)).toBe(1000);
      expect(await rows(id)).toMatchObject([
        { payer_order: 'primary', state: 'paid', patient_pay_cents: 6000, coupon_decision: 'coupon.billed' },
        { payer_order: 'secondary', state: 'paid', plan_pay_cents: 5000 },
      ]);
    });

    it('never bills it beside government coverage', async () => {
      const medicare = { ...commercialCard, bin: '610013', pcn: 'MEDD', government: true };
      const id = await selected({ ndc: apixaban, coverage: medicare });
      await adjudicate(id);
      expect(await owed(id)).toBe(6000);
      expect(await rows(id)).toMatchObject([{ payer_order: 'primary', coupon_decision: 'coupon.government-coverage' }]);
    });

    it('takes a coupon that says no as no failure', async () => {
      const id = await selected({ ndc: warfarin });
      await adjudicate(id);
      await retry(id, { durResponse: { reason: 'DD', service: 'M0', result: '1G' } });
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect((await rows(id)).at(-1)).toMatchObject({
        payer_order: 'secondary',
        state: 'rejected',
        reject_codes: ['70'],
      });
    });

    it('takes back the coupon before the claim when the prescription is cancelled', async () => {
      const id = await selected({ ndc: apixaban });
      await adjudicate(id);
      const results = [];
      for (const step of steps.get(Compensations).inOrder().slice(0, 2)) results.push([step.step, await step.run(id)]);
      expect(results).toEqual([
        ['secondary_claim', 'reversed'],
        ['primary_claim', 'reversed'],
      ]);
      for (const step of steps.get(Compensations).inOrder().slice(0, 2))
        expect(await step.run(id)).toBe('nothing-to-do');
      expect((await rows(id)).map(({ state }) => state)).toEqual(['reversed', 'reversed']);
      expect((await ledger()).filter(({ kind }) => kind === 'reversal')).toHaveLength(2);
    });
  });

  it('takes the cash price when it is lower, gives the claim back, and shows both prices', async () => {
    const id = await selected({ ndc: sildenafil });
    await adjudicate(id);
    const { prices } = await show(id);
    expect(prices).toMatchObject({ planPriceCents: 3500, cashPriceCents: 1700, owedCents: 1700, pays: 'cash' });
    expect(await owed(id)).toBe(1700);
    expect(await rows(id)).toMatchObject([
      { payer_order: 'primary', state: 'reversed' },
      { payer_order: 'cash', state: 'paid' },
    ]);
    await adjudicate(id);
    expect((await ledger()).filter(({ kind }) => kind === 'reversal')).toHaveLength(1);
  });

  it('ends the same attempt when it was interrupted after the claim was given back', async () => {
    const id = await selected({ ndc: sildenafil });
    await adjudicate(id);
    await steps.sql(`UPDATE prescriptions SET state = 'pharmacy_selected', owed_cents = NULL WHERE id = $1`, [id]);
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    expect(await owed(id)).toBe(1700);
    expect((await rows(id)).map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(await ledger()).toHaveLength(2);
  });

  it('opens a prior authorization for reject 75 and pays once its number is given', async () => {
    const id = await selected({ ndc: semaglutide });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudication_issue');
    expect(await rows(id)).toMatchObject([
      { state: 'rejected', reject_codes: ['75'], reject_class: 'prior_authorization' },
    ]);
    expect(await why(id)).toMatchObject({
      code: 'claim.prior-authorization',
      who: 'doctor',
      details: { rejectCodes: ['75'], priorAuthorization: { status: 'opened' } },
    });
    const approved = await steps.sandbox.post('/_sandbox/switch/prior-authorizations', {
      cardholderId: 'ABC123456',
      ndc: semaglutide,
    });
    const { priorAuthNumber } = (await approved.json()) as { priorAuthNumber: string };
    expect(await retry(id, { priorAuthNumber })).toEqual({ state: 'pharmacy_selected', attempt: 2 });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    const { priorAuthorization } = await show(id);
    expect(priorAuthorization).toMatchObject({ status: 'approved', number: priorAuthNumber });
  });

  describe('an authorization whose clock has run out', () => {
    const due = async (id: string) => {
      const jobs = await steps.sql<{ payload: { prescriptionId: string; dueAt: string }; due_at: Date }>(
        `SELECT payload, due_at FROM outbox_events WHERE subscriber = 'adjudication.authorization_due' AND aggregate_id = $1`,
        [id],
      );
      expect(jobs).toHaveLength(1);
      expect(jobs[0]?.due_at.toISOString()).toBe(jobs[0]?.payload.dueAt);
      if (jobs[0] !== undefined) await steps.get(AdjudicationWorker).authorizationRanOut(jobs[0].payload, run());
    };
    const tickets = (id: string) =>
      steps.sql<{ reason: string }>(
        `SELECT e.reason FROM healthcare_tickets t JOIN ticket_events e ON e.ticket_id = t.id
         WHERE t.ticket_type = 'support' AND e.details ->> 'prescriptionId' = $1`,
        [id],
      );

    it('becomes one ticket for operations, although the payer asked for it twice', async () => {
      const id = await selected({ ndc: semaglutide });
      await adjudicate(id);
      await retry(id);
      await adjudicate(id);
      await due(id);
      expect(await tickets(id)).toEqual([{ reason: 'claim.prior-authorization-overdue' }]);
    });

    it('becomes one once the payer asks for it again, when the order was on its way there or waits for something else', async () => {
      const id = await selected({ ndc: semaglutide });
      await adjudicate(id);
      const [codes] = await steps.sql<{ rejected: string[] }>(
        'SELECT reject_codes AS rejected FROM claims WHERE prescription_id = $1',
        [id],
      );
      const isNow = async (state: string, rejected: readonly string[] = []) => {
        await steps.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [id, state]);
        await steps.sql('UPDATE claims SET reject_codes = $2 WHERE prescription_id = $1', [id, rejected]);
        const jobs = await steps.sql<{ payload: { prescriptionId: string; dueAt: string } }>(
          `SELECT payload FROM outbox_events WHERE subscriber = 'adjudication.authorization_due' AND aggregate_id = $1
           ORDER BY id DESC LIMIT 1`,
          [id],
        );
        if (jobs[0] !== undefined) await steps.get(AdjudicationWorker).authorizationRanOut(jobs[0].payload, run());
        return (await tickets(id)).length;
      };
      expect(await isNow('awaiting_pharmacy_selection')).toBe(0);
      expect(await isNow('adjudication_issue', ['79'])).toBe(0);
      expect(await isNow('adjudication_issue', codes?.rejected)).toBe(1);
      expect(
        await steps.sql(
          `SELECT due_at > now() AS later FROM outbox_events WHERE subscriber = 'adjudication.authorization_due' AND aggregate_id = $1`,
          [id],
        ),
      ).toEqual([{ later: true }, { later: true }, { later: true }]);
    });

    it.each(['approved', 'cancelled'])('becomes none when it was %s before', async (what) => {
      const id = await selected({ ndc: semaglutide });
      await adjudicate(id);
      if (what === 'approved') await retry(id, { priorAuthNumber: '12345678' });
      else await steps.sql(`UPDATE prescriptions SET state = 'cancelled' WHERE id = $1`, [id]);
      await due(id);
      expect(await tickets(id)).toEqual([]);
    });
  });

  it('schedules the claim of reject 79 for the morning of the next fill date, without a person', async () => {
    const today = DateTime.now().setZone('America/Chicago');
    await steps.sandbox.post('/_sandbox/switch/fills', {
      cardholderId: 'ABC123456',
      ndc: '70000010130',
      dateOfService: today.minus({ days: 10 }).toFormat('yyyyMMdd'),
      daysSupply: 30,
    });
    const id = await selected();
    await adjudicate(id);
    const next = today.plus({ days: 16 }).startOf('day').set({ hour: 8 });
    const [job] = await steps.sql<{ due_at: Date }>(
      `SELECT due_at FROM outbox_events WHERE subscriber = 'adjudication.resubmit' AND aggregate_id = $1`,
      [id],
    );
    expect(job?.due_at.toISOString()).toBe(next.toUTC().toISO());
    expect(await why(id)).toMatchObject({
      code: 'claim.wait',
      who: 'platform',
      details: { nextFillDate: next.toISODate() },
    });
    await steps.get(AdjudicationWorker).resubmit({ prescriptionId: id, attempt: 1 }, run());
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    await steps.sandbox.post('/_sandbox/reset');
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    await steps.get(AdjudicationWorker).resubmit({ prescriptionId: id, attempt: 1 }, run());
    expect(await steps.stateOf(id)).toBe('adjudicated');
  });

  it('says what an alert is about: to staff in codes, and what the payer wrote to who may send the claim again', async () => {
    const patient = await steps.patient();
    const id = await steps.prescription({ state: 'pharmacy_selected', pharmacyId, ndc: warfarin }, patient);
    await adjudicate(id);
    const alert = { reason: 'DD', meaning: 'drug-drug interaction', significance: '1' };
    const help = { helpDeskPhone: '8005550199' };
    expect(await why(id)).toMatchObject({ code: 'claim.clinical', details: { durAlerts: [alert], ...help } });
    const patientContext = { role: 'patient', organization: steps.organizationId, patient };
    const told = await steps.db.tx(patientContext, async (tx) => {
      const prescription = await steps.get(Prescriptions).get(tx, id);
      return steps.get(Waiting).of('adjudication_issue')?.explain(tx, prescription);
    });
    expect(told).toMatchObject({ code: 'claim.clinical', details: { rejectCodes: ['88'] } });
    expect(JSON.stringify(told)).not.toMatch(/durAlerts|helpDesk|BLEEDING/);
    const shownTo = async (permissions: Permission[]) =>
      claimsResponse(await steps.get(Claims).show({ ...steps.staff(), permissions: new Set(permissions) }, id)).claims;
    expect(await shownTo(['claims:read'])).toMatchObject([
      { durAlerts: [{ ...alert, text: null }], ...help, messages: null },
    ]);
    expect(await shownTo(['claims:read', 'claims:write'])).toMatchObject([
      {
        durAlerts: [{ ...alert, text: 'INCREASED BLEEDING RISK WITH CURRENT THERAPY' }],
        ...help,
        messages: ['DUR REJECT ERROR PHARMACIST REVIEW REQUIRED'],
      },
    ]);
    const looks = await steps.sql<{ reason: string | null }>(
      `SELECT reason FROM audit_entries WHERE entity = 'claim' AND entity_ids @> ARRAY[$1]::uuid[] ORDER BY id`,
      [(await show(id)).claims[0]?.id],
    );
    expect(looks.map(({ reason }) => reason)).toEqual([null, 'reveal', null]);
    const [leak] = await steps.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM claims c LEFT JOIN effects e ON e.aggregate_id = c.prescription_id
         LEFT JOIN outbox_events o ON o.aggregate_id = c.prescription_id
       WHERE c.prescription_id = $1 AND concat(c::text, e::text, o::text) LIKE '%BLEEDING%'`,
      [id],
    );
    expect(leak?.n).toBe(0);
  });

  it.each(['2A', '2B', '3C'])('fills nothing on a DUR response that says it is not filled (%s)', async (result) => {
    const id = await selected({ ndc: warfarin });
    await adjudicate(id);
    const notFilled = retry(id, { durResponse: { reason: 'DD', service: 'R0', result } });
    await expect(notFilled).rejects.toMatchObject({
      code: 'claim.not-dispensed',
      message: expect.stringContaining('cancel') as unknown,
    });
    expect(await steps.stateOf(id)).toBe('adjudication_issue');
  });

  it('is the turn of operations once the clinic has answered on the ticket, until it takes that back', async () => {
    const id = await selected({ ndc: ondansetron });
    await adjudicate(id);
    const { organizationId: organization_id } = steps;
    const [{ ticket } = { ticket: '' }] = await steps.sql<{ ticket: string }>(
      `UPDATE healthcare_tickets SET primary_provider_id = $2 WHERE id = (SELECT ticket_id FROM prescriptions WHERE id = $1)
       RETURNING id AS ticket`,
      [id, newId()],
    );
    const says = async (seq: number, columns: Readonly<Record<string, unknown>>) => {
      const row = {
        thread_id: ticket,
        organization_id,
        seq,
        revision: seq,
        audience: 'providers',
        created_at: new Date(),
      };
      const said = { ...row, id: newId(), ...columns };
      await insertRow(steps.sql, 'chat_messages', said);
      return said.id;
    };
    const question = {
      kind: 'system',
      author_party: 'system',
      code: 'claim.limit-exceeded',
      blocks: true,
      awaits: 'doctor',
    };
    // Of an earlier reject, and one that is closed because the claim had gone on.
    const former = await says(1, {
      ...question,
      prescription_id: id,
      created_at: new Date(0),
      answered_at: new Date(),
    });
    await says(2, { kind: 'text', author_party: 'doctor', body_sealed: Buffer.from('x'), answers: former });
    const asked = await says(3, { ...question, prescription_id: id, answered_at: new Date() });
    expect(await why(id)).toMatchObject({ code: 'claim.limit', who: 'doctor' });
    const answer = await says(4, {
      kind: 'text',
      author_party: 'doctor',
      body_sealed: Buffer.from('x'),
      answers: asked,
    });
    expect(await why(id)).toMatchObject({
      code: 'claim.limit',
      who: 'ops',
      next: expect.stringMatching(/answered on the ticket.*retry.*resubmit.*cancel/) as unknown,
    });
    await steps.sql('UPDATE chat_messages SET deleted_at = now() WHERE id = $1', [answer]);
    expect(await why(id)).toMatchObject({ code: 'claim.limit', who: 'doctor' });
  });

  it('lowers the quantity for reject 76 and refuses more than was ordered', async () => {
    const id = await selected({ ndc: ondansetron });
    await adjudicate(id);
    expect(await why(id)).toMatchObject({ code: 'claim.limit', who: 'doctor' });
    await expect(retry(id, { quantity: 13 })).rejects.toMatchObject({ code: 'claim.quantity-too-large' });
    await retry(id, { quantity: 9 });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    const [fill] = await steps.sql('SELECT quantity, days_supply FROM prescriptions WHERE id = $1', [id]);
    expect(fill).toEqual({ quantity: '9.000', days_supply: 3 });
  });

  it('sells for cash what the plan does not cover when a person says so', async () => {
    const id = await selected({ ndc: tretinoin });
    await adjudicate(id);
    expect(await why(id)).toMatchObject({ code: 'claim.not-covered' });
    await retry(id, { payCash: true });
    await adjudicate(id);
    expect(await owed(id)).toBe(7700);
    expect((await rows(id)).map(({ attempt, payer_order: payer, state }) => [attempt, payer, state])).toEqual([
      [1, 'primary', 'rejected'],
      [2, 'cash', 'paid'],
    ]);
  });

  it('rejects without asking anybody when no card is on file, and names the patient', async () => {
    const id = await selected({ coverage: undefined });
    await adjudicate(id);
    const about = { code: 'claim.fix-data', details: { rejectCodes: ['coverage.missing'] } };
    expect(await why(id)).toMatchObject({ ...about, who: 'platform' });
    steps.checks.card = 'with-patient';
    expect(await why(id)).toMatchObject({ ...about, who: 'patient' });
    steps.checks.card = 'not-sent';
    expect(await ledger()).toEqual([]);
  });

  it('refuses a retry of what was not rejected', async () => {
    const id = await selected();
    await adjudicate(id);
    await expect(retry(id)).rejects.toMatchObject({
      code: 'prescription.illegal-action',
      meta: { state: 'adjudicated' },
    });
  });

  it('refuses another quantity of a controlled drug', async () => {
    const id = await selected({ ndc: '70000011330', state: 'adjudication_issue' });
    await expect(retry(id, { quantity: 10 })).rejects.toMatchObject({ code: 'claim.quantity-controlled' });
  });

  describe('past the last day of a fill', () => {
    const daysAgo = (days: number) => DateTime.now().minus({ days }).toFormat('yyyy-MM-dd');
    const medication = { ndc: '70000010130', quantity: 30, quantityUnit: 'C48542', daysSupply: 30 };
    const expired = { code: 'claim.fix-data', who: 'doctor' };

    it.each([
      ['a year after it was written', { writtenDate: daysAgo(370) }, 'full'],
      ['after the prescriber’s own limit', { medication: { ...medication, latestFillDate: daysAgo(2) } }, 'full'],
      ['whoever pays', { writtenDate: daysAgo(370) }, 'cash'],
    ] as const)('fills nothing: %s', async (_, order, path) => {
      const id = await selected({ order, path });
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudication_issue');
      expect(await why(id)).toMatchObject({ ...expired, details: { rejectCodes: ['order.expired'] } });
      expect(await ledger()).toEqual([]);
      const asked = await steps.sql(
        `SELECT payload ->> 'asks' AS asks FROM outbox_events WHERE aggregate_id = $1 AND event = 'clinic_asked'`,
        [id],
      );
      expect(asked).toEqual([{ asks: 'expired' }]);
      await retry(id, { payCash: true });
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudication_issue');
    });

    it('fills on that day', async () => {
      const today = DateTime.now().setZone('America/Chicago').toFormat('yyyy-MM-dd');
      const id = await selected({ order: { medication: { ...medication, latestFillDate: today } } });
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
    });

    it('goes by the schedule', async () => {
      const id = await selected({ ndc: '70000011330', order: { writtenDate: daysAgo(190) } });
      await adjudicate(id);
      expect(await why(id)).toMatchObject({ ...expired, details: { rejectCodes: ['order.expired'] } });
    });

    it('waits for no next fill (reject 79) that comes after it', async () => {
      const today = DateTime.now().setZone('America/Chicago');
      await steps.sandbox.post('/_sandbox/switch/fills', {
        cardholderId: 'ABC123456',
        ndc: '70000010130',
        dateOfService: today.minus({ days: 10 }).toFormat('yyyyMMdd'),
        daysSupply: 30,
      });
      const latestFillDate = today.plus({ days: 12 }).toFormat('yyyy-MM-dd');
      const id = await selected({ order: { medication: { ...medication, latestFillDate } } });
      await adjudicate(id);
      expect(await why(id)).toMatchObject({ ...expired, details: { rejectCodes: ['79', 'order.expired'] } });
      const jobs = await steps.sql(
        `SELECT 1 FROM outbox_events WHERE subscriber = 'adjudication.resubmit' AND aggregate_id = $1`,
        [id],
      );
      expect(jobs).toEqual([]);
    });
  });

  it.each(['full', 'cash'] as const)(
    'fills nothing whose schedule the directory came to know after it was validated (path %s)',
    async (path) => {
      const id = await selected({ ndc: '70000011330', path });
      await steps.sql('UPDATE prescriptions SET schedule = NULL WHERE id = $1', [id]);
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudication_issue');
      expect(await why(id)).toMatchObject({
        who: 'ops',
        next: expect.stringContaining('resubmit') as unknown,
        details: { rejectCodes: ['order.schedule-differs'] },
      });
      await retry(id, { payCash: true });
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudication_issue');
      expect(await ledger()).toEqual([]);
    },
  );

  it.each(['full', 'cash'] as const)(
    'neither claims nor sells by the piece what is priced by the millilitre (path %s)',
    async (path) => {
      const id = await selected({ ndc: semaglutide, path });
      await steps.sql(`UPDATE prescriptions SET quantity = 1, quantity_unit = 'C64933' WHERE id = $1`, [id]);
      await adjudicate(id);
      expect(await owed(id)).toBeNull();
      expect(await why(id)).toMatchObject({
        who: 'ops',
        next: expect.stringContaining('unit of the drug directory') as unknown,
        details: { rejectCodes: ['order.unit-differs'] },
      });
      expect(await ledger()).toEqual([]);
    },
  );

  it('takes an order without a unit in the directory’s', async () => {
    const id = await selected({ ndc: semaglutide, path: 'cash' });
    await steps.sql('UPDATE prescriptions SET quantity_unit = NULL WHERE id = $1', [id]);
    await adjudicate(id);
    expect(await owed(id)).toBe(93_500);
  });

  it.each([null, 'C38046', 'C64933', 'C48540', 'syringe'])(
    'claims by the piece what is priced by the syringe (unit %s)',
    async (unit) => {
      await steps.sql(`UPDATE drugs SET unit = 'C48540' WHERE ndc = $1`, [atorvastatin]);
      const id = await selected({ ndc: atorvastatin });
      await steps.sql('UPDATE prescriptions SET quantity_unit = $1 WHERE id = $2', [unit, id]);
      await adjudicate(id);
      await steps.sql(`UPDATE drugs SET unit = 'C48542' WHERE ndc = $1`, [atorvastatin]);
      expect(await rows(id)).toMatchObject([{ payer_order: 'primary', state: 'paid' }]);
    },
  );

  it('leaves the stricter schedule of a state to a drug the directory has none for', async () => {
    const id = await selected();
    await steps.sql(`UPDATE prescriptions SET schedule = 'V' WHERE id = $1`, [id]);
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
  });

  it('takes a claim back that was paid while the prescription was being cancelled', async () => {
    const id = await selected();
    await steps.sandbox.post('/_sandbox/faults', { vendor: 'switch', kind: '500_after' });
    await expect(adjudicate(id)).rejects.toThrow();
    await steps.db.tx(systemContext, (tx) =>
      steps.get(Prescriptions).move(tx, { id, action: 'cancel', actor: systemActor, trigger: 'user' }),
    );
    await adjudicate(id);
    expect(await rows(id)).toMatchObject([{ state: 'reversed' }]);
    expect((await ledger()).map(({ kind }) => kind)).toEqual(['claim', 'reversal']);
  });

  it('takes a claim back that the payer paid long after we had stopped waiting, and after the cancel had asked for it', async () => {
    const id = await selected();
    const payer = steps.get(ClaimSwitch);
    const submit = payer.submit.bind(payer);
    let payLate: () => Promise<unknown> = () => Promise.reject(new Error('no claim was sent'));
    payer.submit = (claim) => {
      payLate = () => submit(claim);
      return Promise.reject(new SwitchUnavailable('claim-switch.timeout', false));
    };
    try {
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim-switch.timeout' });
    } finally {
      Reflect.deleteProperty(payer, 'submit');
    }
    await steps.db.tx(systemContext, (tx) =>
      steps.get(Prescriptions).move(tx, { id, action: 'cancel', actor: systemActor, trigger: 'user' }),
    );
    expect(await steps.get(Reversals).reverseAll(id)).toBe(0);
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'effect.held' });
    await payLate();
    await holdEnds(id);
    await adjudicate(id);
    expect(await rows(id)).toMatchObject([{ state: 'reversed' }]);
    expect((await ledger()).map(({ kind }) => kind)).toEqual(['claim', 'reversal']);
  });

  it('reverses a paid claim on request, once, unless its copay is asked for or paid', async () => {
    const id = await selected();
    await adjudicate(id);
    const claimId = (await show(id)).claims[0]?.id ?? '';
    const claims = steps.get(Claims);
    for (const state of ['adjudicated', 'awaiting_payment', 'paid']) {
      await steps.sql(`UPDATE prescriptions SET state = $2 WHERE id = $1`, [id, state]);
      await expect(claims.reverse(steps.staff(), claimId)).rejects.toMatchObject({ code: 'claim.already-used' });
    }
    await steps.sql(`UPDATE prescriptions SET state = 'cancelled' WHERE id = $1`, [id]);
    expect(await claims.reverse(steps.staff(), claimId)).toEqual({ id: claimId, state: 'paid' });
    await claims.reverse(steps.staff(), claimId);
    const jobs = await steps.sql(
      `SELECT 1 FROM outbox_events WHERE subscriber = 'adjudication.reverse' AND aggregate_id = $1`,
      [id],
    );
    expect(jobs).toHaveLength(1);
    await steps.get(AdjudicationWorker).reverse({ claimId });
    expect(await rows(id)).toMatchObject([{ state: 'reversed' }]);
  });

  it('asks again for a claim back whose reversal did nothing because the copay was asked for', async () => {
    const id = await selected();
    await adjudicate(id);
    const claimId = (await show(id)).claims[0]?.id ?? '';
    const as = (state: string) => steps.sql(`UPDATE prescriptions SET state = $2 WHERE id = $1`, [id, state]);
    await as('pharmacy_selected');
    await steps.get(Claims).reverse(steps.staff(), claimId);
    await as('awaiting_payment');
    await steps.get(AdjudicationWorker).reverse({ claimId });
    await steps.sql('UPDATE outbox_events SET done_at = now() WHERE aggregate_id = $1', [id]);
    await as('failed');
    await steps.get(Claims).reverse(steps.staff(), claimId);
    const jobs = await steps.sql(
      `SELECT 1 FROM outbox_events WHERE subscriber = 'adjudication.reverse' AND aggregate_id = $1 AND done_at IS NULL`,
      [id],
    );
    expect(jobs).toHaveLength(1);
  });

  it('shows nothing to another organization', async () => {
    const id = await selected();
    await adjudicate(id);
    const stranger = { ...steps.staff(), organizationId: newId() };
    await expect(steps.get(Claims).show(stranger, id)).rejects.toMatchObject({
      code: 'prescription.not-found',
    });
    const claimId = (await show(id)).claims[0]?.id ?? '';
    await expect(steps.get(Claims).reverse(stranger, claimId)).rejects.toMatchObject({
      code: 'claim.not-found',
    });
  });
});
