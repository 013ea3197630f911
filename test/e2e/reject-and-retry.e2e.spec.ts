import { commercialCard, drugs, fateOf } from '../../src/demo/fates/index.js';
import { Story } from '../../src/demo/story.js';
import { startStage, type TestStage } from '../support/stage.js';
import { until } from '../support/until.js';

describe('what the payer refuses', () => {
  let stage: TestStage;

  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.stop());

  it('is paid on retry once the prior authorization has its number', async () => {
    const name = 'prior authorization, approved on retry';
    const story = await stage.live(name);
    expect(await stage.difference(story, fateOf(name).expected)).toEqual([]);
    const claims = await stage.ops.claims(story.id);
    expect(claims.map(({ attempt, state }) => [attempt, state])).toEqual([
      [1, 'rejected'],
      [2, 'paid'],
    ]);
    expect(claims[0]?.rejects.map(({ code }) => code)).toEqual(['75']);
  });

  it('asks the doctor on the ticket for the prior authorization, and waits for no answer to go on', async () => {
    const story = new Story(stage, stage.orders.next(drugs.semaglutideWithPriorAuthorization, 'NY'));
    const card = commercialCard(story.order.patient.externalId);
    await story.send({ format: 'json' });
    await story.enroll(card);
    await story.choose('Harbor Pharmacy');
    await story.reached('adjudication_issue');
    const questions = () =>
      stage.app.sql<{ code: string; awaits: string; open: boolean }>(
        `SELECT m.code, m.awaits, m.answered_at IS NULL AS open FROM chat_messages m
           JOIN chat_threads t ON t.id = m.thread_id JOIN prescriptions p ON p.ticket_id = t.ticket_id
         WHERE p.id = $1 AND m.blocks`,
        [story.id],
      );
    const question = { code: 'claim.prior-authorization-wanted', awaits: 'doctor' };
    await until(async () => (await questions()).length > 0);
    expect(await questions()).toEqual([{ ...question, open: true }]);
    const priorAuthNumber = await stage.payer.authorize(card.cardholderId, drugs.semaglutideWithPriorAuthorization);
    await stage.ops.retryClaim(story.id, { priorAuthNumber });
    await story.pay();
    await story.reached('completed');
    story.end();
    expect(await questions()).toEqual([{ ...question, open: false }]);
  });

  it('asks the patient to check the card, and goes on by itself once it is corrected', async () => {
    const story = new Story(stage, stage.orders.next(drugs.lisinopril, 'NY'));
    const card = commercialCard(story.order.patient.externalId);
    await story.send({ format: 'json' });
    await story.enroll({ ...card, pcn: 'DMEO' });
    const first = await story.patient.enrollmentPage();
    await story.choose('Harbor Pharmacy');
    await story.reached('adjudication_issue');
    await story.patient.enrollmentPage(first);
    expect(await stage.ops.why(story.id)).toMatchObject({
      code: 'claim.fix-data',
      who: 'patient',
      details: { rejectCodes: ['04'] },
    });
    await story.patient.enroll(card, first);
    await story.pay();
    await story.reached('completed');
    story.end();
    expect(
      await stage.difference(story, {
        state: 'completed',
        owedCents: 1000,
        labels: 1,
        checkoutPages: 1,
        charges: 1,
        paidClaims: 1,
        messages: ['enrollment', 'card check', 'payment link', 'shipped', 'delivered'],
        perhaps: ['out for delivery'],
      }),
    ).toEqual([]);
  });

  it('has the patient check a card whose plan no pharmacy takes, and finds a pharmacy once it is corrected', async () => {
    const story = new Story(stage, stage.orders.next(drugs.lisinopril, 'NY'));
    const card = commercialCard(story.order.patient.externalId);
    await story.send({ format: 'json' });
    await story.enroll({ ...card, bin: '016011' });
    const first = await story.patient.enrollmentPage();
    await story.reached('routing_issue');
    expect(await stage.ops.why(story.id)).toMatchObject({ code: 'routing.no-pharmacy', who: 'ops' });
    const sent = await fetch(`${stage.appUrl}/api/prescriptions/${story.id}/enrollment`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.token}` },
    });
    expect(sent.status).toBe(201);
    expect(await stage.ops.why(story.id)).toMatchObject({ code: 'routing.no-pharmacy', who: 'patient' });
    await story.patient.enroll(card, first);
    await story.choose('Harbor Pharmacy');
    await story.reached('awaiting_payment');
    story.end();
    expect(
      await stage.difference(story, {
        state: 'awaiting_payment',
        owedCents: 1000,
        checkoutPages: 1,
        paidClaims: 1,
        messages: ['enrollment', 'card check', 'payment link'],
      }),
    ).toEqual([]);
  });

  it('waits for the day the payer names when the refill comes too soon', async () => {
    const story = await stage.live('refill too soon');
    expect(await stage.difference(story, fateOf('refill too soon').expected)).toEqual([]);
    const why = await stage.ops.why(story.id);
    expect(why).toMatchObject({ code: 'claim.wait', details: { rejectCodes: ['79'] } });
    const resubmissions = await stage.app.sql<{ dueAt: Date }>(
      `SELECT due_at AS "dueAt" FROM outbox_events
       WHERE aggregate_id = $1 AND done_at IS NULL AND due_at > now() + interval '1 day'`,
      [story.id],
    );
    expect(resubmissions).toHaveLength(1);
    const nextFill = String(why.details['nextFillDate']);
    expect(resubmissions[0]?.dueAt.getTime()).toBeGreaterThanOrEqual(Date.parse(nextFill));
  });

  it('bills the coupon as second payer for what the plan left', async () => {
    const story = await stage.live('coupon as second payer');
    expect(await stage.difference(story, fateOf('coupon as second payer').expected)).toEqual([]);
    expect((await stage.ops.claims(story.id)).map(({ payer, state }) => [payer, state])).toEqual([
      ['primary', 'paid'],
      ['secondary', 'paid'],
    ]);
  });
});
