import { DateTime } from 'luxon';
import { Adjudicator } from '../../src/modules/adjudication/adjudicator.service.js';
import { Prescriptions, Waiting } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startSteps, type Steps } from '../support/steps-app.js';

const zone = 'America/Chicago';
const inDays = (days: number) => DateTime.now().setZone(zone).plus({ days });
const dated = (app: Pick<Steps, 'sql'>, id: string, days: number) =>
  app.sql('UPDATE prescriptions SET earliest_fill_date = $2 WHERE id = $1', [id, inDays(days).toISODate()]);
const dueOf = async (app: Pick<Steps, 'sql'>, id: string, job: string) =>
  (
    await app.sql<{ due: Date }>(
      `SELECT due_at AS due FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL`,
      [id, job],
    )
  ).map(({ due }) => due.toISOString());
const morningIn = (days: number) => inDays(days).startOf('day').set({ hour: 8 }).toUTC().toISO();

describe('a prescription that is dated ahead (21 CFR 1306.12(b))', () => {
  let steps: Steps;
  beforeAll(async () => {
    steps = await startSteps();
  });
  afterAll(() => steps.stop());

  const adjudicate = (id: string) =>
    steps.get(Adjudicator).adjudicate(id, { outboxId: newId(), attempt: 1, closed: false });
  const selected = async () =>
    steps.prescription({ state: 'pharmacy_selected', pharmacyId: (await steps.pharmacy()).id });
  const claims = (id: string) => steps.sql('SELECT 1 FROM claims WHERE prescription_id = $1', [id]);

  it('is claimed on the morning of that day, and says so meanwhile', async () => {
    const id = await selected();
    await dated(steps, id, 10);
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('pharmacy_selected');
    expect(await claims(id)).toEqual([]);
    expect(await dueOf(steps, id, 'adjudication.adjudicate')).toEqual([morningIn(10)]);
    const why = await steps.db.tx(systemContext, async (tx) => {
      const prescription = await steps.get(Prescriptions).get(tx, id);
      return steps.get(Waiting).of(prescription.state)?.explain(tx, prescription);
    });
    expect(why).toMatchObject({ code: 'prescription.earliest-fill-date', who: 'platform' });
  });

  it('is claimed at once when that day has come', async () => {
    const id = await selected();
    await dated(steps, id, 0);
    await adjudicate(id);
    expect(await steps.stateOf(id)).toBe('adjudicated');
  });
});
