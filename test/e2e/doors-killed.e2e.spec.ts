import { careportalsSource } from '../../src/demo/sandbox-settings.js';
import { eventsAt, notOnce, type DoorEvent } from '../support/door-events.js';
import { Gate } from '../support/gate.js';
import { HeldCommits } from '../support/held-commits.js';
import { KillableApp } from '../support/killable-app.js';
import { startOwnServer, type OwnServer } from '../support/own-server.js';
import { freePort } from '../support/ports.js';
import { startShippingApp, type ShippingApp } from '../support/shipping-app.js';
import { doorNames, knock, type DoorAnswer, type DoorName } from '../support/signed-webhooks.js';
import { surroundings } from '../support/surroundings.js';
import { until } from '../support/until.js';

/**
 * Waiting compressed: a job whose process died is handed out again after the lease. A call to a vendor is believed to be over
 * after the hold, so that stays longer than one lasts on a machine with much else to do.
 */
const compressed = { RETRY_SCALE: '0.02', OUTBOX_POLL_MS: '100', OUTBOX_LEASE_MS: '1000', EFFECT_HOLD_MS: '5000' };
const patienceMs = 60_000;
/** Jobs about something of ours; recurring ones are never all done. */
const unfinished = `SELECT 1 FROM outbox_events
  WHERE done_at IS NULL AND aggregate_id IS NOT NULL AND due_at < now() + interval '10 seconds'`;
const outcomes: Readonly<Record<DoorName, string>> = {
  lifefile: 'lifefile processed',
  careportals: 'careportals.demo processed',
  stripe: 'stripe processed',
  shippo: 'shippo processed',
  'twilio-status': 'twilio-status processed',
  'twilio-inbound': 'twilio-inbound processed sms.words',
};

describe('webhook doors', () => {
  let server: OwnServer;
  let shop: ShippingApp;
  let app: KillableApp;
  let queue: Gate;
  const commits = new HeldCommits();
  const gates: Gate[] = [];
  /** All there ever were, each with what its sender heard. */
  const heard = new Map<DoorEvent, DoorAnswer[]>();

  beforeAll(async () => {
    const around = await surroundings('doors-killed', async (folder) => (server = await startOwnServer(folder)));
    shop = await startShippingApp({ around, works: false });
    const database = await Gate.before(server.databaseUrl, commits.answers);
    const queues = await Gate.before(server.queueUrl);
    queue = queues.gate;
    gates.push(database.gate, queue);
    for (const gate of gates) await gate.open();
    app = new KillableApp(`http://127.0.0.1:${await freePort()}`, {
      ...shop.sandbox.settings,
      ...careportalsSource('Test', shop.sandbox.secrets),
      ...compressed,
      DATA_DIR: around.folder,
      DATABASE_URL: database.url,
      QUEUE_DATABASE_URL: queues.url,
      LOG_LEVEL: 'silent',
    });
    await app.start();
  });
  afterAll(async () => {
    await app.kill();
    for (const gate of gates) await gate.shut();
    await shop.stop();
  });

  const make = async (names: readonly DoorName[], each: number): Promise<DoorEvent[]> => {
    const events = await eventsAt(shop, names, each);
    for (const event of events) heard.set(event, []);
    return events;
  };
  /** Once; undefined is no answer. */
  const push = async (event: DoorEvent): Promise<DoorAnswer | undefined> => {
    const answer = await knock(app.url, shop.sandbox.secrets, event);
    if (answer !== undefined) heard.get(event)?.push(answer);
    return answer;
  };
  const pushAll = (events: readonly DoorEvent[]) => Promise.all(events.map(push));
  /** As vendors do: until somebody says 2xx. */
  const insist = async (events: readonly DoorEvent[]): Promise<DoorAnswer[]> =>
    Promise.all(
      events.map(async (event) => {
        let last: DoorAnswer | undefined;
        await until(async () => (last = await push(event))?.status === 200, patienceMs);
        return last as DoorAnswer;
      }),
    );
  const rows = async () => (await shop.sql<{ n: number }>('SELECT count(*)::int AS n FROM webhook_events'))[0]?.n ?? 0;
  const idsOf = (answers: readonly DoorAnswer[]) => [...new Set(answers.flatMap(({ eventId }) => eventId ?? []))];

  /** Every event ever pushed: one row under the id every answer named, handled, one effect, and no answer but 2xx and 503. */
  const allOnce = async (): Promise<void> => {
    const answers = [...heard.values()];
    expect(answers.map((each) => idsOf(each).length)).toEqual(answers.map(() => 1));
    const all = answers.flat();
    expect([...new Set(all.map(({ status }) => status))].filter((status) => status !== 200 && status !== 503)).toEqual(
      [],
    );
    for (const { retryAfter } of all.filter(({ status }) => status === 503))
      expect(Number(retryAfter)).toBeGreaterThan(0);
    for (const each of answers)
      expect(each.filter(({ duplicate }) => duplicate === false).length).toBeLessThanOrEqual(1);
    const open = `SELECT id FROM webhook_events WHERE status = 'received'`;
    await until(async () => (await shop.sql(open)).length === 0, patienceMs);
    const kept = await shop.sql<{ id: string; outcome: string }>(
      `SELECT id, concat_ws(' ', source, status, error_code) AS outcome FROM webhook_events`,
    );
    expect(kept.map(({ id }) => id).sort()).toEqual(idsOf(all).sort());
    const expected = new Set([...heard.keys()].map(({ door }) => outcomes[door]));
    expect(new Set(kept.map(({ outcome }) => outcome))).toEqual(expected);
    expect(await notOnce(shop.sql, [...heard.keys()])).toEqual([]);
  };
  /** What a settled payment leads to at a vendor, by a job of the queue. */
  const labels = async (events: readonly DoorEvent[]): Promise<number[]> => {
    const bought = await shop.sandbox.effects('shippo', 'label');
    return events
      .filter(({ door }) => door === 'stripe')
      .map(({ subject }) => bought.filter(({ key, digest }) => key === subject || digest.reference === subject).length);
  };
  const labelsBought = (events: readonly DoorEvent[]) =>
    until(async () => (await labels(events)).every((count) => count >= 1), patienceMs);

  const done = async () =>
    (await shop.sql<{ n: number }>(`SELECT count(*)::int AS n FROM webhook_events WHERE status = 'processed'`))[0]?.n ??
    0;

  it.each(doorNames)('%s: kill -9 after the commit and before its answer loses and doubles nothing', async (door) => {
    const [first, ...others] = await make([door], 4);
    if (first === undefined) throw new Error('no event was made');
    await insist([first]);
    const before = await rows();
    commits.hold();
    const asked = pushAll(others);
    await until(async () => (await rows()) > before);
    expect(others.flatMap((event) => heard.get(event))).toEqual([]);
    await app.kill();
    commits.letGo();
    expect(await asked).toEqual(others.map(() => undefined));
    await app.start();
    const again = await insist([first, ...others]);
    expect(again[0]?.duplicate).toBe(true);
    expect(again.slice(1).some(({ duplicate }) => duplicate)).toBe(true);
    await allOnce();
  });

  it('killed with all of them in flight, and once more while it works them off, have done each event once', async () => {
    const events = await make(doorNames, 8);
    // What a source may send is known to the process after its first event.
    await insist(firstOf(events));
    const before = await rows();
    commits.hold();
    const asked = pushAll(events);
    await until(async () => (await rows()) > before);
    await app.kill();
    commits.letGo();
    expect(await asked).toEqual(events.map(() => undefined));
    await app.start();
    const doneBefore = await done();
    const insisting = insist(events);
    await until(async () => (await done()) > doneBefore);
    await app.kill();
    await app.start();
    await insisting;
    expect((await insist(events)).every(({ duplicate }) => duplicate)).toBe(true);
    await allOnce();
  });

  it('say 503 and when to come back while PostgreSQL is gone, also for what it had committed, and take all of it once', async () => {
    const [known, caught, late] = [await make(doorNames, 1), await make(doorNames, 3), await make(doorNames, 2)];
    await insist(known);
    const before = await rows();
    commits.hold();
    const asked = pushAll(caught);
    await until(async () => (await rows()) > before);
    await server.kill();
    commits.letGo();
    const refused = [...(await asked), ...(await pushAll(late)), ...(await pushAll(known))];
    expect(refused.map((answer) => answer?.status)).toEqual(refused.map(() => 503));
    await server.start();
    expect((await insist(caught)).some(({ duplicate }) => duplicate)).toBe(true);
    await insist([...known, ...late]);
    await allOnce();
  });

  it('take everything while the queue is gone, and what needs it is done once when it is back', async () => {
    await queue.shut();
    const events = await make(doorNames, 3);
    const answers = await pushAll(events);
    expect(answers).toEqual(answers.map(() => expect.objectContaining({ status: 200, duplicate: false }) as unknown));
    await allOnce();
    expect(await labels(events)).toEqual([0, 0, 0]);
    await queue.open();
    expect((await insist(events)).every(({ duplicate }) => duplicate)).toBe(true);
    await labelsBought(events);
  });

  it('have after all that one effect of each event here, and one at the vendor', async () => {
    const events = [...heard.keys()];
    await labelsBought(events);
    await until(async () => (await shop.sql(unfinished)).length === 0, patienceMs);
    await allOnce();
    expect(new Set(await labels(events))).toEqual(new Set([1]));
    expect(await shop.sql('SELECT reason FROM dead_letters')).toEqual([]);
  });
});

function firstOf(events: readonly DoorEvent[]): DoorEvent[] {
  return doorNames.flatMap((door) => events.find((event) => event.door === door) ?? []);
}
