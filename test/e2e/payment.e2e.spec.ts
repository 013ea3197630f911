import { fateOf } from '../../src/demo/fates/index.js';
import { startStage, type TestStage } from '../support/stage.js';

describe('what the patient pays', () => {
  let stage: TestStage;

  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.stop());

  it('on the cash path asks for no card, sends no claim, and charges the pharmacy’s own price', async () => {
    const story = await stage.live('cash path');
    expect(await stage.difference(story, fateOf('cash path').expected)).toEqual([]);
    expect((await stage.ops.claims(story.id)).map(({ payer }) => payer)).toEqual(['cash']);
    expect(await stage.ops.payment(story.id)).toMatchObject({ status: 'paid', amountCents: 2750, refundedCents: 0 });
  });

  it('is asked for again when the link runs out, by another one the patient is told of, and only that one is paid', async () => {
    const name = 'payment link expired, replaced, paid';
    const story = await stage.live(name);
    expect(await stage.difference(story, fateOf(name).expected)).toEqual([]);
    expect(await stage.ops.payment(story.id)).toMatchObject({ status: 'paid', attempt: 2, amountCents: 1000 });
  });
});
