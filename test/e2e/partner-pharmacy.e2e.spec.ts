import { fateOf } from '../../src/demo/fates/index.js';
import { startStage, type TestStage } from '../support/stage.js';

/** Filled and shipped by a partner that works in its own system. */
describe('a prescription for a partner pharmacy', () => {
  let stage: TestStage;

  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.stop());

  it('goes to the pharmacy the doctor named without a person choosing, and follows what it reports', async () => {
    const story = await stage.live('partner pharmacy, named by the doctor');
    const states = story.moves.map(({ to }) => to);
    expect(states.slice(0, 10)).toEqual([
      'received',
      'validated',
      'awaiting_enrollment',
      'awaiting_routing',
      'awaiting_pharmacy_selection',
      'pharmacy_selected',
      'adjudicated',
      'awaiting_payment',
      'paid',
      'sent_to_pharmacy',
    ]);
    // In compressed time a report may overtake an earlier one, which then moves nothing.
    expect(states.slice(-2)).toEqual(['delivered', 'completed']);
    expect(await stage.difference(story, fateOf('partner pharmacy, named by the doctor').expected)).toEqual([]);
    const [parcel] = await stage.ops.parcels(story.id);
    expect(parcel).toMatchObject({ kind: 'partner', carrier: 'ups' });
    expect(parcel?.trackingNumber).toMatch(/^1Z/);
  });

  it('on the direct path leaves enrollment, claim and payment to the pharmacy', async () => {
    const name = 'direct: the pharmacy bills by itself';
    const story = await stage.live(name);
    const states = story.moves.map(({ to }) => to);
    expect(states.slice(0, 5)).toEqual([
      'received',
      'validated',
      'awaiting_pharmacy_selection',
      'pharmacy_selected',
      'sent_to_pharmacy',
    ]);
    expect(states.at(-1)).toBe('completed');
    expect(await stage.difference(story, fateOf(name).expected)).toEqual([]);
  });
});
