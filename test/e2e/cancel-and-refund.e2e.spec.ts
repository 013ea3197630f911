import { fateOf } from '../../src/demo/fates/index.js';
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
});
