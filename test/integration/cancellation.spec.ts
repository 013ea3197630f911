import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { generate } from '../../src/demo/generate/index.js';
import { buildCancelRx, parseScript } from '../../src/modules/intake/formats/script.js';
import { resumeCancelJob, type ResumePayload } from '../../src/modules/cancellation/cancellation.jobs.js';
import { CancellationWorker } from '../../src/modules/cancellation/cancellation.worker.js';
import {
  Compensations,
  compensationOrder,
  moneyLookedInto,
  Prescriptions,
  PrescriptionsModule,
  states,
  StepWaits,
  type PrescriptionState,
} from '../../src/modules/prescriptions/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { TryLater, Unrecoverable } from '../../src/platform/jobs/index.js';
import { startDoorApp, type DoorApp } from '../support/door-app.js';

/** Stands for the steps that register themselves; says what it was asked. */
@Injectable()
class Undoers implements OnModuleInit {
  readonly ran: string[] = [];
  labelIsWithUs = true;
  carrierRefuses = false;
  carrierKeeps = false;
  failAt: string | undefined;
  refusing: readonly string[] = [];
  waiting: readonly string[] = [];
  refund = 'refunded';

  constructor(private readonly compensations: Compensations) {}

  onModuleInit(): void {
    for (const step of compensationOrder) {
      this.compensations.register({
        step,
        run: async (id) => {
          if (step === 'label' && this.carrierRefuses) return 'label-used';
          if (step === 'label' && this.carrierKeeps) return 'label-kept';
          if (step === this.failAt) throw new Error('away');
          if (this.waiting.includes(step)) throw new StepWaits(new TryLater(`${step}.later`, 1_000));
          if (this.refusing.includes(step)) throw new Unrecoverable(`${step}.no`, 'no');
          this.ran.push(`${step} ${id}`);
          return step === 'refund' ? this.refund : `${step}-undone`;
        },
        ...(step === 'label' && { stillPossible: async () => this.labelIsWithUs }),
      });
    }
  }
}

@Module({ imports: [PrescriptionsModule], providers: [Undoers], exports: [Undoers] })
class UndoersModule {}

const messages = generate({ count: 500, seed: 77, defects: 0, date: '2026-11-20', formats: ['script-2017071'] });

describe('cancelling', () => {
  let doors: DoorApp;
  let key: string;
  let ops: string;
  let undoers: Undoers;

  beforeAll(async () => {
    doors = await startDoorApp([UndoersModule]);
    [key, ops] = [await doors.key(), await doors.user('ops')];
    undoers = doors.get(Undoers);
  });
  afterAll(async () => {
    await doors.stop();
  });
  beforeEach(() => {
    Object.assign(undoers, {
      labelIsWithUs: true,
      carrierRefuses: false,
      carrierKeeps: false,
      failAt: undefined,
      refusing: [],
      waiting: [],
      refund: 'refunded',
    });
    undoers.ran.length = 0;
  });

  const send = (body: string) =>
    doors.app.inject({
      method: 'POST',
      url: '/api/intake',
      headers: { authorization: key, 'content-type': 'application/xml' },
      payload: body,
    });

  /** A prescription taken in and put where the test wants it. */
  const prescribed = async (state: PrescriptionState = 'received') => {
    const message = messages.next().value;
    if (message === undefined) throw new Error('no more messages');
    await send(message.body);
    const { messageId } = message.order;
    const [row] = await doors.sql<{ id: string }>('SELECT id FROM prescriptions WHERE message_id = $1', [messageId]);
    const id = row?.id ?? '';
    await doors.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [id, state]);
    return { id, message };
  };
  const cancel = (id: string, authorization = ops, body: object = { reason: 'therapy-changed' }) =>
    doors.app.inject({
      method: 'POST',
      url: `/api/prescriptions/${id}/cancel`,
      headers: { authorization },
      payload: body,
    });
  const stateOf = async (id: string) =>
    (await doors.sql<{ state: string }>('SELECT state FROM prescriptions WHERE id = $1', [id]))[0]?.state;
  const compensate = (id: string) =>
    doors.get(CancellationWorker).compensate({ prescriptionId: id }, { outboxId: newId(), attempt: 1, closed: false });
  const support = async (id: string) =>
    (
      await doors.sql<{ reason: string }>(
        `SELECT reason FROM ticket_events WHERE details->>'prescriptionId' = $1 AND code = 'ticket.created'`,
        [id],
      )
    ).map(({ reason }) => reason);
  const read = async (path: string, authorization = ops) => {
    const answer = await doors.app.inject({ url: `/api/prescriptions/${path}`, headers: { authorization } });
    return answer.json<Record<string, unknown>>();
  };

  it('cancels for ever: no later report of a pharmacy takes it back', async () => {
    const { id } = await prescribed('processing');
    const answer = await cancel(id);
    expect([answer.statusCode, answer.json<{ state: string }>().state]).toEqual([200, 'cancelled']);
    const [row] = await doors.sql(
      `SELECT p.outcome_at = 'infinity' AS forever, t.status AS ticket FROM prescriptions p
       JOIN healthcare_tickets t ON t.id = p.ticket_id WHERE p.id = $1`,
      [id],
    );
    expect(row).toEqual({ forever: true, ticket: 'cancelled' });
    await doors.get(Database).tx(systemContext, (tx) =>
      doors.get(Prescriptions).report(tx, {
        id,
        action: 'deliver',
        actor: { kind: 'pharmacy' },
        trigger: 'webhook',
        occurredAt: new Date(Date.now() + 3_600_000),
        sourceKey: newId(),
      }),
    );
    expect(await stateOf(id)).toBe('cancelled');
  });

  it('publishes the job that undoes what had begun', async () => {
    const { id } = await prescribed('paid');
    await cancel(id);
    const jobs = await doors.sql(
      `SELECT subscriber FROM outbox_events WHERE aggregate_id = $1 AND event = 'cancelled'`,
      [id],
    );
    expect(jobs).toContainEqual({ subscriber: 'cancellation.compensate' });
  });

  it('undoes a cancel that a pharmacy reports in the same way', async () => {
    const { id } = await prescribed('processing');
    await doors.get(Database).tx(systemContext, (tx) =>
      doors.get(Prescriptions).report(tx, {
        ...{ id, action: 'cancel', actor: { kind: 'pharmacy' }, trigger: 'webhook' },
        ...{ occurredAt: new Date(), sourceKey: newId() },
      }),
    );
    const jobs = await doors.sql(
      `SELECT subscriber FROM outbox_events WHERE aggregate_id = $1 AND event = 'cancelled'`,
      [id],
    );
    expect(jobs).toContainEqual({ subscriber: 'cancellation.compensate' });
    await compensate(id);
    expect(undoers.ran).toHaveLength(compensationOrder.length);
  });

  it('is harmless when repeated', async () => {
    const { id } = await prescribed();
    const answers = await Promise.all([cancel(id), cancel(id), cancel(id)]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    const events = await doors.sql(
      `SELECT 1 FROM prescription_status_events WHERE prescription_id = $1 AND action = 'cancel'`,
      [id],
    );
    expect(events).toHaveLength(1);
  });

  it.each(states.filter((state) => !['shipped', 'cancelled'].includes(state)))(
    'decides by the table in state %s',
    async (state) => {
      const expected: Partial<Record<PrescriptionState, [number, string]>> = {
        in_transit: [409, 'prescription.already-handed-over'],
        out_for_delivery: [409, 'prescription.already-handed-over'],
        delivered: [409, 'prescription.already-handed-over'],
        completed: [409, 'prescription.already-handed-over'],
        failed: [409, 'prescription.illegal-action'],
        returned: [409, 'prescription.illegal-action'],
      };
      const { id } = await prescribed(state);
      const answer = await cancel(id);
      const { code } = answer.json<{ code?: string }>();
      expect([answer.statusCode, code]).toEqual(expected[state] ?? [200, undefined]);
      expect(await stateOf(id)).toBe(expected[state] === undefined ? 'cancelled' : state);
    },
  );

  describe('with a label bought', () => {
    it('voids the label first', async () => {
      const { id } = await prescribed('shipped');
      expect((await cancel(id)).statusCode).toBe(200);
      expect(undoers.ran).toEqual([`label ${id}`]);
      expect(await stateOf(id)).toBe('cancelled');
    });

    it.each([
      ['the parcel is with the carrier', { labelIsWithUs: false }],
      ['the carrier refuses to void it', { carrierRefuses: true }],
    ])('refuses when %s', async (_, world) => {
      Object.assign(undoers, world);
      const { id } = await prescribed('shipped');
      expect((await cancel(id)).json<{ code: string }>().code).toBe('prescription.already-handed-over');
      expect(await stateOf(id)).toBe('shipped');
    });

    it('answers 503 when the carrier does not say, and goes on at the next try', async () => {
      undoers.failAt = 'label';
      const { id } = await prescribed('shipped');
      const answer = await cancel(id);
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
      expect(await stateOf(id)).toBe('shipped');
      undoers.failAt = undefined;
      expect((await cancel(id)).statusCode).toBe(200);
    });
  });

  describe('asked for while the carrier says nothing', () => {
    const open = (id: string) =>
      doors.sql<{ id: string; payload: ResumePayload }>(
        `SELECT id, payload FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL`,
        [id, resumeCancelJob.name],
      );
    const resume = async (id: string) => {
      const [row] = await open(id);
      if (row === undefined) throw new Error('nothing is to be resumed');
      await doors.get(CancellationWorker).resume(row.payload, { outboxId: row.id, attempt: 1, closed: false });
    };

    it('comes to its end by itself', async () => {
      const { id } = await prescribed('shipped');
      undoers.failAt = 'label';
      expect((await cancel(id)).statusCode).toBe(503);
      await expect(resume(id)).rejects.toThrow('away');
      undoers.failAt = undefined;
      await resume(id);
      expect(await stateOf(id)).toBe('cancelled');
      expect(await open(id)).toEqual([]);
    });

    it('keeps the reason it was asked for with, which is no step of the undoing', async () => {
      const { id } = await prescribed('shipped');
      undoers.failAt = 'label';
      for (const reason of ['therapy-changed', 'asked again'])
        expect((await cancel(id, ops, { reason })).statusCode).toBe(503);
      undoers.failAt = undefined;
      await resume(id);
      const moves = await doors.sql(
        `SELECT reason FROM prescription_status_events WHERE prescription_id = $1 AND action = 'cancel'`,
        [id],
      );
      expect(moves).toEqual([{ reason: 'therapy-changed' }]);
      const { details } = await read(`${id}/why`);
      expect(details).toMatchObject({ finished: [{ step: 'label', outcome: 'label-undone' }] });
    });

    it('is no parcel on its way when the carrier is off or refuses us: it stays to be gone on with', async () => {
      const { id } = await prescribed('shipped');
      undoers.refusing = ['label'];
      expect((await cancel(id)).json()).toMatchObject({ status: 503, code: 'service.unavailable' });
      expect(await open(id)).toHaveLength(1);
      await expect(resume(id)).rejects.toMatchObject({ code: 'label.no' });
      expect(await stateOf(id)).toBe('shipped');
      undoers.refusing = [];
      await resume(id);
      expect(await stateOf(id)).toBe('cancelled');
    });

    it('is remembered once, however often it is asked for', async () => {
      const { id } = await prescribed('shipped');
      undoers.refusing = ['label'];
      for (let asked = 0; asked < 3; asked += 1) expect((await cancel(id)).statusCode).toBe(503);
      expect(await open(id)).toHaveLength(1);
    });

    it('is for a person when the carrier does not take the label back: nothing is cancelled, nothing left to run', async () => {
      const { id } = await prescribed('shipped');
      undoers.carrierKeeps = true;
      const answer = await cancel(id);
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
        409,
        'prescription.label-not-refunded',
      ]);
      expect([await stateOf(id), await open(id)]).toEqual(['shipped', []]);
      undoers.carrierKeeps = false;
      expect((await cancel(id)).statusCode).toBe(200);
    });

    it('is for a person, too, when the carrier says so to the job that goes on', async () => {
      const { id } = await prescribed('shipped');
      undoers.failAt = 'label';
      expect((await cancel(id)).statusCode).toBe(503);
      Object.assign(undoers, { failAt: undefined, carrierKeeps: true });
      await expect(resume(id)).rejects.toMatchObject({ code: 'prescription.label-not-refunded' });
      expect(await stateOf(id)).toBe('shipped');
      undoers.carrierKeeps = false;
      await resume(id);
      expect([await stateOf(id), await open(id)]).toEqual(['cancelled', []]);
    });

    it('leaves nothing to do once the asker was answered', async () => {
      const [taken, denied] = [await prescribed('shipped'), await prescribed('shipped')];
      expect((await cancel(taken.id)).statusCode).toBe(200);
      undoers.carrierRefuses = true;
      expect((await cancel(denied.id)).statusCode).toBe(409);
      expect([await open(taken.id), await open(denied.id)]).toEqual([[], []]);
    });

    it('is forgotten when the parcel has left meanwhile', async () => {
      const { id } = await prescribed('shipped');
      undoers.failAt = 'label';
      await cancel(id);
      await doors.sql(`UPDATE prescriptions SET state = 'in_transit' WHERE id = $1`, [id]);
      undoers.failAt = undefined;
      await resume(id);
      expect(await stateOf(id)).toBe('in_transit');
      expect(undoers.ran).toEqual([]);
    });
  });

  it('undoes in order, resumes behind the last finished step, and shows each step', async () => {
    const { id } = await prescribed('paid');
    await cancel(id);
    undoers.failAt = 'refund';
    await expect(compensate(id)).rejects.toThrow('away');
    expect((await read(`${id}/why`)).code).toBe('cancellation.compensating');
    undoers.failAt = undefined;
    await compensate(id);
    await compensate(id);
    expect(undoers.ran).toEqual(compensationOrder.map((step) => `${step} ${id}`));
    const { items } = (await read(`${id}/timeline`)) as { items: { kind: string; code: string }[] };
    expect(items.filter(({ kind }) => kind === 'cancellation').map(({ code }) => code)).toEqual(
      expect.arrayContaining(compensationOrder.map((step) => `cancellation.${step}`)),
    );
    expect((await read(`${id}/why`)).code).toBe('cancellation.done');
  });

  it('ends with a label the carrier does not take back, and says so', async () => {
    const { id } = await prescribed('paid');
    await cancel(id);
    undoers.carrierKeeps = true;
    await compensate(id);
    expect(await read(`${id}/why`)).toMatchObject({ code: 'cancellation.label-kept', who: 'ops' });
  });

  const patientOf = async (id: string) => {
    const patientId = newId();
    await doors.sql('UPDATE prescriptions SET patient_id = $2 WHERE id = $1', [id, patientId]);
    return doors.user('patient', { patientId });
  };

  it('names operations when money came in that does not fit, and tells its patient that they look into it', async () => {
    const { id } = await prescribed('processing');
    await cancel(id);
    undoers.refund = moneyLookedInto;
    await compensate(id);
    expect(await read(`${id}/why`)).toMatchObject({ code: 'cancellation.money-looked-into', who: 'ops' });
    expect(await read(`${id}/why`, await patientOf(id))).toMatchObject({
      code: 'cancellation.looked-into',
      who: 'ops',
    });
  });

  it.each(['refund-failed', 'refund-pending'])(
    'tells staff of %s, and its patient that it was begun',
    async (refund) => {
      const { id } = await prescribed('paid');
      await cancel(id);
      undoers.refund = refund;
      await compensate(id);
      for (const [who, outcome] of [
        [ops, refund],
        [await patientOf(id), 'refund-begun'],
      ] as const) {
        const { items } = (await read(`${id}/timeline`, who)) as { items: { code: string }[] };
        expect(items.find(({ code }) => code === 'cancellation.refund')).toMatchObject({
          cause: { reason: outcome },
          details: { step: 'refund', outcome },
        });
        const { details } = (await read(`${id}/why`, who)) as { details: { finished: { step: string }[] } };
        expect(details.finished.find(({ step }) => step === 'refund')).toEqual({ step: 'refund', outcome });
      }
    },
  );

  it.each([
    ['a payer', 'primary_claim'],
    ['who has the page', 'payment_link'],
    ['who has the money', 'refund'],
  ])('does the rest and tells the pharmacy although %s cannot be asked, who is asked again', async (_, step) => {
    const { id } = await prescribed('paid');
    await cancel(id);
    undoers.waiting = [step];
    undoers.refusing = ['label', 'parties'];
    await expect(compensate(id)).rejects.toMatchObject({ code: 'label.no' });
    undoers.refusing = ['parties'];
    await expect(compensate(id)).rejects.toMatchObject({ code: `${step}.later` });
    const done = compensationOrder.filter((one) => ![step, 'parties'].includes(one));
    expect(undoers.ran.toSorted()).toEqual(done.map((one) => `${one} ${id}`).toSorted());
    Object.assign(undoers, { waiting: [], refusing: [] });
    await compensate(id);
    expect((await read(`${id}/why`)).code).toBe('cancellation.done');
  });

  it('refunds and closes the link although a payer refuses for good, and tries only what is left when it is redriven', async () => {
    const { id } = await prescribed('paid');
    await cancel(id);
    undoers.refusing = ['secondary_claim'];
    await expect(compensate(id)).rejects.toMatchObject({ code: 'secondary_claim.no' });
    // The claim below the coupon stands as long as the coupon does.
    const others = compensationOrder.filter((step) => !step.endsWith('_claim'));
    expect(undoers.ran).toEqual(others.map((step) => `${step} ${id}`));
    undoers.ran.length = 0;
    undoers.refusing = [];
    await compensate(id);
    expect(undoers.ran).toEqual([`secondary_claim ${id}`, `primary_claim ${id}`]);
    expect((await read(`${id}/why`)).code).toBe('cancellation.done');
  });

  it('tells of the parcel first when several refuse, and of the next one by each redrive', async () => {
    const { id } = await prescribed('paid');
    await cancel(id);
    const refusing = new Set(['primary_claim', 'refund', 'label', 'pharmacy_order']);
    for (const step of ['pharmacy_order', 'label', 'primary_claim', 'refund']) {
      undoers.refusing = [...refusing];
      await expect(compensate(id)).rejects.toMatchObject({ code: `${step}.no` });
      refusing.delete(step);
    }
  });

  describe('what did not reach the patient', () => {
    const said = (id: string, action: 'fail' | 'return' | 'deliver', kind: 'carrier' | 'pharmacy', at: Date) =>
      doors.get(Database).tx(systemContext, (tx) =>
        doors.get(Prescriptions).report(tx, {
          ...{ id, action, actor: { kind }, trigger: 'webhook', occurredAt: at, sourceKey: newId() },
        }),
      );
    const plan = async (id: string) => {
      const rows = await doors.sql<{ id: string }>(
        `SELECT id FROM outbox_events WHERE aggregate_id = $1 AND subscriber = 'cancellation.undelivered'`,
        [id],
      );
      for (const { id: outboxId } of rows) {
        const run = { outboxId, attempt: 1, closed: false };
        await doors.get(CancellationWorker).undelivered({ prescriptionId: id }, run);
        await doors.get(CancellationWorker).undelivered({ prescriptionId: id }, run);
      }
    };
    const planned = (id: string) =>
      doors.sql<{ due: Date }>(
        `SELECT due_at AS due FROM outbox_events WHERE aggregate_id = $1 AND subscriber = 'cancellation.compensate'`,
        [id],
      );
    const ago = (days: number) => new Date(doors.clock.now().getTime() - days * 86_400_000);

    it.each([
      ['fail', 'failed'],
      ['return', 'returned'],
    ] as const)('is undone as a cancel is, each step once, when the pharmacy says %s', async (action, state) => {
      const { id } = await prescribed('processing');
      await said(id, action, 'pharmacy', ago(0));
      await plan(id);
      expect(await planned(id)).toHaveLength(1);
      await compensate(id);
      await compensate(id);
      expect(undoers.ran).toEqual(compensationOrder.map((step) => `${step} ${id}`));
      expect(await stateOf(id)).toBe(state);
      expect(await read(`${id}/why`)).toMatchObject({ code: 'cancellation.undone', who: 'ops' });
    });

    it.each([
      ['fail', 'failed', 7],
      ['return', 'returned', 1],
    ] as const)('waits, when the carrier says %s, for the carrier to be wrong', async (action, state, days) => {
      const { id } = await prescribed('in_transit');
      const at = ago(days - 0.5);
      await said(id, action, 'carrier', at);
      await plan(id);
      const from = new Date(at.getTime() + days * 86_400_000);
      expect(await planned(id)).toEqual([{ due: from }]);
      await compensate(id);
      expect(undoers.ran).toEqual([]);
      expect(await read(`${id}/why`)).toMatchObject({
        code: 'cancellation.undelivered',
        who: 'ops',
        details: { undoneFrom: from.toISOString() },
      });
      await doors.sql('UPDATE prescriptions SET state_since = $2 WHERE id = $1', [id, ago(days)]);
      expect((await read(`${id}/why`)).code).toBe('cancellation.compensating');
      await compensate(id);
      expect(undoers.ran).toHaveLength(compensationOrder.length);
    });

    it('tells nobody that the parcel is on its way when its carrier brings it back', async () => {
      const { id } = await prescribed('in_transit');
      await said(id, 'return', 'carrier', ago(2));
      undoers.carrierRefuses = true;
      await compensate(id);
      const { items } = (await read(`${id}/timeline`)) as { items: { code: string; details: object }[] };
      expect(items.find(({ code }) => code === 'cancellation.label')?.details).toEqual({
        step: 'label',
        outcome: 'label-used',
      });
      expect(await support(id)).toEqual([]);
    });

    it('begins by the last report in any order, and is planned again when its time has moved on', async () => {
      const reports = [ago(7), ago(1)] as const;
      for (const order of [reports, reports.toReversed()]) {
        const { id } = await prescribed('in_transit');
        for (const at of order) await said(id, 'fail', 'carrier', at);
        await compensate(id);
        expect(undoers.ran).toEqual([]);
        expect(await planned(id)).toEqual([{ due: new Date(reports[1].getTime() + 7 * 86_400_000) }]);
      }
    });

    it.each(['fail', 'return'] as const)(
      'is undone at once when the pharmacy, too, says %s, whichever report comes first and was made first',
      async (action) => {
        for (const pharmacyAt of [ago(0), ago(0.9)]) {
          const reports = [['carrier', ago(0.5)] as const, ['pharmacy', pharmacyAt] as const];
          for (const order of [reports, reports.toReversed()]) {
            const { id } = await prescribed('in_transit');
            for (const [kind, at] of order) await said(id, action, kind, at);
            await plan(id);
            const due = (await planned(id)).map((row) => Number(row.due));
            expect(Math.min(...due)).toBeLessThanOrEqual(doors.clock.now().getTime());
            undoers.ran.length = 0;
            await compensate(id);
            expect(undoers.ran).toHaveLength(compensationOrder.length);
          }
        }
      },
    );

    it('is left alone when it was delivered after all', async () => {
      const { id } = await prescribed('in_transit');
      await said(id, 'fail', 'carrier', ago(8));
      await said(id, 'deliver', 'carrier', ago(7));
      await plan(id);
      await compensate(id);
      expect([await planned(id), undoers.ran]).toEqual([[], []]);
    });

    it('gives back what a bank gave back, but not before it is sure that nothing arrives', async () => {
      const moneyBack = (id: string) =>
        doors
          .get(CancellationWorker)
          .moneyBack({ prescriptionId: id }, { outboxId: newId(), attempt: 1, closed: false });
      const { id } = await prescribed('in_transit');
      await moneyBack(id);
      await said(id, 'fail', 'carrier', ago(6));
      await moneyBack(id);
      expect(undoers.ran).toEqual([]);
      await said(id, 'return', 'pharmacy', ago(0));
      await moneyBack(id);
      await compensate(id);
      undoers.ran.length = 0;
      undoers.waiting = ['refund'];
      await expect(moneyBack(id)).rejects.toMatchObject({ code: 'refund.later' });
      undoers.waiting = [];
      await moneyBack(id);
      expect(undoers.ran).toEqual([`refund ${id}`]);
    });

    it('names the next step while a vendor is away', async () => {
      const { id } = await prescribed('processing');
      await said(id, 'fail', 'pharmacy', ago(0));
      undoers.failAt = 'refund';
      await expect(compensate(id)).rejects.toThrow('away');
      expect(await read(`${id}/why`)).toMatchObject({
        code: 'cancellation.compensating',
        who: 'platform',
        next: 'Next step: refund.',
      });
    });
  });

  it('undoes nothing more once a report has taken the cancel back', async () => {
    const { id } = await prescribed('delivered');
    await compensate(id);
    expect(undoers.ran).toEqual([]);
  });

  it('lets a doctor cancel her own prescriptions only, and says what a reason is', async () => {
    const providerId = newId();
    const doctor = await doors.user('doctor', { providerId });
    const { id } = await prescribed();
    expect((await cancel(id, doctor)).statusCode).toBe(404);
    await doors.sql('UPDATE prescriptions SET provider_id = $2 WHERE id = $1', [id, providerId]);
    expect((await cancel(id, doctor)).statusCode).toBe(200);
    expect((await cancel(id, ops, {})).statusCode).toBe(400);
    expect((await cancel(id, await doors.user('pharmacy', { pharmacyId: newId() }))).statusCode).toBe(403);
  });

  describe('by CancelRx', () => {
    const cancelRx = (
      message: { body: string; order: Parameters<typeof buildCancelRx>[0] },
      change: { relatesTo?: string } = {},
    ) => {
      const { from, to, messageId } = parseScript(message.body);
      return buildCancelRx(
        message.order,
        {
          messageId: newId().replaceAll('-', ''),
          from: from ?? { id: '' },
          to: to ?? { id: '' },
          sentTime: new Date('2026-11-21T10:00:00Z'),
          relatesToMessageId: change.relatesTo ?? messageId ?? '',
        },
        '2017071',
      );
    };

    it.each<[PrescriptionState, string, string]>([
      ['received', 'Approved', 'cancelled'],
      ['paid', 'Approved', 'cancelled'],
      ['shipped', 'Approved', 'cancelled'],
      ['cancelled', 'Approved', 'cancelled'],
      ['in_transit', 'Denied', 'in_transit'],
      ['delivered', 'Denied', 'delivered'],
      ['returned', 'Denied', 'returned'],
    ])('in state %s answers %s', async (state, choice, after) => {
      const { id, message } = await prescribed(state);
      const answer = await send(cancelRx(message));
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toContain(`<${choice}`);
      expect(answer.body).toContain('<CancelRxResponse>');
      expect(await stateOf(id)).toBe(after);
    });

    it('is recorded with who sent it and in which request', async () => {
      const { id, message } = await prescribed('received');
      const answer = await send(cancelRx(message));
      const entries = await doors.sql(
        'SELECT actor_kind AS kind, request_id AS request FROM audit_entries WHERE entity_ids @> ARRAY[$1]::uuid[] AND request_id = $2',
        [id, answer.headers['x-request-id']],
      );
      expect(entries).toEqual([{ kind: 'api-key', request: answer.headers['x-request-id'] }]);
    });

    it('cancels the remaining refills of what was handed over, and says so', async () => {
      const { id, message } = await prescribed('delivered');
      await doors.sql('UPDATE prescriptions SET refills = 3 WHERE id = $1', [id]);
      const answer = await send(cancelRx(message));
      expect(answer.body).toContain('Remaining refills have been cancelled.');
      expect(await doors.sql('SELECT refills FROM prescriptions WHERE id = $1', [id])).toEqual([{ refills: 0 }]);
      await send(cancelRx(message));
      expect(await support(id)).toEqual(['cancellation.refills-to-stop']);
    });

    it('is denied, and ends the refills, when the carrier does not take the label back', async () => {
      const { id, message } = await prescribed('shipped');
      await doors.sql('UPDATE prescriptions SET refills = 3 WHERE id = $1', [id]);
      undoers.carrierKeeps = true;
      expect((await send(cancelRx(message))).body).toContain('the carrier does not take back');
      expect(await doors.sql('SELECT state, refills FROM prescriptions WHERE id = $1', [id])).toEqual([
        { state: 'shipped', refills: 0 },
      ]);
    });

    it('finds it by the number of the prescriber when the message is unknown', async () => {
      const { id, message } = await prescribed();
      expect((await send(cancelRx(message, { relatesTo: 'lost' }))).body).toContain('<Approved');
      expect(await stateOf(id)).toBe('cancelled');
    });

    it.each<[string, (body: string) => string]>([
      ['birth date', (body) => body.replace(/(<DateOfBirth>\s*<Date>)[^<]*/, '$11931-01-31')],
      ['last name', (body) => body.replace(/(<Patient>[\s\S]*?<LastName>)[^<]*/, '$1Somebodyelse')],
      ['prescriber', (body) => body.replace(/<NPI>[^<]*/g, '<NPI>1234567893')],
    ])(
      'does not take a number for it that another patient or prescriber may have, too: another %s',
      async (_, other) => {
        const { id, message } = await prescribed();
        const request = cancelRx(message, { relatesTo: 'lost' });
        expect(other(request)).not.toBe(request);
        expect((await send(other(request))).body).toContain('Unable to locate the prescription.');
        expect(await stateOf(id)).toBe('received');
        expect(
          (await send(request.replace(/<MessageID>[^<]*/, `<MessageID>${newId().replaceAll('-', '')}`))).body,
        ).toContain('<Approved');
      },
    );

    it('denies what it cannot locate, and what another sender sent', async () => {
      const { id, message } = await prescribed();
      const answer = await send(
        cancelRx(message).replace(/(<From[^>]*>)[^<]*/, (_, tag: string) => `${tag}9999999999999`),
      );
      expect(answer.body).toContain('Unable to locate the prescription.');
      expect(await stateOf(id)).toBe('received');
    });

    it('repeats its stored answer, and refuses another message under the same id', async () => {
      const { id, message } = await prescribed('in_transit');
      const request = cancelRx(message);
      const first = await send(request);
      await doors.sql(`UPDATE prescriptions SET state = 'paid' WHERE id = $1`, [id]);
      expect((await send(request)).body).toBe(first.body);
      expect(await stateOf(id)).toBe('paid');
      expect((await send(request.replace('<CancelRx>', '<CancelRx> '))).body).toContain('<Code>900</Code>');
    });
  });
});
