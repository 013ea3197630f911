import { fateOf } from '../../src/demo/fates/index.js';
import type { Story } from '../../src/demo/story.js';
import { startStage, type TestStage } from '../support/stage.js';

/** SCRIPT 2017071 in, medicine at the door: every step of the full path. */
describe('a prescription with a label of our own', () => {
  let stage: TestStage;
  let story: Story;

  beforeAll(async () => {
    stage = await startStage();
    story = await stage.live('platform label');
  });
  afterAll(() => stage.stop());

  it('goes through every state once, in order', () => {
    const states = [
      'received',
      'validated',
      'awaiting_enrollment',
      'awaiting_routing',
      'awaiting_pharmacy_selection',
      'pharmacy_selected',
      'adjudicated',
      'awaiting_payment',
      'paid',
      'shipped',
      'in_transit',
      'out_for_delivery',
      'delivered',
      'completed',
    ];
    // The carrier's reports of four days come within seconds, side by side: one that is overtaken moves nothing any more.
    const mayBeOvertaken = ['in_transit', 'out_for_delivery'];
    const seen = story.moves.map(({ to }) => to);
    expect(seen).toEqual(states.filter((to) => !mayBeOvertaken.includes(to) || seen.includes(to)));
  });

  it('leaves one label, one charge, one claim and one message of each kind at the vendors', async () => {
    expect(await stage.difference(story, fateOf('platform label').expected)).toEqual([]);
  });

  it('takes five jobs of its steps and one per message, fifteen at most: bookkeeping is none', async () => {
    const jobs = await stage.app.sql<{ subscriber: string }>(
      `SELECT subscriber FROM outbox_events WHERE aggregate_id = $1 AND queue NOT IN ('', 'bookkeeping')`,
      [story.id],
    );
    const steps = jobs.map(({ subscriber }) => subscriber).filter((name) => !name.startsWith('notifications.send_'));
    expect(steps.toSorted()).toEqual([
      'adjudication.adjudicate',
      'payments.request',
      'routing.recommend',
      'shipping.fulfil',
      'validation.validate',
    ]);
    // Five letters and five texts when the carrier's reports come in order.
    expect(jobs.length).toBeLessThanOrEqual(15);
  });

  it('tells who did what in the timeline', async () => {
    const moves = (await stage.ops.timeline(story.id)).filter(({ kind }) => kind === 'status');
    const byAction = new Map(moves.map(({ code, actor, cause }) => [code, `${actor.kind} ${cause.trigger}`]));
    expect(Object.fromEntries(byAction)).toMatchObject({
      'prescription.pass_validation': 'system worker',
      'prescription.complete_enrollment': 'patient user',
      'prescription.select_pharmacy': 'user user',
      'prescription.deliver': 'carrier webhook',
      'prescription.complete': 'system worker',
    });
  });

  it('shows the patient steps on the tracking page, and neither drug nor name', async () => {
    const page = await (await fetch(await story.patient.trackingPage())).text();
    expect(page).toMatch(/delivered/i);
    expect(page).not.toMatch(/lisinopril/i);
    expect(page).not.toContain(story.order.patient.lastName ?? '?');
    expect(page).not.toContain(story.order.patient.address?.line1 ?? '?');
  });
});
