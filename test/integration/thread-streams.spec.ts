import { sha256 } from '../../src/platform/crypto/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { ThreadStreams } from '../../src/modules/threads/thread-streams.js';
import { freePort } from '../support/ports.js';
import {
  openStream,
  startThreadApp,
  type OpenStream,
  type OpenTicket,
  type Side,
  type ThreadApp,
} from '../support/thread-app.js';
import { until } from '../support/until.js';

const dayMs = 86_400_000;

describe('the stream of a thread', () => {
  let app: ThreadApp;
  let other: ThreadApp;
  let ticket: OpenTicket;
  const opened: OpenStream[] = [];

  beforeAll(async () => {
    app = await startThreadApp();
    const port = await freePort();
    const around = { ...app.around, url: `http://127.0.0.1:${port}` };
    other = await startThreadApp({ ...around, config: (env) => app.around.config({ ...env, PORT: String(port) }) });
  });
  beforeEach(async () => {
    ticket = await app.ticket();
  });
  afterEach(() => {
    for (const stream of opened.splice(0)) stream.close();
  });
  afterAll(() => app.stop());

  const open = async (side: Side | { authorization: string }, lastEventId?: string, at = app) => {
    const authorization = typeof side === 'string' ? ticket[side] : side.authorization;
    const stream = await openStream(at.url, ticket.id, authorization, lastEventId);
    opened.push(stream);
    await stream.has('event: ');
    return stream;
  };
  const say = async (side: Side, text: string, more: object = {}) =>
    (await app.say(ticket, side, { text, ...more })).json;
  const messages = (stream: OpenStream) => stream.events().filter(({ event }) => event === 'message');

  it('begins now and tells what is said, in the process where it is said and in another', async () => {
    // Called: they cannot find it by the look every second.
    const noLook = { tick: () => Promise.resolve() };
    const deaf = [app, other].map(({ get }) => Object.assign(get(ThreadStreams) as object, noLook));
    await say('doctor', 'before');
    const [here, there] = [await open('pharmacy'), await open('pharmacy', undefined, other)];
    await say('doctor', 'after');
    await Promise.all([here.has('after'), there.has('after')]);
    for (const stream of [here, there]) {
      expect(stream.events().map(({ id, event }) => [id, event])).toEqual([
        ['1', 'open'],
        ['2', 'message'],
      ]);
      expect(stream.text()).not.toContain('before');
    }
    for (const one of deaf) Reflect.deleteProperty(one, 'tick');
  });

  it('loses and repeats nothing while many write at once', async () => {
    const streams = [await open('doctor'), await open('ops', undefined, other), await open('pharmacy', '0', other)];
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => say(at % 2 === 0 ? 'doctor' : 'pharmacy', `message ${at}`)),
    );
    for (const stream of streams) {
      await until(() => messages(stream).length >= 40);
      expect(messages(stream).map(({ data }) => data.seq)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    }
  });

  it('goes on behind Last-Event-ID with what was said and what was changed', async () => {
    const first = await say('pharmacy', 'first', { blocks: true, awaits: 'doctor' });
    await say('doctor', 'second');
    const third = await say('pharmacy', 'third');
    const before = await open('doctor', '2');
    await before.has('third');
    expect(messages(before).map(({ data }) => data.text)).toEqual(['third']);
    before.close();
    await app.call(ticket.pharmacy, 'PATCH', `${ticket.id}/messages/${third.id}`, { text: 'third, corrected' });
    await say('doctor', 'answer', { answers: first.id });
    const resumed = await open('doctor', '3', other);
    await resumed.has('"answer"');
    expect(messages(resumed).map(({ id, data }) => [id, data.seq, data.text])).toEqual([
      ['4', 3, 'third, corrected'],
      ['5', 1, 'first'],
      ['6', 4, 'answer'],
    ]);
    expect(messages(resumed)[1]?.data.answeredAt).not.toBeNull();
  });

  it('tells changes and deletions as they happen', async () => {
    const { id } = await say('doctor', 'tpyo');
    const stream = await open('pharmacy', undefined, other);
    await app.call(ticket.doctor, 'PATCH', `${ticket.id}/messages/${id}`, { text: 'typo' });
    await stream.has('"typo"');
    await app.call(ticket.doctor, 'DELETE', `${ticket.id}/messages/${id}`);
    await stream.has('"text":null');
    expect(messages(stream).map(({ data }) => [data.id, data.text])).toEqual([
      [id, 'typo'],
      [id, null],
    ]);
  });

  it.each([
    ['of the future', '99'],
    ['that is no number', 'abc'],
  ])('resets an id %s and goes on from now', async (_, lastEventId) => {
    await say('doctor', 'before');
    const stream = await open('pharmacy', lastEventId);
    await say('doctor', 'after');
    await stream.has('after');
    expect(stream.events().map(({ id, event }) => [id, event])).toEqual([
      ['1', 'reset'],
      ['2', 'message'],
    ]);
  });

  it('resets what was missed for more than seven days, and nothing that was not missed', async () => {
    await say('doctor', 'one');
    await say('doctor', 'two');
    await app.sql('UPDATE chat_messages SET created_at = $2 WHERE thread_id = $1', [
      ticket.id,
      new Date(app.clock.now().getTime() - 7 * dayMs - 1),
    ]);
    expect((await open('pharmacy', '1')).events()[0]).toMatchObject({ id: '2', event: 'reset' });
    expect((await open('pharmacy', '2')).events()[0]).toMatchObject({ id: '2', event: 'open' });
  });

  it('follows the audience, also in what it lets a client infer', async () => {
    const stream = await open('patient', undefined, other);
    await say('doctor', 'between us');
    await say('pharmacy', 'only ours', { audience: 'internal' });
    await say('pharmacy', 'for all', { audience: 'all' });
    await stream.has('for all');
    expect(messages(stream).map(({ data }) => data.text)).toEqual(['for all']);
  });

  it('is read and therefore audited, message by message', async () => {
    const stream = await open('pharmacy', undefined, other);
    const { id } = await say('doctor', 'audited');
    await stream.has('audited');
    const recorded = () =>
      app.sql<{ role: string; ip: string }>(
        `SELECT actor_role AS role, host(ip) AS ip FROM audit_entries WHERE reason = 'stream' AND entity = 'message' AND entity_ids @> ARRAY[$1::uuid]`,
        [id],
      );
    // Delivered first, then recorded.
    await until(async () => (await recorded()).length > 0);
    expect(await recorded()).toEqual([{ role: 'pharmacy', ip: '127.0.0.1' }]);
  });

  it('is 404 for a thread of others, before anything is sent', async () => {
    const theirs = await app.ticket();
    for (const id of [theirs.id, newId()]) {
      await expect(openStream(app.url, id, ticket.pharmacy)).rejects.toThrow('answered 404');
    }
    const unsent = await app.ticket({ sent_at: null, status: 'created' });
    await expect(openStream(app.url, unsent.id, unsent.pharmacy)).rejects.toThrow('answered 404');
  });

  describe('ends', () => {
    it('for the pharmacy that is no longer on the ticket', async () => {
      const [theirs, ours] = [await open('pharmacy', undefined, other), await open('doctor', undefined, other)];
      await app.sql('UPDATE healthcare_tickets SET secondary_provider_id = $2, updated_at = now() WHERE id = $1', [
        ticket.id,
        newId(),
      ]);
      await say('doctor', 'to the new one');
      await theirs.ended;
      expect(theirs.text()).not.toContain('to the new one');
      await ours.has('to the new one');
    });

    it('with the token it was opened with', async () => {
      const stream = await open('doctor');
      app.clock.advance(16 * 60_000);
      await say('ops', 'too late').catch(() => undefined);
      await stream.ended;
      expect(stream.text()).not.toContain('too late');
    });

    it('with the key it was opened with', async () => {
      const authorization = await app.key();
      const stream = await open({ authorization });
      await app.sql('UPDATE api_keys SET revoked_at = now() WHERE key_hash = $1', [sha256(authorization.slice(7))]);
      app.clock.advance(4_000);
      await stream.ended;
    });

    it('with the sign-in it was opened with', async () => {
      const stream = await open('ops');
      const [, payload = ''] = ticket.ops.split('.');
      const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string };
      await app.sql('UPDATE sessions SET revoked_at = now() WHERE id = $1', [sid]);
      await stream.ended;
    });

    it('when the server stops, without holding it up', async () => {
      const stream = await open('doctor');
      const started = Date.now();
      app.get(ThreadStreams).beforeApplicationShutdown();
      await stream.ended;
      expect(Date.now() - started).toBeLessThan(4_000);
    });
  });

  it('says that it is alive when nothing happens', async () => {
    const stream = await open('doctor');
    app.clock.advance(21_000);
    await stream.has(': alive');
  });

  it('needs no connection of its own to the database', async () => {
    const count = async () =>
      (
        await app.sql<{ count: number }>(
          `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pharmonico_threads'`,
        )
      )[0]?.count;
    for (let at = 0; at < 20; at += 1) await open('doctor', undefined, at % 2 === 0 ? app : other);
    expect(await count()).toBeLessThanOrEqual(2);
  });

  it('is found by the poll when nobody called', async () => {
    const stream = await open('doctor');
    await app.sql(
      `WITH thread AS (UPDATE chat_threads SET last_seq = last_seq + 1, last_revision = last_revision + 1, updated_at = now()
         WHERE id = $1 RETURNING *)
       INSERT INTO chat_messages (id, thread_id, organization_id, seq, revision, audience, kind, author_party, code, created_at)
       SELECT $2, id, organization_id, last_seq, last_revision, 'all', 'system', 'system', 'prescription.quiet', now() FROM thread`,
      [ticket.id, newId()],
    );
    await stream.has('prescription.quiet');
  });
});
