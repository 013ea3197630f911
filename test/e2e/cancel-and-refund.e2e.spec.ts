import { commercialCard, drugs, fateOf } from '../../src/demo/fates/index.js';
import { Story } from '../../src/demo/story.js';
import { startStage, type TestStage } from '../support/stage.js';

describe('a cancel', () => {
  let stage: TestStage;

  beforeAll(async () => {
    // Parcels stand still: what a carrier has scanned cannot be cancelled.
    stage = await startStage({ sandboxSpeed: 0 });
  });
  afterAll(() => stage.stop());

  it('after payment voids the label, reverses the claim and gives the money back, each once', async () => {
    const name = 'cancelled after payment, refunded';
    const story = await stage.live(name);
    expect(await stage.difference(story, fateOf(name).expected)).toEqual([]);
    await stage.app.eventually(async () => (await stage.ops.payment(story.id)).refundedCents === 1000 || undefined);
    await stage.ops.cancel(story.id, 'asked for twice');
    expect(await stage.difference(story, fateOf(name).expected)).toEqual([]);
  });

  it('by the prescriber’s CancelRx before dispensing closes the payment page and answers Approved', async () => {
    const name = 'CancelRx before dispensing';
    const story = await stage.live(name);
    expect(await stage.difference(story, fateOf(name).expected)).toEqual([]);
    const closed = await stage.app.eventually(async () =>
      (await stage.sandbox.checkoutSessions()).find(
        ({ metadata, status }) => metadata['prescription_id'] === story.id && status !== 'open',
      ),
    );
    expect(closed.status).toBe('expired');
  });

  it('is not needed when the pharmacy cannot fill it: claim and money go back by themselves, each once', async () => {
    const story = new Story(stage, stage.orders.next(drugs.metformin, 'TX'));
    await story.send({ format: 'json' });
    await story.enroll(commercialCard(story.order.patient.externalId));
    await story.choose('Cedar Partner Pharmacy');
    await story.pay();
    await story.reached('sent_to_pharmacy');
    const [placed] = (await stage.sandbox.ledger('lifefile', 'order')).filter(({ key }) => key === story.id);
    await fetch(`${stage.sandbox.url}/_sandbox/lifefile/orders/${placed?.id ?? ''}/advance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ status: 'order_failed' }),
    });
    await story.reached('failed');
    expect(
      await stage.difference(story, {
        state: 'failed',
        owedCents: 1000,
        pharmacyOrders: 1,
        checkoutPages: 1,
        charges: 1,
        refunds: 1,
        paidClaims: 1,
        reversals: 1,
        messages: ['enrollment', 'payment link'],
        perhaps: ['undelivered'],
      }),
    ).toEqual([]);
    const why = await stage.app.eventually(async () => {
      const now = await stage.ops.why(story.id);
      return now.code === 'cancellation.compensating' ? undefined : now;
    });
    expect(why).toMatchObject({ code: 'cancellation.undone', who: 'ops' });
    story.end();
  });
});
