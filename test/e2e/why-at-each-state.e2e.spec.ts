import { commercialCard, drugs } from '../../src/demo/fates/index.js';
import { Story } from '../../src/demo/story.js';
import { startStage, type TestStage } from '../support/stage.js';

/** Wherever a prescription stands, `/why` names who must act, and the timeline tells how it came there. */
describe('why and timeline', () => {
  let stage: TestStage;
  let story: Story;

  beforeAll(async () => {
    stage = await startStage({ sandboxSpeed: 0 });
    const order = stage.orders.next(drugs.lisinopril, 'NY');
    const ndc = drugs.lisinopril.slice(0, 10);
    story = new Story(stage, { ...order, medication: { ...order.medication, ndc } });
    await story.send({ format: 'json' });
  });
  afterAll(async () => {
    story.end();
    await stage.stop();
  });

  const waits = async (state: string, who: string, code: string) => {
    await story.reached(state);
    const why = await stage.ops.why(story.id);
    expect(why).toMatchObject({ state, who, code });
    expect(why.waitsFor).not.toBe('');
    expect(why.next).not.toBe('');
    const moves = (await stage.ops.timeline(story.id)).filter(({ kind }) => kind === 'status');
    expect(moves.at(-1)?.details).toMatchObject({ to: state });
  };

  it('in validation_issue: somebody must correct it', async () => {
    await story.reached('validation_issue');
    expect(await stage.ops.why(story.id)).toMatchObject({ state: 'validation_issue', who: 'doctor' });
    await stage.ops.correct(story.id, { medication: { ndc: drugs.lisinopril } }, 'ndc-confirmed-by-prescriber');
  });

  it('in awaiting_enrollment: the patient', async () => {
    await story.reached('awaiting_enrollment');
    expect(await stage.ops.why(story.id)).toMatchObject({ who: 'patient' });
    await story.enroll(commercialCard(story.order.patient.externalId));
  });

  it('in awaiting_pharmacy_selection: operations', async () => {
    await waits('awaiting_pharmacy_selection', 'ops', 'routing.choice');
    await story.choose('Harbor Pharmacy');
  });

  it('in awaiting_payment: the patient', async () => {
    await waits('awaiting_payment', 'patient', 'payment.awaited');
    await story.pay();
  });

  it('in shipped and on the way: the carrier', async () => {
    await waits('shipped', 'carrier', 'shipping.first-scan');
    const [parcel] = await stage.ops.parcels(story.id);
    const scan = (status: string, substatus: string) =>
      fetch(`${stage.sandbox.url}/_sandbox/shippo/tracks/${parcel?.trackingNumber ?? ''}/advance`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ status, substatus }),
      });
    await scan('TRANSIT', 'package_accepted');
    await waits('in_transit', 'carrier', 'shipping.in-transit');
    await scan('TRANSIT', 'out_for_delivery');
    await waits('out_for_delivery', 'carrier', 'shipping.out-for-delivery');
    await scan('DELIVERED', 'delivered');
  });

  it('in completed: nobody', async () => {
    await waits('completed', 'nobody', 'prescription.completed');
  });

  it('says for somebody else’s prescription that there is none', async () => {
    const answer = await fetch(`${stage.appUrl}/api/prescriptions/019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57/why`, {
      headers: { authorization: `Bearer ${stage.token}` },
    });
    expect(answer.status).toBe(404);
  });
});
