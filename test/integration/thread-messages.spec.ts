import { Tickets } from '../../src/modules/tickets/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { messageEntries } from '../../src/modules/threads/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { startThreadApp, type MessageJson, type OpenTicket, type ThreadApp } from '../support/thread-app.js';

describe('messages of a thread', () => {
  let app: ThreadApp;
  let ticket: OpenTicket;

  beforeAll(async () => {
    app = await startThreadApp();
  });
  beforeEach(async () => {
    ticket = await app.ticket();
  });
  afterAll(() => app.stop());

  const said = async (side: 'doctor' | 'pharmacy' | 'patient' | 'ops', body: object) => {
    const { status, json } = await app.say(ticket, side, body);
    expect(status).toBe(201);
    return json;
  };
  const stored = async () => {
    const [row] = await app.sql<{ messages: number; seq: number }>(
      `SELECT (SELECT count(*)::int FROM chat_messages WHERE thread_id = $1) AS messages,
         (SELECT last_seq::int FROM chat_threads WHERE id = $1) AS seq`,
      [ticket.id],
    );
    return row;
  };
  const audited = (entity: string, action: string) =>
    app.sql<{ ids: string[]; reason: string | null }>(
      `SELECT entity_ids AS ids, reason FROM audit_entries WHERE entity = $1 AND action = $2 ORDER BY id DESC LIMIT 1`,
      [entity, action],
    );

  describe('sending', () => {
    it('numbers what is said, keeps it sealed, and says who said it for whom', async () => {
      const first = await said('doctor', { text: 'Please hurry, <5 tablets are left & "more" > none.' });
      const second = await said('pharmacy', { text: 'We do.', statusRef: 'processing' });
      expect(first).toMatchObject({
        seq: 1,
        audience: 'providers',
        kind: 'text',
        author: { party: 'doctor', partyId: ticket.parties.doctor },
        text: 'Please hurry, <5 tablets are left & "more" > none.',
        editedAt: null,
      });
      expect(second).toMatchObject({ seq: 2, statusRef: 'processing', author: { party: 'pharmacy' } });
      const [row] = await app.sql<{ body: Buffer }>('SELECT body_sealed AS body FROM chat_messages WHERE id = $1', [
        first.id,
      ]);
      expect(row?.body.includes('hurry')).toBe(false);
      expect(await audited('message', 'write')).toEqual([{ ids: [second.id], reason: 'message.send' }]);
    });

    it.each([
      ['50 kB', 'x'.repeat(50_000)],
      ['nothing', ''],
      ['only spaces', '  \n '],
      ['only what nobody sees', '\u200b\u200d'],
    ])('of %s is refused and leaves nothing', async (_, text) => {
      const answer = await app.say(ticket, 'doctor', { text });
      expect([answer.status, answer.code]).toEqual([400, 'request.invalid']);
      expect(await stored()).toEqual({ messages: 0, seq: 0 });
    });

    it('of script is refused and leaves nothing, in an edit as well', async () => {
      const script = { text: '<script>alert(1)</script>' };
      expect(await app.say(ticket, 'doctor', script)).toMatchObject({ status: 422, code: 'thread.text-not-plain' });
      expect(await stored()).toEqual({ messages: 0, seq: 0 });
      const { id } = await said('doctor', { text: 'Please hurry.' });
      const edited = await app.call(ticket.doctor, 'PATCH', `${ticket.id}/messages/${id}`, script);
      expect(edited).toMatchObject({ status: 422, code: 'thread.text-not-plain' });
    });

    it('before the prescription was sent is refused with the reason, but for notes of the own house', async () => {
      ticket = await app.ticket({ status: 'created', sent_at: null });
      const refused = await app.say(ticket, 'doctor', { text: 'to the pharmacy' });
      expect([refused.status, refused.code]).toEqual([409, 'thread.not-sent']);
      expect(refused.json).toMatchObject({
        title: expect.stringContaining('before the prescription was sent') as string,
      });
      expect(await stored()).toEqual({ messages: 0, seq: 0 });
      expect((await app.say(ticket, 'doctor', { text: 'for us', audience: 'internal' })).status).toBe(201);
      expect((await app.say(ticket, 'pharmacy', { text: 'who are you' })).code).toBe('thread.not-found');
      expect((await app.say(ticket, 'patient', { text: 'hello' })).code).toBe('thread.not-sent');
    });

    it('binds nobody on a ticket without prescription and pharmacy', async () => {
      const asked = { status: 'created', sent_at: null, ticket_type: 'support', secondary_provider_id: null };
      const support = await app.ticket(asked);
      expect((await app.say(support, 'patient', { text: 'Where do I change my address?' })).status).toBe(201);
      expect((await app.say(support, 'ops', { text: 'On your page.', audience: 'all' })).status).toBe(201);
      const referral = await app.ticket({ ...asked, ticket_type: 'referral', secondary_provider_id: newId() });
      expect((await app.say(referral, 'patient', { text: 'hello' })).code).toBe('thread.not-sent');
    });

    it.each(['closed', 'cancelled'])('on a %s ticket is refused, and so are changes', async (status) => {
      const { id } = await said('doctor', { text: 'in time' });
      await app.sql('UPDATE healthcare_tickets SET status = $2 WHERE id = $1', [ticket.id, status]);
      const path = `${ticket.id}/messages/${id}`;
      expect((await app.say(ticket, 'doctor', { text: 'late' })).code).toBe('thread.closed');
      expect((await app.call(ticket.doctor, 'PATCH', path, { text: 'late' })).code).toBe('thread.closed');
      expect((await app.call(ticket.doctor, 'DELETE', path)).code).toBe('thread.closed');
      expect(await app.texts(ticket, 'doctor')).toEqual(['in time']);
    });

    it.each([
      ['as we write it', (target: string) => target],
      ['in capitals and with blanks', (target: string) => ` ${target.toUpperCase()} `],
    ])('in a thread of the older system without a ticket is refused, its pharmacy written %s', async (_, written) => {
      const [id, { pharmacy }] = [newId(), ticket.parties];
      await app.sql(
        `INSERT INTO chat_threads (id, organization_id, order_id, metadata, created_at, updated_at)
         VALUES ($1, $2, $4, jsonb_build_object('target_id', $3::text), now(), now())`,
        [id, app.organizationId, written(pharmacy), `A-${id}`],
      );
      const reader = { role: 'pharmacy', organization: app.organizationId, pharmacy };
      const found = await app.db.tx(reader, (tx) => app.get(Tickets).threadOfOrder(tx, `A-${id}`, pharmacy));
      expect(found?.thread.id).toBe(id);
      const answer = await app.call(ticket.pharmacy, 'POST', `${id}/messages`, { text: 'hello' });
      expect([answer.status, answer.code]).toEqual([409, 'thread.unlinked']);
    });

    it('to a thread of others is not found, whoever asks and whether it exists', async () => {
      const other = await app.ticket();
      const elsewhere = await app.user('ops', { organizationId: await app.organization() });
      for (const [id, authorization] of [
        [other.id, ticket.pharmacy],
        [other.id, ticket.doctor],
        [other.id, ticket.patient],
        [ticket.id, elsewhere],
        [newId(), ticket.ops],
      ] as const) {
        const answer = await app.call(authorization, 'POST', `${id}/messages`, { text: 'x' });
        expect([answer.status, answer.code]).toEqual([404, 'thread.not-found']);
      }
    });
  });

  describe('the same clientMessageId', () => {
    const body = { text: 'once', clientMessageId: 'device-1:7' };

    it('sent twenty times at once is one message and one number', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => app.say(ticket, 'pharmacy', body)));
      expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      const replays = answers.filter(({ status }) => status === 200);
      expect(replays.map(({ headers }) => headers['idempotent-replayed'])).toEqual(Array(19).fill('true'));
      expect(await stored()).toEqual({ messages: 1, seq: 1 });
    });

    it('with other content is refused, and of somebody else is another message', async () => {
      await said('pharmacy', body);
      const other = await app.say(ticket, 'pharmacy', { ...body, text: 'twice' });
      expect([other.status, other.code]).toEqual([422, 'thread.client-id-reused']);
      expect((await app.say(ticket, 'doctor', body)).status).toBe(201);
    });

    it('of a program is one message as well', async () => {
      const key = await app.key();
      const send = () => app.call(key, 'POST', `${ticket.id}/messages`, body);
      expect([(await send()).status, (await send()).status]).toEqual([201, 200]);
    });

    it('is still answered after the ticket was closed', async () => {
      const { id } = await said('doctor', body);
      await app.sql(`UPDATE healthcare_tickets SET status = 'closed' WHERE id = $1`, [ticket.id]);
      expect(await app.say(ticket, 'doctor', body)).toMatchObject({ status: 200, json: { id } });
    });
  });

  describe('reading', () => {
    const list = async (query: string) =>
      (
        await app.call<{ items: MessageJson[]; nextBefore: number | null }>(
          ticket.doctor,
          'GET',
          `${ticket.id}/messages?${query}`,
        )
      ).json;
    const seqs = (items: readonly MessageJson[]) => items.map(({ seq }) => seq);

    it('goes newest first through pages that neither miss nor repeat, and is audited with the ids', async () => {
      for (let at = 1; at <= 7; at += 1) await said(at % 2 === 0 ? 'doctor' : 'pharmacy', { text: `message ${at}` });
      const first = await list('limit=3');
      expect([seqs(first.items), first.nextBefore]).toEqual([[7, 6, 5], 5]);
      expect((await audited('message', 'read'))[0]?.ids).toEqual([ticket.id, ...first.items.map(({ id }) => id)]);
      const second = await list('limit=3&before=5');
      expect([seqs(second.items), second.nextBefore]).toEqual([[4, 3, 2], 2]);
      expect(seqs((await list('limit=3&before=2')).items)).toEqual([1]);
      expect(seqs((await list('after=4')).items)).toEqual([7, 6, 5]);
      expect(seqs((await list('after=2&before=6&limit=2')).items)).toEqual([5, 4]);
    });
  });

  describe('changing', () => {
    const path = (id: string, more = '') => `${ticket.id}/messages/${id}${more}`;

    it('keeps what was said before, version by version', async () => {
      const { id } = await said('pharmacy', { text: 'one' });
      const edited = await app.call(ticket.pharmacy, 'PATCH', path(id), { text: 'two' });
      expect(edited.json).toMatchObject({ text: 'two', seq: 1, revision: 2, editedAt: expect.any(String) as string });
      await Promise.all(['three', 'four'].map((text) => app.call(ticket.pharmacy, 'PATCH', path(id), { text })));
      const deleted = await app.call(ticket.pharmacy, 'DELETE', path(id));
      expect(deleted.json).toMatchObject({ text: null, deletedAt: expect.any(String) as string });
      expect(await app.texts(ticket, 'doctor')).toEqual([null]);
      for (const side of ['pharmacy', 'ops'] as const) {
        const { json } = await app.call<{ items: { version: number; text: string; change: string }[] }>(
          ticket[side],
          'GET',
          path(id, '/history'),
        );
        expect(json.items.map(({ version, change }) => [version, change])).toEqual([
          [1, 'edited'],
          [2, 'edited'],
          [3, 'edited'],
          [4, 'deleted'],
        ]);
        expect(json.items.map(({ text }) => text).sort()).toEqual(['four', 'one', 'three', 'two']);
      }
      expect((await app.call(ticket.pharmacy, 'PATCH', path(id), { text: 'x' })).code).toBe('thread.message-deleted');
      expect((await app.call(ticket.pharmacy, 'DELETE', path(id))).code).toBe('thread.message-deleted');
    });

    it('is for the author alone, and the history for the own house and operations', async () => {
      const { id } = await said('pharmacy', { text: 'ours' });
      const colleague = await app.user('pharmacy', { pharmacyId: ticket.parties.pharmacy });
      for (const authorization of [ticket.doctor, ticket.ops, colleague]) {
        const answers = [
          await app.call(authorization, 'PATCH', path(id), { text: 'x' }),
          await app.call(authorization, 'DELETE', path(id)),
        ];
        expect(answers.map(({ status, code }) => [status, code])).toEqual([
          [403, 'thread.message-not-yours'],
          [403, 'thread.message-not-yours'],
        ]);
      }
      expect((await app.call(ticket.doctor, 'GET', path(id, '/history'))).code).toBe('thread.history-not-yours');
      expect(await audited('route', 'denied')).toEqual([{ ids: [ticket.id, id], reason: 'thread.history-not-yours' }]);
      expect((await app.call(colleague, 'GET', path(id, '/history'))).status).toBe(200);
      expect((await app.call(ticket.patient, 'GET', path(id, '/history'))).code).toBe('thread.message-not-found');
      expect((await app.call(ticket.patient, 'PATCH', path(id), { text: 'x' })).code).toBe('thread.message-not-found');
    });

    it('stands in the timeline without a word of it', async () => {
      const { id } = await said('doctor', { text: 'secret' });
      await app.call(ticket.doctor, 'PATCH', path(id), { text: 'changed' });
      const entries = await app.db.tx(systemContext, (tx) => messageEntries(tx, ticket.id));
      expect(entries.map(({ code }) => code)).toEqual(['message.sent', 'message.edited']);
      expect(entries[0]?.details).toEqual({ messageId: id, seq: 1, audience: 'providers', kind: 'text', note: null });
      expect(JSON.stringify(entries)).not.toMatch(/secret|changed/);
    });
  });

  describe('a question that blocks', () => {
    const open = () =>
      app.sql(
        `SELECT id AS "messageId", author_party AS "askedBy", awaits FROM chat_messages
         WHERE thread_id = $1 AND blocks AND answered_at IS NULL`,
        [ticket.id],
      );

    it('is open until the awaited party answers, once', async () => {
      const asked = await said('pharmacy', { text: 'Twice a day?', blocks: true, awaits: 'doctor' });
      expect(asked).toMatchObject({ blocks: true, awaits: 'doctor', answeredAt: null });
      expect(await open()).toMatchObject([{ messageId: asked.id, askedBy: 'pharmacy', awaits: 'doctor' }]);
      expect((await app.say(ticket, 'pharmacy', { text: 'well', answers: asked.id })).code).toBe('thread.not-awaited');
      const answers = await Promise.all(
        ['Yes.', 'No.'].map((text) => app.say(ticket, 'doctor', { text, answers: asked.id })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      expect(answers.find(({ status }) => status === 409)?.code).toBe('thread.already-answered');
      expect(await open()).toEqual([]);
      expect(await stored()).toEqual({ messages: 2, seq: 2 });
      const { json } = await app.call<{ items: MessageJson[] }>(ticket.pharmacy, 'GET', `${ticket.id}/messages`);
      expect(json.items[1]).toMatchObject({ id: asked.id, answeredAt: expect.any(String) as string });
    });

    it('to the patient is for the patient to read; operations may answer for anybody', async () => {
      const asked = await said('pharmacy', { text: 'Which strength?', blocks: true, awaits: 'patient' });
      expect(asked.audience).toBe('all');
      expect((await app.say(ticket, 'doctor', { text: 'x', answers: asked.id })).code).toBe('thread.not-awaited');
      expect((await app.say(ticket, 'ops', { text: '20 mg', answers: asked.id })).status).toBe(201);
    });

    it('names somebody who takes part and can read it', async () => {
      ticket = await app.ticket({ patient_id: null });
      const codes = async (body: object) =>
        (await app.say(ticket, 'pharmacy', { text: '?', blocks: true, ...body })).code;
      expect(await codes({ awaits: 'patient' })).toBe('thread.awaits-nobody');
      expect(await codes({})).toBe('thread.question-incomplete');
      expect(await codes({ awaits: 'doctor', audience: 'internal' })).toBe('thread.awaits-cannot-read');
      expect(await stored()).toEqual({ messages: 0, seq: 0 });
    });
  });
});
