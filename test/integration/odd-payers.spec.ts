import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { adjudicateJob } from '../../src/modules/adjudication/adjudication.jobs.js';
import { AdjudicationWorker } from '../../src/modules/adjudication/adjudication.worker.js';
import { Adjudicator } from '../../src/modules/adjudication/adjudicator.service.js';
import { Claims, type Retry } from '../../src/modules/adjudication/claims.service.js';
import { Coupons } from '../../src/modules/adjudication/coupons.service.js';
import {
  Compensations,
  lookedInto,
  Prescriptions,
  StepWaits,
  systemActor,
  Waiting,
  type PrescriptionOrder,
} from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { codeOf, Unrecoverable } from '../../src/platform/jobs/retry.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { OutboxStore } from '../../src/platform/outbox/outbox.store.js';
import { insertRow } from '../support/looker.js';
import { commercialCard, startSteps, type NewPrescription, type Steps } from '../support/steps-app.js';

const pricing = {
  patientPayCents: 1000,
  totalPaidCents: 2200,
  deductibleCents: 0,
  copayCents: 1000,
  coinsuranceCents: 0,
};

/** With a coupon. */
const apixaban = '70000010660';
const sildenafil = '70000011110';
const paid = (authorizationNumber: string) => ({ status: { code: 'P', authorizationNumber }, pricing });
const paidAndRejected = { status: { code: 'P', authorizationNumber: '77', rejectCodes: ['70'] }, pricing };
const reversed = { status: { code: 'A' } };
const reversalRefused = { status: { code: 'R', rejectCodes: ['70'] } };

/** Answers a well-behaved payer never gives. */
describe('a payer that contradicts itself', () => {
  let server: Server;
  let steps: Steps;
  let pharmacyId: string;
  const answers: (object | (() => Promise<object>))[] = [];
  /** In place of 200, for the next answers. */
  const statuses: number[] = [];
  const asked: { key: string; code: string }[] = [];
  const bodies: { header: { bin?: string }; claim: Record<string, unknown> }[] = [];

  const respond = async (key: string, body: string, response: ServerResponse) => {
    const sent = JSON.parse(body) as {
      header: { transactionCode: string; bin: string };
      claim: Record<string, unknown>;
    };
    asked.push({ key, code: sent.header.transactionCode });
    bodies.push(sent);
    const status = statuses.shift() ?? 200;
    const next = answers.shift() ?? {};
    const answer: object = typeof next === 'function' ? await (next as () => Promise<object>)() : next;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => void respond(String(request.headers['idempotency-key']), body, response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    steps = await startSteps({ claimSwitchUrl: `http://127.0.0.1:${port}` });
    pharmacyId = (await steps.pharmacy()).id;
    const coupon = { ndc: apixaban, bin: '610020', pcn: 'COUPON', groupId: 'SAVE10', cardholderPrefix: 'CPN' };
    await steps.get(Coupons).put(steps.staff(), coupon);
  });
  afterAll(async () => {
    await steps.stop();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    answers.length = 0;
    statuses.length = 0;
    asked.length = 0;
    bodies.length = 0;
  });

  const adjudicate = (id: string) =>
    steps.get(Adjudicator).adjudicate(id, { outboxId: newId(), attempt: 1, closed: false });
  const selected = (wanted: NewPrescription = {}) =>
    steps.prescription({ state: 'pharmacy_selected', pharmacyId, ...wanted });
  const correctedCoverage = (id: string) =>
    steps
      .get(AdjudicationWorker)
      .retryWithCoverage({ prescriptionId: id }, { outboxId: newId(), attempt: 1, closed: false });
  /** As the queue ends the job that was asked for; with an error, as a dead letter. */
  const endReversal = async (id: string, run: (job: { claimId: string }) => Promise<void>) => {
    const [job] = await steps.sql<{ outboxId: string; dispatchNo: number; payload: { claimId: string } }>(
      `SELECT id AS "outboxId", dispatch_no AS "dispatchNo", payload FROM outbox_events
       WHERE aggregate_id = $1 AND subscriber = 'adjudication.reverse' AND done_at IS NULL`,
      [id],
    );
    if (job === undefined) throw new Error('no reversal was asked for');
    const { outboxId, dispatchNo, payload } = job;
    const store = steps.get(OutboxStore);
    const giveUp = (error: unknown) =>
      store.noteFailure({ outboxId, dispatchNo, code: codeOf(error), dueAt: undefined, countsAsAttempt: true });
    await run(payload).then(() => store.finish(outboxId), giveUp);
  };
  const holdEnds = (id: string) =>
    steps.sql(`UPDATE effects SET held_until = now() - interval '1 s' WHERE aggregate_id = $1`, [id]);
  const runReversal = (id: string) => endReversal(id, (job) => steps.get(AdjudicationWorker).reverse(job));
  const askedClinic = async (id: string) => {
    const events = await steps.sql<{ asks: string }>(
      `SELECT payload ->> 'asks' AS asks FROM outbox_events WHERE aggregate_id = $1 AND event = 'clinic_asked'`,
      [id],
    );
    return events.map(({ asks }) => asks);
  };
  /** The payer says no to the reversal of its open claim. */
  const refusedReversal = async (id: string) => {
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
    answers.push(reversalRefused);
    await runReversal(id);
  };
  const claimsOf = async (id: string) => (await steps.get(Claims).show(steps.staff(), id)).claims;
  const why = async (id: string) =>
    steps.db.tx(systemContext, async (tx) => {
      const prescription = await steps.get(Prescriptions).get(tx, id);
      return steps.get(Waiting).of(prescription.state)?.explain(tx, prescription);
    });

  it('is not believed when it says paid and rejected at once; the claim is still taken back on cancel', async () => {
    const id = await selected();
    answers.push({ status: { code: 'P', authorizationNumber: '77', rejectCodes: ['70'], messages: [] }, pricing });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudication_issue');
    expect(await claimsOf(id)).toMatchObject([
      { state: 'rejected', conflict: true, rejectClass: 'human', rejectCodes: ['70'] },
    ]);
    expect(await why(id)).toMatchObject({ code: 'claim.human', who: 'ops' });
    answers.push({ status: { code: 'A', rejectCodes: [] } });
    const primary = steps
      .get(Compensations)
      .inOrder()
      .find(({ step }) => step === 'primary_claim');
    expect(await primary?.run(id)).toBe('reversed');
    expect(asked.map(({ code }) => code)).toEqual(['B1', 'B2']);
  });

  it.each([
    ['a retry', (id: string) => steps.get(Claims).retry(steps.staff(), id, {}), 'plan'],
    ['the cash price', (id: string) => steps.get(Claims).retry(steps.staff(), id, { payCash: true }), 'cash'],
    ['a claim for another coverage', (id: string) => correctedCoverage(id), 'plan'],
  ] as const)('gives its paid and rejected claim back before %s', async (_what, beginAgain, pays) => {
    const id = await selected();
    answers.push({ status: { code: 'P', authorizationNumber: '77', rejectCodes: ['70'], messages: [] }, pricing });
    await adjudicate(id);
    await beginAgain(id);
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
    const [job] = await steps.sql<{ payload: { claimId: string } }>(
      `UPDATE outbox_events SET done_at = now() WHERE aggregate_id = $1 AND subscriber = 'adjudication.reverse' RETURNING payload`,
      [id],
    );
    answers.push({ status: { code: 'A' } }, { status: { code: 'P', authorizationNumber: '78' }, pricing });
    await steps.get(AdjudicationWorker).reverse({ claimId: job?.payload.claimId ?? '' });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    expect(asked.map(({ code }) => code)).toEqual(pays === 'cash' ? ['B1', 'B2'] : ['B1', 'B2', 'B1']);
    expect((await claimsOf(id)).map(({ state }) => state)).toEqual(['reversed', 'paid']);
  });

  it('is named in the timeline with what it said, to staff and doctors alone', async () => {
    const id = await selected();
    answers.push(paidAndRejected);
    await adjudicate(id);
    await correctedCoverage(id);
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
    answers.push(reversed, paid('78'));
    await runReversal(id);
    await adjudicate(id);
    const [claim] = await claimsOf(id);
    const doctor = newId();
    await insertRow(steps.sql, 'providers', {
      id: doctor,
      organization_id: steps.organizationId,
      npi: '1993999998',
      first_name: 'Ines',
      last_name: 'Roy',
      created_at: new Date(),
    });
    const [owner] = await steps.sql<{ patient: string }>(
      'UPDATE prescriptions SET provider_id = $2 WHERE id = $1 RETURNING patient_id AS patient',
      [id, doctor],
    );
    const told = async (authorization: string) => {
      const answer = await fetch(`${steps.url}/api/prescriptions/${id}/timeline`, { headers: { authorization } });
      return ((await answer.json()) as { items: { kind: string; code: string }[] }).items.filter(
        ({ kind }) => kind === 'claim',
      );
    };
    const items = await told(await steps.user('ops'));
    expect(items.map(({ code }) => code)).toEqual([
      'claim.made',
      'claim.rejected',
      'claim.reversed',
      'claim.made',
      'claim.paid',
    ]);
    expect(items[1]).toMatchObject({
      actor: { kind: 'payer' },
      details: { claimId: claim?.id, attempt: 1, payer: 'primary', rejectCodes: ['70'] },
    });
    expect(JSON.stringify(items)).not.toMatch(/cents/i);
    expect(await told(await steps.user('doctor', { providerId: doctor }))).toEqual(items);
    for (const who of [
      steps.user('patient', { patientId: owner?.patient ?? '' }),
      steps.user('pharmacy', { pharmacyId }),
    ]) {
      expect(await told(await who)).toEqual([]);
    }
  });

  it('that refuses to take a claim back holds up no further one', async () => {
    const id = await selected();
    answers.push({ status: { code: 'P', authorizationNumber: '77', rejectCodes: ['70'], messages: [] }, pricing });
    await adjudicate(id);
    await correctedCoverage(id);
    await refusedReversal(id);
    answers.push({ status: { code: 'P', authorizationNumber: '78' }, pricing });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    expect(asked.map(({ code }) => code)).toEqual(['B1', 'B2', 'B1']);
  });

  it('is sent no further claim while nobody knows whether it took the last one back', async () => {
    const id = await selected();
    answers.push(paidAndRejected);
    await adjudicate(id);
    await correctedCoverage(id);
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
    expect(await why(id)).toMatchObject({ code: 'claim.being-reversed', who: 'platform' });
    await endReversal(id, () => Promise.reject(new Unrecoverable('vendor.off', 'no claim switch is configured')));
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
    expect(asked.map(({ code }) => code)).toEqual(['B1']);
    expect(await why(id)).toMatchObject({
      code: 'claim.being-reversed',
      who: 'ops',
      next: expect.stringContaining('/redrive') as string,
    });
    const [owner] = await steps.sql<{ patient: string }>(
      'SELECT patient_id AS patient FROM prescriptions WHERE id = $1',
      [id],
    );
    const patient = await steps.user('patient', { patientId: owner?.patient ?? '' });
    const told = await fetch(`${steps.url}/api/prescriptions/${id}/why`, { headers: { authorization: patient } });
    expect(await told.json()).toMatchObject({
      code: 'claim.being-reversed',
      ...lookedInto,
      details: {},
    });
    await steps.get(Claims).reverse(steps.staff(), (await claimsOf(id))[0]?.id ?? '');
    expect(await why(id)).toMatchObject({ who: 'platform' });
    answers.push(reversed, paid('78'));
    await runReversal(id);
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    expect(asked.map(({ code }) => code)).toEqual(['B1', 'B2', 'B1']);
  });

  it.each([400, 413, 422])(
    'behind a switch that cannot read the reversal (%p) holds up no cash price',
    async (status) => {
      const id = await selected();
      answers.push(paidAndRejected);
      await adjudicate(id);
      await steps.get(Claims).retry(steps.staff(), id, { payCash: true });
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
      statuses.push(status);
      await runReversal(id);
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect((await claimsOf(id)).map(({ payerOrder, state }) => `${payerOrder} ${state}`)).toEqual([
        'primary rejected',
        'cash paid',
      ]);
    },
  );

  it('gives its paid and rejected claim back when staff ask for it', async () => {
    const id = await selected();
    answers.push({ status: { code: 'P', authorizationNumber: '77', rejectCodes: ['70'], messages: [] }, pricing });
    await adjudicate(id);
    const [claim] = await claimsOf(id);
    answers.push({ status: { code: 'A' } });
    await steps.get(Claims).reverse(steps.staff(), claim?.id ?? '');
    await steps.get(AdjudicationWorker).reverse({ claimId: claim?.id ?? '' });
    expect(await claimsOf(id)).toMatchObject([{ state: 'reversed' }]);
  });

  it('gives its paid and rejected claim back although the order is validated anew before it is asked', async () => {
    const id = await selected();
    answers.push(paidAndRejected);
    await adjudicate(id);
    await steps.get(Claims).reverse(steps.staff(), (await claimsOf(id))[0]?.id ?? '');
    await steps.db.tx(systemContext, (tx) =>
      steps.get(Prescriptions).move(tx, { id, action: 'resubmit', actor: systemActor, trigger: 'user' }),
    );
    answers.push(reversed);
    await runReversal(id);
    expect(asked.map(({ code }) => code)).toEqual(['B1', 'B2']);
    expect(await claimsOf(id)).toMatchObject([{ state: 'reversed' }]);
  });

  it('is asked again with the same claim number while its status means nothing to us', async () => {
    const id = await selected();
    answers.push(
      { status: { code: 'Z', rejectCodes: [] }, pricing },
      { status: { code: 'D', authorizationNumber: '78' }, pricing },
    );
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim-switch.unknown-status' });
    expect(await claimsOf(id)).toMatchObject([{ state: 'unknown' }]);
    expect(await why(id)).toMatchObject({ code: 'claim.unknown', who: 'payer' });
    await adjudicate(id);
    expect(await claimsOf(id)).toMatchObject([{ state: 'paid', patientPayCents: 1000, attempt: 1 }]);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  });

  it.each([
    ['25', 'prescriber', 'claim.fix-data'],
    ['56', 'prescriber', 'claim.fix-data'],
    ['71', 'prescriber', 'claim.fix-data'],
    ['75', 'authorization', 'claim.prior-authorization'],
    ['3Y', 'authorizationDenied', 'claim.prior-authorization'],
    ['76', 'limit', 'claim.limit'],
    ['AG', 'limit', 'claim.limit'],
  ])('that rejects with %s makes the ticket ask the clinic: %s', async (code, asks, reason) => {
    const id = await selected();
    answers.push({ status: { code: 'R', rejectCodes: [code] } });
    await adjudicate(id);
    expect(await askedClinic(id)).toEqual([asks]);
    expect(await why(id)).toMatchObject({ code: reason, who: 'doctor' });
  });

  it('that limits a controlled drug asks for a corrected order, as a retry with less is refused', async () => {
    const id = await selected({ ndc: '70000011330' });
    answers.push({ status: { code: 'R', rejectCodes: ['76'] } });
    await adjudicate(id);
    expect(await askedClinic(id)).toEqual(['limitOfControlled']);
    const next = expect.stringMatching(/resubmit/) as string;
    expect(await why(id)).toMatchObject({ code: 'claim.limit', who: 'doctor', next });
    const retried = steps.get(Claims).retry(steps.staff(), id, { quantity: 1 });
    await expect(retried).rejects.toMatchObject({ code: 'claim.quantity-controlled' });
  });

  it.each(['70', '3W', '88'])('that rejects with %s asks the clinic nothing', async (code) => {
    const id = await selected();
    answers.push({ status: { code: 'R', rejectCodes: [code] } });
    await adjudicate(id);
    expect(await askedClinic(id)).toEqual([]);
  });

  it('is understood although what explains its reject is none of it: no phone, no text', async () => {
    const id = await selected();
    const status = { code: 'R', rejectCodes: ['88'], helpDeskPhone: 'ask for Ada Marsh' };
    answers.push({ status, dur: [{ reasonCode: 'DD', significance: 1, text: ['x'] }] });
    await adjudicate(id);
    expect(await claimsOf(id)).toMatchObject([{ helpDeskPhone: null, durAlerts: [{ reason: 'DD' }] }]);
    expect((await why(id))?.details).toMatchObject({ durAlerts: [{ reason: 'DD', significance: null }] });
  });

  it.each(['92', '99'])('is asked again when its host says %s, and nothing is rejected', async (code) => {
    const id = await selected();
    answers.push(
      { status: { code: 'R', rejectCodes: [code] } },
      { status: { code: 'P', authorizationNumber: '79' }, pricing },
    );
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim-switch.host-down' });
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'effect.held' });
    await holdEnds(id);
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
  });

  it.each(['92', '99'])('may pay long after its host said %s: a cancelled claim is asked back then', async (code) => {
    const id = await selected();
    answers.push({ status: { code: 'R', rejectCodes: [code] } }, reversed);
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim-switch.host-down' });
    await steps.db.tx(systemContext, (tx) =>
      steps.get(Prescriptions).move(tx, { id, action: 'cancel', actor: systemActor, trigger: 'user' }),
    );
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'effect.held' });
    expect(asked.map(({ code: sent }) => sent)).toEqual(['B1']);
    await holdEnds(id);
    await adjudicate(id);
    expect(asked.map(({ code: sent }) => sent)).toEqual(['B1', 'B2']);
    expect(await claimsOf(id)).toMatchObject([{ state: 'reversed' }]);
  });

  it.each([
    ['payer took longer than we listen', 504, {}],
    ['host failed while working on it', 200, { status: { code: 'R', rejectCodes: ['99'] } }],
  ])('may pay a claim long after its %s and its job was given up: it is asked back then', async (_, status, answer) => {
    const id = await selected();
    statuses.push(status);
    answers.push(answer, reversed);
    await expect(adjudicate(id)).rejects.toMatchObject({ name: 'SwitchUnavailable' });
    await steps.db.tx(systemContext, (tx) =>
      steps.get(Prescriptions).move(tx, { id, action: 'cancel', actor: systemActor, trigger: 'user' }),
    );
    const claimSteps = steps
      .get(Compensations)
      .inOrder()
      .filter(({ step }) => ['secondary_claim', 'primary_claim'].includes(step));
    for (const step of claimSteps) {
      const waits = step.run(id);
      await expect(waits).rejects.toBeInstanceOf(StepWaits);
      await expect(waits).rejects.toMatchObject({ cause: { code: 'effect.held' } });
    }
    expect(asked.map(({ code }) => code)).toEqual(['B1']);
    await holdEnds(id);
    expect(await Promise.all(claimSteps.map((step) => step.run(id)))).toEqual(['nothing-to-do', 'reversed']);
    expect(asked.map(({ code }) => code)).toEqual(['B1', 'B2']);
    expect(await claimsOf(id)).toMatchObject([{ state: 'reversed' }]);
  });

  it('gives a claim back that its own reversal had overtaken, although nobody heard its answer', async () => {
    const id = await selected();
    answers.push({ unreadable: true }, { status: { code: 'R', rejectCodes: ['87'] } }, { status: { code: 'A' } });
    await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim-switch.unreadable' });
    await steps.db.tx(systemContext, async (tx) => {
      const { organizationId } = await steps.get(Prescriptions).get(tx, id);
      await steps.get(Outbox).enqueue(tx, adjudicateJob, { prescriptionId: id }, { aggregateId: id, organizationId });
      await steps.get(Prescriptions).move(tx, { id, action: 'cancel', actor: systemActor, trigger: 'user' });
    });
    const primary = steps
      .get(Compensations)
      .inOrder()
      .find(({ step }) => step === 'primary_claim');
    expect(await primary?.run(id)).toBe('nothing-to-do');
    await adjudicate(id);
    expect(await claimsOf(id)).toMatchObject([{ state: 'reversed' }]);
    expect(asked.map(({ code }) => code)).toEqual(['B1', 'B2', 'B2']);
    await adjudicate(id);
    expect(asked).toHaveLength(3);
  });

  it('keeps the newer claim when the reversal of the one before it comes late', async () => {
    const id = await selected();
    answers.push({ status: { code: 'P', authorizationNumber: '77', rejectCodes: ['70'], messages: [] }, pricing });
    await adjudicate(id);
    const first = (await claimsOf(id))[0]?.id ?? '';
    await steps.get(Claims).retry(steps.staff(), id, {});
    await refusedReversal(id);
    const reverse = () => steps.get(AdjudicationWorker).reverse({ claimId: first });
    answers.push({ status: { code: 'P', authorizationNumber: '78' }, pricing });
    await adjudicate(id);
    await steps.sql(`UPDATE prescriptions SET state = 'pharmacy_selected' WHERE id = $1`, [id]);
    await reverse();
    expect(asked.map(({ code }) => code)).toEqual(['B1', 'B2', 'B1']);
    expect((await claimsOf(id)).map(({ state }) => state)).toEqual(['rejected', 'paid']);
  });

  it('gives back one attempt of those that are open, with its coupon', async () => {
    const id = await selected();
    answers.push({ status: { code: 'P', authorizationNumber: '77', rejectCodes: ['70'], messages: [] }, pricing });
    await adjudicate(id);
    await steps.get(Claims).retry(steps.staff(), id, {});
    await refusedReversal(id);
    answers.push({ status: { code: 'P', authorizationNumber: '78' }, pricing }, { status: { code: 'A' } });
    await adjudicate(id);
    await steps.sql(`UPDATE prescriptions SET state = 'pharmacy_selected' WHERE id = $1`, [id]);
    await steps.get(AdjudicationWorker).reverse({ claimId: (await claimsOf(id))[1]?.id ?? '' });
    expect(asked.map(({ code }) => code)).toEqual(['B1', 'B2', 'B1', 'B2']);
    expect((await claimsOf(id)).map(({ state }) => state)).toEqual(['rejected', 'reversed']);
  });

  it.each([
    ['gives it back', reversed, 'reversed'],
    ['refuses to', reversalRefused, 'rejected'],
  ])(
    'is asked for a coupon it paid and rejected at once before the patient is for the copay, and %s',
    async (_what, answer, state) => {
      const id = await selected({ ndc: apixaban });
      answers.push(paid('1'), paidAndRejected);
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
      answers.push(answer);
      await runReversal(id);
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect(asked.map(({ code }) => code)).toEqual(['B1', 'B1', 'B2']);
      expect((await claimsOf(id)).map((claim) => `${claim.payerOrder} ${claim.state}`)).toEqual([
        'primary paid',
        `secondary ${state}`,
      ]);
    },
  );

  describe('whose claim staff take back while the coupon payer is slow', () => {
    const primaryOf = async (id: string) =>
      (await claimsOf(id)).find(({ payerOrder }) => payerOrder === 'primary')?.id ?? '';
    const askForReversal = async (id: string) => steps.get(Claims).reverse(steps.staff(), await primaryOf(id));
    /** As the queue runs the job. */
    const reverse = async (id: string) => {
      await steps.get(AdjudicationWorker).reverse({ claimId: await primaryOf(id) });
      await steps.sql(
        `UPDATE outbox_events SET done_at = now() WHERE aggregate_id = $1 AND subscriber = 'adjudication.reverse'`,
        [id],
      );
    };
    const billedAnew = async (id: string) => {
      answers.push(paid('3'), paid('4'));
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect((await claimsOf(id)).map(({ attempt, payerOrder, state }) => `${attempt} ${payerOrder} ${state}`)).toEqual(
        ['1 primary reversed', '1 secondary reversed', '2 primary paid', '2 secondary paid'],
      );
    };

    it('bills no coupon on a government claim whose patient has given another card since it was sent', async () => {
      const patientId = await steps.patient();
      const medicare = { ...commercialCard, bin: '610013', pcn: 'MEDD', government: true };
      const wanted = { state: 'pharmacy_selected', pharmacyId, ndc: apixaban } as const;
      const id = await steps.prescription({ ...wanted, coverage: medicare }, patientId);
      statuses.push(503);
      await expect(adjudicate(id)).rejects.toThrow();
      await steps.prescription({ coverage: commercialCard }, patientId);
      answers.push(paid('1'));
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect((await claimsOf(id)).map(({ payerOrder, state }) => `${payerOrder} ${state}`)).toEqual(['primary paid']);
    });

    it('waits for the reversal that is asked for, then bills anew', async () => {
      const id = await selected({ ndc: apixaban });
      answers.push(paid('1'), async () => {
        await askForReversal(id);
        return paid('2');
      });
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
      expect(await steps.stateOf(id)).toBe('pharmacy_selected');
      answers.push(reversed, reversed);
      await reverse(id);
      await billedAnew(id);
    });

    it('approves nothing on a claim of which nobody knows whether it was taken back', async () => {
      const id = await selected({ ndc: apixaban });
      answers.push(paid('1'), async () => {
        await askForReversal(id);
        statuses.push(503);
        await runReversal(id);
        return paid('2');
      });
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
      expect(await steps.stateOf(id)).toBe('pharmacy_selected');
      expect(await why(id)).toMatchObject({ code: 'claim.being-reversed', who: 'ops' });
    });

    it('approves nothing on a claim that is gone when the coupon is answered', async () => {
      const id = await selected({ ndc: apixaban });
      answers.push(paid('1'), async () => {
        answers.push(reversed, reversed);
        await askForReversal(id);
        await reverse(id);
        return paid('2');
      });
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
      expect(await steps.stateOf(id)).toBe('pharmacy_selected');
      await billedAnew(id);
    });

    it('is not asked for it any more once the copay is, although the job comes late', async () => {
      const id = await selected({ ndc: apixaban });
      answers.push(paid('1'), paid('2'));
      await adjudicate(id);
      await reverse(id);
      expect(asked.map(({ code }) => code)).toEqual(['B1', 'B1']);
    });
  });

  it('is asked tomorrow, not at once for ever, when the next fill date it names has passed (79)', async () => {
    const id = await selected();
    answers.push({ status: { code: 'R', rejectCodes: ['79'], messages: ['NEXT FILL 20200101'] } });
    await adjudicate(id);
    const [job] = await steps.sql<{ due: Date }>(
      `SELECT due_at AS due FROM outbox_events WHERE subscriber = 'adjudication.resubmit' AND aggregate_id = $1`,
      [id],
    );
    const hours = ((job?.due.getTime() ?? 0) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(7);
    expect(hours).toBeLessThan(33);
  });

  it.each([
    ['claim.fix-data', '65'],
    ['claim.cob', '41'],
  ])('has the patient give another card (%s), and that one is billed without a person', async (code, reject) => {
    const patientId = await steps.patient();
    const id = await steps.prescription({ state: 'pharmacy_selected', pharmacyId }, patientId);
    answers.push(
      { status: { code: 'R', rejectCodes: [reject] } },
      { status: { code: 'P', authorizationNumber: '80' }, pricing },
    );
    await adjudicate(id);
    expect(await why(id)).toMatchObject({
      code,
      who: 'platform',
      next: expect.stringContaining('gets a link') as string,
    });
    steps.cover(patientId, { ...commercialCard, bin: '610012' });
    const run = { outboxId: newId(), attempt: 1, closed: false };
    await steps.get(AdjudicationWorker).retryWithCoverage({ prescriptionId: id }, run);
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    await adjudicate(id);
    expect(bodies.map(({ header }) => header.bin)).toEqual(['610011', '610012']);
    await steps.get(AdjudicationWorker).retryWithCoverage({ prescriptionId: id }, run);
    expect(await steps.stateOf(id)).toBe('adjudicated');
  });

  it('has the patient check the card once per reject, twice for the same one; then operations decide', async () => {
    const id = await selected();
    const asked = () =>
      steps.sql<{ payload: object }>(
        `SELECT payload FROM outbox_events WHERE aggregate_id = $1 AND event = 'card_check_requested'`,
        [id],
      );
    const rejectAgain = async (code: string) => {
      answers.push({ status: { code: 'R', rejectCodes: [code] } });
      await adjudicate(id);
      return { asked: (await asked()).length, why: await why(id) };
    };
    const correct = () =>
      steps
        .get(AdjudicationWorker)
        .retryWithCoverage({ prescriptionId: id }, { outboxId: newId(), attempt: 1, closed: false });

    expect(await rejectAgain('65')).toMatchObject({ asked: 1, why: { code: 'claim.fix-data', who: 'platform' } });
    const [claim] = await steps.sql<{ id: string; at: Date }>(
      'SELECT id, created_at AS at FROM claims WHERE prescription_id = $1',
      [id],
    );
    const payload = { prescriptionId: id, claimId: claim?.id, claimedAt: claim?.at.toISOString() };
    expect(await asked()).toEqual([{ payload }]);
    await correct();
    expect(await rejectAgain('65')).toMatchObject({ asked: 2 });
    await correct();
    expect(await rejectAgain('65')).toMatchObject({ asked: 2, why: { who: 'ops' } });
    expect((await why(id))?.next).toContain('payer still says no');
    await correct();
    expect(await rejectAgain('06')).toMatchObject({ asked: 3 });
  });

  it.each([
    ['with-patient', 'patient'],
    ['lapsed', 'ops'],
    ['answered', 'platform'],
  ] as const)('waits, while the check of the card is %s, for: %s', async (check, who) => {
    const id = await selected();
    answers.push({ status: { code: 'R', rejectCodes: ['N1'] } });
    await adjudicate(id);
    steps.checks.card = check;
    expect(await why(id)).toMatchObject({ code: 'claim.fix-data', who });
    steps.checks.card = 'not-sent';
  });

  it.each([
    ['25', 'doctor', /clinic/],
    ['56', 'doctor', /clinic/],
    ['71', 'doctor', /clinic/],
    ['21', 'ops', /NDC/],
    ['54', 'ops', /NDC/],
    ['77', 'ops', /NDC/],
  ])('names for %s who must act: %s, and asks no patient', async (code, who, next) => {
    const id = await selected();
    answers.push({ status: { code: 'R', rejectCodes: [code] } });
    await adjudicate(id);
    const reason = await why(id);
    expect(reason).toMatchObject({ code: 'claim.fix-data', who });
    expect(reason?.next).toMatch(next);
    const events = await steps.sql(
      `SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND event = 'card_check_requested'`,
      [id],
    );
    expect(events).toEqual([]);
  });

  it('is not asked for more money than a bill can say: that is a wrong quantity', async () => {
    const id = await steps.prescription({ state: 'pharmacy_selected', pharmacyId, path: 'cash', coverage: undefined });
    await steps.sql('UPDATE prescriptions SET quantity = 999999999 WHERE id = $1', [id]);
    await adjudicate(id);
    expect(await why(id)).toMatchObject({ code: 'claim.fix-data', details: { rejectCodes: ['drug.no-price'] } });
  });

  it.each([400, 413, 422])('that cannot read the claim (%p) gets a corrected one', async (status) => {
    const id = await selected();
    statuses.push(status);
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudication_issue');
    expect(await why(id)).toMatchObject({ code: 'claim.fix-data', details: { rejectCodes: ['R8'] } });
    await steps.get(Claims).retry(steps.staff(), id, {});
    answers.push({ status: { code: 'P', authorizationNumber: '81' }, pricing });
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
    expect(new Set(asked.map(({ key }) => key)).size).toBe(2);
  });

  it.each([401, 403])('that does not know us (%p) has judged nothing: no claim, no coupon', async (status) => {
    const id = await selected({ ndc: apixaban });
    statuses.push(status);
    await expect(adjudicate(id)).rejects.toMatchObject({ code: `claim-switch.${status}` });
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    answers.push({ status: { code: 'P', authorizationNumber: '82' }, pricing });
    statuses.push(200, status);
    await expect(adjudicate(id)).rejects.toMatchObject({ code: `claim-switch.${status}` });
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    expect((await claimsOf(id)).map(({ state }) => state)).toEqual(['paid', 'submitted']);
  });

  it('asks for another pharmacy when it says not contracted (40)', async () => {
    const id = await selected();
    answers.push({ status: { code: 'R', rejectCodes: ['40'] } });
    await adjudicate(id);
    expect(await why(id)).toMatchObject({ code: 'claim.reroute', who: 'platform' });
    const jobs = await steps.sql<{ payload: object }>(
      `SELECT payload FROM outbox_events WHERE event = 'reroute_requested' AND subscriber = 'routing.recommend' AND aggregate_id = $1`,
      [id],
    );
    expect(jobs).toEqual([{ payload: { prescriptionId: id, refusedPharmacyId: pharmacyId } }]);
    // Routing looked, and no other pharmacy will do.
    await steps.sql('UPDATE outbox_events SET done_at = now() WHERE aggregate_id = $1', [id]);
    expect(await why(id)).toMatchObject({ code: 'claim.reroute', who: 'ops' });
  });

  describe('that keeps a claim although the cash price is lower', () => {
    const dear = (authorizationNumber: string) => ({
      ...paid(authorizationNumber),
      pricing: { ...pricing, patientPayCents: 3500 },
    });
    const shown = async (id: string) => (await steps.get(Claims).show(steps.staff(), id)).prices;
    const standing = async (id: string) =>
      (await claimsOf(id)).map((claim) => `${claim.attempt} ${claim.payerOrder} ${claim.state}`);

    it.each([
      ['it says so', 200],
      ['the switch cannot read the reversal', 422],
    ])('has its own price paid when %s: its claim stands', async (_what, status) => {
      const id = await selected({ ndc: sildenafil });
      answers.push(dear('1'), reversalRefused);
      statuses.push(200, status);
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect(await standing(id)).toEqual(['1 primary paid']);
      expect(await shown(id)).toMatchObject({
        pays: 'plan',
        owedCents: 3500,
        planPriceCents: 3500,
        cashPriceCents: 1700,
      });
      expect(await steps.sql('SELECT owed_cents FROM prescriptions WHERE id = $1', [id])).toEqual([
        { owed_cents: 3500 },
      ]);
    });

    it.each(['92', '99'])('gives it back later when its host said %s meanwhile', async (code) => {
      const id = await selected({ ndc: sildenafil });
      answers.push(dear('1'), { status: { code: 'R', rejectCodes: [code] } }, reversed);
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim-switch.host-down' });
      await holdEnds(id);
      await adjudicate(id);
      expect(await standing(id)).toEqual(['1 primary reversed', '1 cash paid']);
      expect(await shown(id)).toMatchObject({ pays: 'cash', owedCents: 1700 });
    });

    it.each(['Z', '', 'C'])('is asked again for it when its answer (%p) says neither yes nor no', async (code) => {
      const id = await selected({ ndc: sildenafil });
      answers.push(dear('1'), { status: { code } }, reversed);
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim-switch.unknown-status' });
      expect(await steps.stateOf(id)).toBe('pharmacy_selected');
      await adjudicate(id);
      expect(await standing(id)).toEqual(['1 primary reversed', '1 cash paid']);
      expect(await shown(id)).toMatchObject({ pays: 'cash', owedCents: 1700 });
    });

    it('is left alone with it when it gave back the coupon on top: the plan without the coupon is paid', async () => {
      const id = await selected({ ndc: apixaban });
      const coupon = { ...paid('2'), pricing: { ...pricing, totalPaidCents: 100 } };
      answers.push(
        { ...paid('1'), pricing: { ...pricing, patientPayCents: 9_000_000 } },
        coupon,
        reversed,
        reversalRefused,
      );
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect(await standing(id)).toEqual(['1 primary paid', '1 secondary reversed']);
      expect(await shown(id)).toMatchObject({ pays: 'plan', owedCents: 9_000_000, couponPayCents: 0 });
      expect(await steps.sql('SELECT owed_cents FROM prescriptions WHERE id = $1', [id])).toEqual([
        { owed_cents: 9_000_000 },
      ]);
    });

    it('of an earlier attempt gives back the claim of this one', async () => {
      const id = await selected({ ndc: sildenafil });
      answers.push(paidAndRejected);
      await adjudicate(id);
      await correctedCoverage(id);
      await refusedReversal(id);
      answers.push(dear('2'), reversed);
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect(await standing(id)).toEqual(['1 primary rejected', '2 primary reversed', '2 cash paid']);
      expect(await shown(id)).toMatchObject({ pays: 'cash', owedCents: 1700 });
    });

    it('of a coupon it paid and rejected at once gives back what is below', async () => {
      const id = await selected({ ndc: apixaban });
      answers.push({ ...paid('1'), pricing: { ...pricing, patientPayCents: 9_000_000 } }, paidAndRejected);
      answers.push(reversalRefused, reversed);
      await expect(adjudicate(id)).rejects.toMatchObject({ code: 'claim.being-reversed' });
      await runReversal(id);
      await adjudicate(id);
      expect(await steps.stateOf(id)).toBe('adjudicated');
      expect(await standing(id)).toEqual(['1 primary reversed', '1 secondary rejected', '1 cash paid']);
    });

    it.each([
      ['its host', 200, { status: { code: 'R', rejectCodes: ['99'] } }],
      ['its yes or no', 200, { status: { code: 'Z' } }],
      ['the switch', 503, {}],
      ['its turn at the switch', 429, {}],
    ])('keeps no other step of an undoing waiting for %s', async (_what, status, answer) => {
      const id = await selected();
      answers.push(paid('1'), answer);
      await adjudicate(id);
      statuses.push(status);
      const primary = steps
        .get(Compensations)
        .inOrder()
        .find(({ step }) => step === 'primary_claim');
      await expect(primary?.run(id)).rejects.toBeInstanceOf(StepWaits);
    });

    it('of an earlier attempt gives back the later one of a cancelled prescription', async () => {
      const id = await selected();
      answers.push(paidAndRejected);
      await adjudicate(id);
      await correctedCoverage(id);
      await refusedReversal(id);
      answers.push(paid('2'));
      await adjudicate(id);
      const primary = steps
        .get(Compensations)
        .inOrder()
        .find(({ step }) => step === 'primary_claim');
      answers.push(reversalRefused, reversed);
      await expect(primary?.run(id)).rejects.toMatchObject({ code: 'claim.reversal-refused' });
      expect(await standing(id)).toEqual(['1 primary rejected', '2 primary reversed']);
    });
  });

  describe('whose reject a person has answered', () => {
    const rejected = (code: string) => ({ status: { code: 'R', rejectCodes: [code] } });
    const durResponse = { reason: 'DD', service: 'M0', result: '1G' };
    const priorAuthNumber = '12345678';
    const retry = async (id: string, correction: Retry = {}) => {
      await steps.get(Claims).retry(steps.staff(), id, correction);
      await adjudicate(id);
    };
    /** Rejected with 75, answered, rejected for another reason. */
    const answered = async (): Promise<string> => {
      const id = await selected();
      answers.push(rejected('75'), rejected('54'));
      await adjudicate(id);
      await retry(id, { durResponse, priorAuthNumber });
      return id;
    };
    const patientOf = async (id: string) => {
      const rows = await steps.sql<{ patient: string }>(
        'SELECT patient_id AS patient FROM prescriptions WHERE id = $1',
        [id],
      );
      return rows[0]?.patient ?? '';
    };
    const corrected = async (id: string, change: (order: PrescriptionOrder) => PrescriptionOrder) => {
      const patientId = await patientOf(id);
      await steps.db.tx(systemContext, async (tx) => {
        const prescriptions = steps.get(Prescriptions);
        const order = change(await prescriptions.order(tx, id));
        await prescriptions.resubmit(tx, id, order, { actor: systemActor, reason: 'corrected' });
      });
      // As validation and routing leave it.
      await steps.sql(
        `UPDATE prescriptions SET state = 'pharmacy_selected', pharmacy_id = $2, patient_id = $3 WHERE id = $1`,
        [id, pharmacyId, patientId],
      );
    };
    const otherDrug = (order: PrescriptionOrder) => ({ ...order, medication: { ...order.medication, ndc: apixaban } });
    const otherPatient = (order: PrescriptionOrder) => ({ ...order, patient: { ...order.patient, firstName: 'Eve' } });
    const otherCard = async (id: string, bin: string) => {
      steps.cover(await patientOf(id), { ...commercialCard, bin });
      await correctedCoverage(id);
    };
    const otherDays = (order: PrescriptionOrder) => ({ ...order, medication: { ...order.medication, daysSupply: 28 } });
    const authorization = async (id: string) => (await steps.get(Claims).show(steps.staff(), id)).priorAuthorization;

    it('hears the answer with every later claim for the same fill', async () => {
      const id = await answered();
      await corrected(id, otherDays);
      answers.push(rejected('70'), rejected('70'));
      await adjudicate(id);
      await retry(id);
      const said = bodies.map(({ claim }) => [claim.durResponses, claim.priorAuthNumber]);
      const answer = [[{ counter: 1, ...durResponse }], priorAuthNumber];
      expect(said).toEqual([[undefined, undefined], ...Array<unknown>(3).fill(answer)]);
      expect(await authorization(id)).toMatchObject({ status: 'approved', number: priorAuthNumber });
    });

    it.each([
      ['by name', { quantity: 12 }, ['9.000', '12.000']],
      ['for cash', { payCash: true }, ['9.000']],
    ] as const)(
      'has all that was ordered filled again after less had been claimed: %s',
      async (_how, change, claimed) => {
        const id = await selected({ ndc: '70000010912' });
        const fill = async () =>
          (await steps.sql('SELECT quantity, days_supply FROM prescriptions WHERE id = $1', [id]))[0];
        answers.push(rejected('76'), rejected('70'), paid('6'));
        await adjudicate(id);
        await retry(id, { quantity: 9 });
        expect(await fill()).toEqual({ quantity: '9.000', days_supply: 3 });
        await expect(retry(id, { quantity: 13 })).rejects.toMatchObject({ code: 'claim.quantity-too-large' });
        await retry(id, change);
        expect(await fill()).toEqual({ quantity: '12.000', days_supply: 4 });
        expect(bodies.slice(1).map(({ claim }) => claim.quantityDispensed)).toEqual(claimed);
        expect(await steps.stateOf(id)).toBe('adjudicated');
      },
    );

    it('hears the latest answer to each of its alerts', async () => {
      const id = await selected();
      const alerts = { ...rejected('88'), dur: [{ reasonCode: 'DD' }, { reasonCode: 'TD' }] };
      answers.push(alerts, alerts, alerts, paid('5'));
      await adjudicate(id);
      const duplicate = { reason: 'TD', service: 'R0', result: '1B' };
      await retry(id, { durResponse });
      await retry(id, { durResponse: duplicate });
      await retry(id, { durResponse: { ...durResponse, service: 'P0' } });
      expect(await steps.stateOf(id)).toBe('adjudicated');
      const heard = bodies.map(({ claim }) => claim.durResponses);
      expect(heard.slice(0, 2)).toEqual([undefined, [{ counter: 1, ...durResponse }]]);
      expect(heard.slice(2)).toEqual([
        [
          { counter: 1, ...durResponse },
          { counter: 2, ...duplicate },
        ],
        [
          { counter: 1, ...durResponse, service: 'P0' },
          { counter: 2, ...duplicate },
        ],
      ]);
    });

    it.each([
      ['drug', otherDrug],
      ['patient', otherPatient],
    ])('does not hear it with a claim for another %s', async (_what, change) => {
      const id = await answered();
      await corrected(id, change);
      answers.push(rejected('70'), rejected('70'));
      await adjudicate(id);
      expect(bodies.at(-1)?.claim).not.toHaveProperty('durResponses');
      expect(bodies.at(-1)?.claim).not.toHaveProperty('priorAuthNumber');
      expect(await authorization(id)).toBeUndefined();
      expect((await why(id))?.details).not.toHaveProperty('priorAuthorization');
      await retry(id, { priorAuthNumber: '87654321' });
      expect(bodies.at(-1)?.claim).toMatchObject({ priorAuthNumber: '87654321' });
    });

    it('of another plan does not hear the number of the plan before, which hears it again', async () => {
      const id = await selected();
      const bill = async (bin: string, code: string) => {
        await otherCard(id, bin);
        answers.push(rejected(code));
        await adjudicate(id);
        return bodies.at(-1)?.claim['priorAuthNumber'];
      };
      answers.push(rejected('75'), rejected('65'));
      await adjudicate(id);
      await retry(id, { priorAuthNumber });
      expect(await bill('610012', '70')).toBeUndefined();
      expect(await authorization(id)).toBeUndefined();
      expect(await bill('610011', '70')).toBe(priorAuthNumber);
      expect(await authorization(id)).toMatchObject({ status: 'approved', number: priorAuthNumber });
      expect(await bill('610012', '75')).toBeUndefined();
      expect(await authorization(id)).toMatchObject({ status: 'opened', number: null });
      answers.push(rejected('70'));
      await retry(id, { priorAuthNumber: '87654321' });
      expect(bodies.at(-1)).toMatchObject({ header: { bin: '610012' }, claim: { priorAuthNumber: '87654321' } });
      expect(await bill('610011', '70')).toBe(priorAuthNumber);
    });

    it.each([
      ['for another drug', (id: string) => corrected(id, otherDrug)],
      ['in place of another plan', (id: string) => otherCard(id, '610012')],
    ])('starts the clock of an authorization anew when it wants one %s', async (_what, change) => {
      const id = await selected();
      answers.push(rejected('75'));
      await adjudicate(id);
      await steps.sql(
        `UPDATE prior_authorizations SET opened_at = opened_at - interval '2 days', due_at = due_at - interval '2 days'
         WHERE prescription_id = $1`,
        [id],
      );
      await steps.sql(`UPDATE prescriptions SET received_at = received_at - interval '3 days' WHERE id = $1`, [id]);
      await change(id);
      answers.push(rejected('75'));
      await adjudicate(id);
      const [claim] = (await claimsOf(id)).slice(-1);
      const opened = await authorization(id);
      expect(opened).toMatchObject({ status: 'opened', number: null, claimId: claim?.id });
      expect(opened?.openedAt.getTime()).toBeGreaterThan(claim?.createdAt.getTime() ?? 0);
    });
  });

  it('defers: the prior authorization is in process', async () => {
    const id = await selected();
    answers.push({ status: { code: 'F', rejectCodes: [] } });
    await adjudicate(id);
    expect(await why(id)).toMatchObject({
      code: 'claim.prior-authorization',
      who: 'payer',
      details: { rejectCodes: ['3W'], priorAuthorization: { status: 'in_process' } },
    });
  });
});
