import { newId } from '../../src/platform/ids/index.js';
import { hour, startReminders, type Reminded, type RemindersApp } from '../support/reminders-app.js';
import { until } from '../support/until.js';

describe('a reminder of somebody whose subscription was stopped', () => {
  let app: RemindersApp;

  beforeAll(async () => {
    app = await startReminders();
  });
  afterAll(() => app.stop());
  beforeEach(() => app.nextWeek());

  const customerOf = ({ email }: Reminded) => ({ email });
  const ago = (milliseconds: number) => new Date(app.clock.now().getTime() - milliseconds).toISOString();
  const pause = (one: Reminded) =>
    app.hear({
      event: 'subscription.paused',
      subscription: { _id: `sub-${one.id}` },
      customer: customerOf(one),
      timestamp: ago(hour),
    });
  const held = { event: 'enrollment_reminder', status: 'suppressed', reason: 'reminders_suppressed' };
  /** Due, and kept back for a reason that is written down. */
  const stopped = async (): Promise<Reminded> => {
    const one = await app.enrolling();
    await pause(one);
    app.clock.advance(24 * hour);
    await until(async () => (await app.asked(one.id)).length === 2);
    expect(await app.reminders(one.id)).toMatchObject([held, held]);
    expect(await app.counts(one)).toEqual([1, 1]);
    return one;
  };

  it('is kept back with its reason, and goes out the day after operations resumed it', async () => {
    const one = await stopped();
    const kept = (await app.timeline(one)).filter(({ code }) => code === 'notification.suppressed');
    expect(kept.map(({ cause }) => cause.reason)).toEqual([held.reason, held.reason]);
    const [subscription] = await app.sql<{ id: string }>('SELECT id FROM subscriptions WHERE external_id = $1', [
      `sub-${one.id}`,
    ]);
    const resumed = await app.call('POST', `/api/subscriptions/${subscription?.id ?? ''}/resume`);
    expect(resumed).toMatchObject({ status: 200, body: { remindersSuppressed: false } });
    app.clock.advance(24 * hour);
    await app.sent(one.id, 'enrollment_reminder');
    expect(await app.counts(one)).toEqual([2, 2]);
  });

  it('goes out after a later order of the customer', async () => {
    const one = await stopped();
    const order = { _id: newId(), totalAmount: 20, createdAt: ago(0), customer: customerOf(one) };
    await app.hear({ event: 'order.created', ...order });
    app.clock.advance(24 * hour);
    await app.sent(one.id, 'enrollment_reminder');
    expect(await app.counts(one)).toEqual([2, 2]);
  });

  it('is noted once while nobody resumes it, and given up with the link', async () => {
    const one = await stopped();
    app.clock.advance(24 * hour);
    await app.looked(one.id);
    app.clock.advance(24 * hour);
    await app.looked(one.id);
    expect(await app.reminders(one.id)).toMatchObject([held, held]);
    expect((await app.asked(one.id)).map(({ done }) => done)).toEqual([true, true]);
    expect(await app.counts(one)).toEqual([1, 1]);
  });
});
