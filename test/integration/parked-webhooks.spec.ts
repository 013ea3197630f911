import { DirectoryModule } from '../../src/modules/directory/index.js';
import { OpsModule } from '../../src/modules/ops/index.js';
import { lookAtParkedJob, ticketParkedJob } from '../../src/modules/ops/maintenance.jobs.js';
import { TicketsModule } from '../../src/modules/tickets/index.js';
import {
  SourceHealth,
  WebhookInbox,
  WebhooksModule,
  WebhookSources,
  type ReceivedWebhook,
  type WebhookVerdict,
} from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { TryLater } from '../../src/platform/jobs/index.js';
import { Metrics } from '../../src/platform/metrics/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { surroundings } from '../support/surroundings.js';
import { eventually } from '../support/until.js';

let app: ModuleApp;
let answer: (event: ReceivedWebhook) => WebhookVerdict;
beforeAll(async () => {
  const around = await surroundings('parked');
  const modules = [DirectoryModule, TicketsModule, WebhooksModule, OpsModule];
  app = await startModules(around, { modules, works: true, env: { RETRY_SCALE: '0.01' } });
  app.get(WebhookSources).register({ source: 'probe', handle: (event) => Promise.resolve(answer(event)) });
});
afterAll(() => app.stop());

const receive = async (over: { dedupeKey?: string; within?: string; eventType?: string } = {}): Promise<string> => {
  const event = { source: 'probe', eventType: 'probe', raw: Buffer.from('{}'), headers: {} };
  return (await app.get(WebhookInbox).receive({ ...event, dedupeKey: newId(), ...over })).eventId;
};
const rowOf = async (id: string) =>
  (
    await app.sql<{ status: string; ticket_id: string | null; error_code: string | null; attempts: number }>(
      'SELECT status, ticket_id, error_code, attempts FROM webhook_events WHERE id = $1',
      [id],
    )
  )[0];
const reaches = (id: string, status: string) =>
  eventually(async () => ((await rowOf(id))?.status === status ? rowOf(id) : undefined));
const look = async (job = ticketParkedJob) => {
  const jobId = await app.db.tx(systemContext, (tx) => app.get(Outbox).enqueue(tx, job, { slot: newId() }));
  await eventually(async () => {
    const [job] = await app.sql<{ done: boolean }>(
      'SELECT done_at IS NOT NULL AS done FROM outbox_events WHERE id = $1',
      [jobId],
    );
    return job?.done === true ? true : undefined;
  });
};

const replay = async (id: string) =>
  fetch(`${app.url}/api/webhook-events/${id}/replay`, {
    method: 'POST',
    headers: { authorization: await app.user('ops'), 'content-type': 'application/json' },
    body: JSON.stringify({ dryRun: false }),
  });

const receiveLater = async () => {
  answer = () => {
    throw new TryLater('probe.later', 3_600_000);
  };
  const id = await receive();
  await eventually(async () => {
    const sql = 'SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND last_error IS NOT NULL';
    return (await app.sql(sql, [id])).length === 1 ? true : undefined;
  });
  return id;
};

describe('a parked event', () => {
  it('becomes one ticket for operations after seven days, and not before', async () => {
    answer = () => ({ outcome: 'parked', code: 'probe.unknown-order', organizationId: app.organizationId });
    const [old, young, nobodys] = [await receive(), await receive(), await receive()];
    for (const id of [old, young, nobodys]) await reaches(id, 'parked');
    await app.sql(`UPDATE webhook_events SET received_at = now() - interval '7 days 1 minute' WHERE id = ANY($1)`, [
      [old, nobodys],
    ]);
    await app.sql('UPDATE webhook_events SET organization_id = NULL WHERE id = $1', [nobodys]);
    await look();
    await look();
    expect((await rowOf(young))?.ticket_id).toBeNull();
    const tickets = await app.sql<{ id: string; reason: string; details: { webhookEventId: string } }>(
      `SELECT t.id, e.reason, e.details FROM healthcare_tickets t JOIN ticket_events e ON e.ticket_id = t.id
       WHERE t.ticket_type = 'support' AND t.status = 'created' AND t.organization_id = $1`,
      [app.organizationId],
    );
    expect(tickets.map(({ details }) => details.webhookEventId).sort()).toEqual([old, nobodys].sort());
    expect(tickets.every(({ reason }) => reason === 'probe.unknown-order')).toBe(true);
    expect((await rowOf(old))?.ticket_id).toBe(tickets.find(({ details }) => details.webhookEventId === old)?.id);
  });
});

describe('a word nobody knows', () => {
  const say = async (word: string, code = 'probe.unknown-word') => {
    answer = () => ({ outcome: 'parked', code, organizationId: app.organizationId, related: { word } });
    const id = await receive();
    await reaches(id, 'parked');
    return id;
  };
  const ticketOf = async (id: string) => (await rowOf(id))?.ticket_id;

  it('is told to operations at the next look: in one ticket, however often it is said', async () => {
    const [first, again, other] = [await say('rx_teleported'), await say('rx_teleported'), await say('rx_molten')];
    const kind = await say('rx_teleported', 'probe.unknown-event');
    await look();
    const later = await say('rx_teleported');
    await look();
    const [told, ...same] = await Promise.all([first, again, later].map(ticketOf));
    expect(same).toEqual([told, told]);
    expect(new Set([told, await ticketOf(other), await ticketOf(kind)]).size).toBe(3);
    const events = await app.sql<{ reason: string; details: object }>(
      `SELECT reason, details FROM ticket_events WHERE ticket_id = $1`,
      [told],
    );
    expect(events).toMatchObject([
      {
        reason: 'probe.unknown-word',
        details: { source: 'probe', word: 'rx_teleported', webhookEventId: first, events: 2 },
      },
    ]);
  });

  it('is told anew when it is said after that ticket was closed, and read by an update of ours all the same', async () => {
    const before = await say('rx_evaporated');
    await look();
    await app.sql(`UPDATE healthcare_tickets SET status = 'closed' WHERE id = $1`, [await ticketOf(before)]);
    const after = await say('rx_evaporated');
    await look();
    expect(await ticketOf(after)).not.toBeNull();
    expect(await ticketOf(after)).not.toBe(await ticketOf(before));

    answer = () => ({ outcome: 'processed', organizationId: app.organizationId });
    expect((await replay(after)).status).toBe(200);
    await reaches(after, 'processed');
  });
});

describe('a body of another form', () => {
  const push = async (code: string, eventType: string) => {
    answer = () => ({ outcome: 'parked', code, organizationId: app.organizationId });
    const id = await receive({ eventType });
    await reaches(id, 'parked');
    return id;
  };

  it.each(['probe.undocumented-body', 'probe.unreadable'])(
    'is told to operations at the next look: one ticket for all that end as %s',
    async (code) => {
      const [first, other] = [await push(code, 'thing.made'), await push(code, 'thing.broken')];
      await look();
      const later = await push(code, 'thing.mended');
      await look();
      const told = (await rowOf(first))?.ticket_id;
      expect(told).toEqual(expect.any(String));
      expect([(await rowOf(other))?.ticket_id, (await rowOf(later))?.ticket_id]).toEqual([told, told]);
      const events = await app.sql<{ reason: string; details: object }>(
        'SELECT reason, details FROM ticket_events WHERE ticket_id = $1',
        [told],
      );
      const details = { type: 'support', source: 'probe', webhookEventId: first, events: 2 };
      expect(events).toMatchObject([{ reason: code, details }]);
      expect(events[0]?.details).not.toHaveProperty('eventType');
    },
  );
});

describe('an event that is parked in the moment its thing appears', () => {
  it('is handled again a little later, and not at once after that', async () => {
    answer = () => ({ outcome: 'parked', code: 'probe.unknown-order' });
    const [missed, early] = [await receive(), await receive()];
    for (const id of [missed, early]) await reaches(id, 'parked');
    const parkedAt = (id: string) =>
      app.sql(`UPDATE webhook_events SET processed_at = now() - interval '2 minutes' WHERE id = $1`, [id]);
    const attempts = async (id: string) => (await rowOf(id))?.attempts;
    await parkedAt(missed);
    await look(lookAtParkedJob);
    await eventually(async () => ((await attempts(missed)) === 2 ? true : undefined));
    await reaches(missed, 'parked');
    await parkedAt(missed);
    await look(lookAtParkedJob);
    expect([await attempts(missed), await attempts(early)]).toEqual([2, 1]);

    answer = () => ({ outcome: 'processed', organizationId: app.organizationId });
    await parkedAt(early);
    await look(lookAtParkedJob);
    await reaches(early, 'processed');
    expect((await rowOf(missed))?.status).toBe('parked');
  });

  it('is handled again each time it has become twice as old', async () => {
    answer = () => ({ outcome: 'parked', code: 'probe.unknown-organization' });
    const [due, notYet] = [await receive(), await receive()];
    for (const [id, age] of [
      [due, '3 hours'],
      [notYet, '5 hours'],
    ] as const) {
      await reaches(id, 'parked');
      await app.sql(
        `UPDATE webhook_events SET received_at = now() - $2::interval, looked_again_at = now() - interval '2 hours',
           processed_at = now() - interval '2 hours' WHERE id = $1`,
        [id, age],
      );
    }
    answer = () => ({ outcome: 'processed', organizationId: app.organizationId });
    await look(lookAtParkedJob);
    await reaches(due, 'processed');
    expect((await rowOf(notYet))?.status).toBe('parked');
  });
});

describe('an imported event that came in by the door before it was dealt with', () => {
  /** One that nobody was matched with, then the same from its vendor, for an organization. */
  const both = async (owner: string) => {
    const dedupeKey = newId();
    answer = () => ({ outcome: 'parked', code: 'probe.unknown-order' });
    const imported = await receive({ dedupeKey, within: app.organizationId });
    await reaches(imported, 'parked');
    answer = () => ({ outcome: 'processed', organizationId: owner });
    await reaches(await receive({ dedupeKey }), 'processed');
    await app.sql(
      `UPDATE webhook_events SET received_at = now() - interval '8 days', processed_at = now() - interval '2 minutes'
       WHERE id = $1`,
      [imported],
    );
    return imported;
  };

  it('is a repeat of it, and no ticket', async () => {
    const own = await both(app.organizationId);
    await look();
    await look(lookAtParkedJob);
    expect(await reaches(own, 'ignored')).toMatchObject({ error_code: 'webhook.repeat', ticket_id: null });
  });

  it('for somebody else is left alone as one nobody knows', async () => {
    const foreign = await both(newId());
    await look();
    await look(lookAtParkedJob);
    expect(await rowOf(foreign)).toMatchObject({
      status: 'parked',
      error_code: 'probe.unknown-order',
      ticket_id: null,
      attempts: 1,
    });
  });

  it('is handled once, also where the import is between two tries', async () => {
    const handled: string[] = [];
    answer = ({ id, within }) => {
      if (within !== undefined) throw new TryLater('probe.later', 1);
      handled.push(id);
      return { outcome: 'processed', organizationId: app.organizationId };
    };
    const dedupeKey = newId();
    const imported = await receive({ dedupeKey, within: app.organizationId });
    const pushed = await receive({ dedupeKey });
    await reaches(pushed, 'processed');
    expect(await reaches(imported, 'ignored')).toMatchObject({ error_code: 'webhook.repeat' });
    expect(handled).toEqual([pushed]);
  });
});

describe('a failing event', () => {
  it('is tried again with back-off, ends as a dead letter, and its replay settles that', async () => {
    let down = true;
    answer = () => {
      if (down) throw new Error('away');
      return { outcome: 'processed', organizationId: app.organizationId };
    };
    const id = await receive();
    const failed = await reaches(id, 'failed');
    expect(failed.attempts).toBeGreaterThan(1);
    const letters = () =>
      app.sql<{ open: boolean }>('SELECT redriven_at IS NULL AS open FROM dead_letters WHERE aggregate_id = $1', [id]);
    await eventually(async () => ((await letters()).length > 0 ? true : undefined));
    expect(await letters()).toEqual([{ open: true }]);
    down = false;
    const replayed = await replay(id);
    expect(replayed.status).toBe(200);
    await reaches(id, 'processed');
    expect(await letters()).toEqual([{ open: false }]);
  });

  it('that waited for its thing is settled by its replay as well', async () => {
    answer = () => ({ outcome: 'parked', code: 'probe.unknown-order', related: { thing: 'late' } });
    const id = await receive();
    await reaches(id, 'parked');
    answer = () => {
      throw new Error('away');
    };
    await app.db.tx(systemContext, (tx) => app.get(WebhookInbox).release(tx, 'probe', { thing: 'late' }));
    await reaches(id, 'failed');
    const letters = () =>
      app.sql<{ open: boolean }>('SELECT redriven_at IS NULL AS open FROM dead_letters WHERE aggregate_id = $1', [id]);
    await eventually(async () => ((await letters()).length > 0 ? true : undefined));
    answer = () => ({ outcome: 'processed', organizationId: app.organizationId });
    await replay(id);
    await reaches(id, 'processed');
    expect(await letters()).toEqual([{ open: false }]);
  });

  describe('leaves a dead letter that', () => {
    const failing = async (within?: string) => {
      answer = () => {
        throw new Error('away');
      };
      const id = await receive(within === undefined ? {} : { within });
      await reaches(id, 'failed');
      const letter = await eventually(async () => {
        const [row] = await app.sql<{ id: string }>('SELECT id FROM dead_letters WHERE aggregate_id = $1', [id]);
        return row;
      });
      return { id, letterId: letter.id };
    };
    const ask = (path: string, authorization: string, method = 'GET') =>
      fetch(`${app.url}/api/dead-letters${path}`, { method, headers: { authorization } });
    const letterOf = async (letterId: string, authorization: string) => {
      const { items } = (await (await ask('', authorization)).json()) as { items: { id: string }[] };
      return items.find((item) => item.id === letterId);
    };
    const lists = async (letterId: string, authorization: string) =>
      (await letterOf(letterId, authorization)) !== undefined;

    it('only administrators see until it is known whose the event is, and then its organization alone', async () => {
      const { id, letterId } = await failing();
      const organizationId = await app.organization();
      const [ops, admin, elsewhere] = await Promise.all([
        app.user('ops'),
        app.user('admin'),
        app.user('admin', { organizationId }),
      ]);
      expect(await letterOf(letterId, admin)).toMatchObject({ prescriptionId: null, webhookEventId: id });
      const seen = async () => [
        await lists(letterId, ops),
        await lists(letterId, admin),
        await lists(letterId, elsewhere),
      ];
      expect(await seen()).toEqual([false, true, true]);
      await app.sql('UPDATE webhook_events SET organization_id = $2 WHERE id = $1', [id, app.organizationId]);
      expect(await seen()).toEqual([true, true, false]);
    });

    it('its organization redrives, whereupon it is handled again', async () => {
      const { id, letterId } = await failing(app.organizationId);
      const redriven = async (organizationId: string) =>
        (await ask(`/${letterId}/redrive`, await app.user('admin', { organizationId }), 'POST')).status;
      answer = () => ({ outcome: 'processed' });
      expect(await redriven(await app.organization())).toBe(404);
      expect((await ask(`/${letterId}/redrive`, await app.user('ops'), 'POST')).status).toBe(200);
      await reaches(id, 'processed');
    });
  });
});

describe('an event whose job ends its process again and again', () => {
  it('fails once the job is given up, and can be replayed', async () => {
    const [killing, waiting] = [await receiveLater(), await receiveLater()];
    await app.sql('UPDATE outbox_events SET attempts = 1000, due_at = now() WHERE aggregate_id = $1', [killing]);
    await eventually(async () => {
      const letters = await app.sql('SELECT 1 FROM dead_letters WHERE aggregate_id = $1', [killing]);
      return letters.length === 1 ? true : undefined;
    });
    await look(lookAtParkedJob);
    expect(await rowOf(killing)).toMatchObject({ status: 'failed', error_code: 'job.never-ended' });
    expect((await rowOf(waiting))?.status).toBe('received');
    answer = () => ({ outcome: 'processed', organizationId: app.organizationId });
    expect((await replay(killing)).status).toBe(200);
    await reaches(killing, 'processed');
  });
});

describe('the figures of the inbox', () => {
  const figure = async (name: string) => {
    const line = (await app.get(Metrics).render()).split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line?.split(' ')[1]);
  };

  it('tell how long an event has waited for its handling, and how many fit nothing', async () => {
    await app.sql('UPDATE outbox_events SET done_at = now() WHERE done_at IS NULL');
    const parked = await figure('pharmonico_inbox_parked');
    answer = () => ({ outcome: 'parked', code: 'probe.unknown-order' });
    const lost = await receive();
    await reaches(lost, 'parked');
    expect(await figure('pharmonico_inbox_parked')).toBe(parked + 1);
    await app.sql('UPDATE webhook_events SET ticket_id = $2 WHERE id = $1', [lost, newId()]);
    expect(await figure('pharmonico_inbox_parked')).toBe(parked);
    expect(await figure('pharmonico_inbox_lag_seconds')).toBe(0);

    const id = await receiveLater();
    // Taken in long ago and handled anew now, it has waited for no time yet.
    await app.sql(`UPDATE webhook_events SET received_at = now() - interval '9 days' WHERE id = $1`, [id]);
    expect(await figure('pharmonico_inbox_lag_seconds')).toBeLessThan(60);
    await app.sql(`UPDATE outbox_events SET occurred_at = now() - interval '10 minutes' WHERE aggregate_id = $1`, [id]);
    expect(await figure('pharmonico_inbox_lag_seconds')).toBeGreaterThanOrEqual(600);
    expect((await app.get(SourceHealth).of('probe')).lagSeconds).toBeGreaterThanOrEqual(600);
    expect((await app.get(SourceHealth).of('another')).lagSeconds).toBe(0);
  });
});
