import { jest } from '@jest/globals';
import sharp from 'sharp';
import { contextOf, type Principal } from '../../src/modules/auth/index.js';
import { Attachments } from '../../src/modules/threads/attachments.service.js';
import { unreadCountSql } from '../../src/modules/threads/index.js';
import { FileReferences, FileStorage } from '../../src/platform/storage/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import {
  openStream,
  sides,
  startThreadApp,
  type MessageJson,
  type OpenTicket,
  type Side,
  type ThreadApp,
} from '../support/thread-app.js';

/** Who reads what: audience and author → readers. */
const matrix: readonly [audience: string, author: Side, readers: readonly Side[]][] = [
  ['providers', 'doctor', ['doctor', 'pharmacy', 'ops']],
  ['providers', 'pharmacy', ['doctor', 'pharmacy', 'ops']],
  ['providers', 'ops', ['doctor', 'pharmacy', 'ops']],
  ['all', 'doctor', sides],
  ['all', 'pharmacy', sides],
  ['all', 'patient', sides],
  ['all', 'ops', sides],
  ['internal', 'doctor', ['doctor']],
  ['internal', 'pharmacy', ['pharmacy']],
  ['internal', 'ops', ['ops']],
];
const textOf = (audience: string, author: string) => `${audience} of ${author}`;
const readBy = (side: Side) =>
  matrix.filter(([, , readers]) => readers.includes(side)).map(([audience, author]) => textOf(audience, author));

describe('the audience of a message', () => {
  let app: ThreadApp;
  let ticket: OpenTicket;

  beforeAll(async () => {
    app = await startThreadApp();
    ticket = await app.ticket();
  });
  afterAll(() => app.stop());

  const jpeg = () =>
    sharp({ create: { width: 30, height: 20, channels: 3, background: '#336699' } })
      .jpeg()
      .toBuffer();
  const upload = async (
    side: Side,
    bytes: Buffer,
    name = 'photo of label.jpg',
    field = 'file',
    id = ticket.id,
    key?: string,
  ) => {
    const form = new FormData();
    form.set(field, new Blob([new Uint8Array(bytes)]), name);
    const answer = await fetch(`${app.url}/api/threads/${id}/attachments`, {
      method: 'POST',
      headers: { authorization: ticket[side], ...(key !== undefined && { 'idempotency-key': key }) },
      body: form,
    });
    return { status: answer.status, json: (await answer.json()) as { id: string; name: string; code?: string } };
  };
  const download = (authorization: string, attachmentId: string) =>
    fetch(`${app.url}/api/threads/${ticket.id}/attachments/${attachmentId}`, { headers: { authorization } });

  it('keeps a picture once for one Idempotency-Key, and refuses another picture or name under it', async () => {
    const bytes = await jpeg();
    const send = (picture: Buffer, name: string) => upload('doctor', picture, name, 'file', ticket.id, 'one-picture');
    const [lost, heard] = [await send(bytes, 'label.jpg'), await send(bytes, 'label.jpg')];
    expect([lost.status, heard.status]).toEqual([201, 201]);
    expect(heard.json).toEqual(lost.json);
    const others = [await send(bytes, 'other.jpg'), await send(Buffer.concat([bytes, bytes]), 'label.jpg')];
    expect(others.map(({ json }) => json.code)).toEqual(['idempotency.key-reused', 'idempotency.key-reused']);
  });

  it('keeps a picture when the database stops answering, as a row may name it', async () => {
    const files = app.get(FileStorage);
    const put = jest.spyOn(files, 'put');
    await app.sql(`CREATE FUNCTION shut_down() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'shut down' USING ERRCODE = 'admin_shutdown'; END $$`);
    await app.sql(
      'CREATE TRIGGER shut_down BEFORE INSERT ON chat_attachments FOR EACH ROW EXECUTE FUNCTION shut_down()',
    );
    const sent = await upload('doctor', await jpeg());
    await app.sql('DROP FUNCTION shut_down CASCADE');
    expect(sent.status).toBe(503);
    const key = String(await put.mock.results.at(-1)?.value);
    put.mockRestore();
    expect((await files.get(key)).length).toBeGreaterThan(0);
  });

  describe('for each party', () => {
    const streams = new Map<Side, Awaited<ReturnType<typeof openStream>>>();
    const attachments = new Map<string, string>();

    beforeAll(async () => {
      for (const side of sides) streams.set(side, await openStream(app.url, ticket.id, ticket[side]));
      for (const [audience, author] of matrix) {
        const { json } = await upload(author, await jpeg());
        attachments.set(textOf(audience, author), json.id);
        const body = { text: textOf(audience, author), audience, attachmentIds: [json.id] };
        expect((await app.say(ticket, author, body)).status).toBe(201);
      }
    });
    afterAll(() => streams.forEach((stream) => stream.close()));

    it.each(sides)('decides what %s reads in the list', async (side) => {
      expect(await app.texts(ticket, side)).toEqual(readBy(side));
    });

    it.each(sides)('decides what %s hears in the stream', async (side) => {
      const stream = streams.get(side);
      await stream?.has(readBy(side).at(-1) ?? '');
      const heard = stream?.events().filter(({ event }) => event === 'message');
      expect(heard?.map(({ data }) => data.text)).toEqual(readBy(side));
      if (side === 'patient') expect(stream?.text()).not.toContain('providers');
    });

    it.each(sides)('decides what %s has not read', async (side) => {
      const principal = await principalOf(side);
      const [row] = await app.db.tx(contextOf(principal), (tx) =>
        tx.query<{ unread: number }>(
          `SELECT ${unreadCountSql('t.id', '$2::uuid')} AS unread FROM chat_threads t WHERE t.id = $1`,
          [ticket.id, principal.id],
        ),
      );
      expect(row?.unread).toBe(readBy(side).filter((text) => !text.endsWith(`of ${side}`)).length);
    });

    it.each(sides)('decides which attachments %s gets', async (side) => {
      for (const [text, id] of attachments) {
        const answer = await download(ticket[side], id);
        expect([text, answer.status]).toEqual([text, readBy(side).includes(text) ? 200 : 404]);
      }
    });

    it('keeps single messages and their history from those who do not read them', async () => {
      const { json } = await app.call<{ items: MessageJson[] }>(ticket.pharmacy, 'GET', `${ticket.id}/messages`);
      const hidden = json.items.filter(({ audience }) => audience !== 'all');
      expect(hidden.length).toBeGreaterThan(2);
      for (const { id } of hidden) {
        const answer = await app.call(ticket.patient, 'GET', `${ticket.id}/messages/${id}/history`);
        expect([answer.status, answer.code]).toEqual([404, 'thread.message-not-found']);
      }
    });
  });

  it.each(['providers', 'internal'])('of a patient is never %s', async (audience) => {
    const answer = await app.say(ticket, 'patient', { text: 'x', audience });
    expect([answer.status, answer.code]).toEqual([422, 'thread.audience-forbidden']);
  });

  it('cannot be passed by asking the database as the patient', async () => {
    const rows = await app.db.tx(contextOf(await principalOf('patient')), (tx) =>
      tx.query<{ audience: string }>('SELECT DISTINCT audience FROM chat_messages'),
    );
    expect(rows).toEqual([{ audience: 'all' }]);
  });

  it('keeps what was said while a ticket was another patient’s from who came later', async () => {
    const former = { ...(await app.ticket()), ops: ticket.ops };
    const { json } = await upload('ops', await jpeg(), 'x.jpg', 'file', former.id);
    await app.say(former, 'ops', { text: 'for the former', audience: 'all', attachmentIds: [json.id] });
    const move = (patientId: string | null) => {
      app.clock.advance(1);
      const values = [former.id, patientId, app.clock.now()];
      return app.sql('UPDATE healthcare_tickets SET patient_id = $2, updated_at = $3 WHERE id = $1', values);
    };
    // Nobody, until validation has said whose the corrected order is.
    await move(null);
    await move(ticket.parties.patient);
    app.clock.advance(1);
    const later = { ...former, patient: ticket.patient };
    expect(await app.texts(later, 'patient')).toEqual([]);
    expect((await app.say(later, 'patient', { text: 'of the later' })).status).toBe(201);
    await app.say(later, 'doctor', { text: 'for the later', audience: 'all' });
    expect(await app.texts(later, 'patient')).toEqual(['of the later', 'for the later']);
    expect(await app.texts(later, 'pharmacy')).toEqual(['for the former', 'of the later', 'for the later']);
    const picture = `${app.url}/api/threads/${former.id}/attachments/${json.id}`;
    expect((await fetch(picture, { headers: { authorization: ticket.patient } })).status).toBe(404);
    await move(null);
    await move(former.parties.patient);
    // Who gets it back goes on reading what was said until then, and not what was said to the other.
    expect(await app.texts(former, 'patient')).toEqual(['for the former']);
  });

  describe('receipts', () => {
    const read = (side: Side, upTo: number, id = ticket.id) =>
      app.call<{ lastReadSeq: number; unread: number }>(ticket[side], 'POST', `${id}/read`, { upTo });
    const readers = async (side: Side) =>
      (
        await app.call<{ items: { party: string; lastReadSeq: number }[] }>(ticket[side], 'GET', `${ticket.id}/reads`)
      ).json.items.map(({ party, lastReadSeq }) => [party, lastReadSeq]);

    it('never go back nor beyond what was said to the reader, and count what is left', async () => {
      // The last of all is internal to operations: that there is one is nobody else's to learn.
      expect((await read('pharmacy', 9_999)).json).toEqual({ lastReadSeq: matrix.length - 1, unread: 0 });
      expect((await read('pharmacy', 2)).json).toEqual({ lastReadSeq: matrix.length - 1, unread: 0 });
      expect((await read('doctor', 3)).json).toEqual({ lastReadSeq: 3, unread: 3 });
      expect((await read('patient', 5)).json).toEqual({ lastReadSeq: 5, unread: 1 });
    });

    it('are shown as far as the messages are', async () => {
      expect(await readers('ops')).toEqual([
        ['doctor', 3],
        ['patient', 5],
        ['pharmacy', 7],
      ]);
      // The doctor read nothing the patient may know of; the last the patient knows is the seventh.
      expect(await readers('patient')).toEqual([
        ['patient', 5],
        ['pharmacy', 7],
      ]);
    });

    it('are for people of the thread', async () => {
      const key = await app.key();
      const answer = await app.call(key, 'POST', `${ticket.id}/read`, { upTo: 1 });
      expect([answer.status, answer.code]).toEqual([403, 'thread.person-required']);
      const other = await app.ticket();
      expect((await read('pharmacy', 1, other.id)).code).toBe('thread.not-found');
    });
  });

  describe('attachments', () => {
    it('are re-encoded, private to the uploader until sent, and served as attachment', async () => {
      const original = await sharp(await jpeg())
        .withExif({ IFD0: { Make: 'a phone' } })
        .png()
        .toBuffer();
      const { status, json } = await upload('pharmacy', original, '../../etc/Ada Marsh.png');
      expect([status, json.name]).toEqual([201, 'Ada Marsh.png']);
      expect((await download(ticket.doctor, json.id)).status).toBe(404);
      const answer = await download(ticket.pharmacy, json.id);
      expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="attachment-${json.id}.jpg"`);
      const picture = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
      expect([picture.format, picture.exif]).toEqual(['jpeg', undefined]);
    });

    it.each([
      ['text', () => Promise.resolve(Buffer.from('hello')), 415, 'thread.attachment-type'],
      ['a torn picture', async () => (await jpeg()).subarray(0, 200), 422, 'thread.attachment-unreadable'],
    ] as const)('of %s are refused and leave nothing', async (_, bytes, status, code) => {
      const count = () => app.sql('SELECT count(*)::int FROM chat_attachments');
      const before = await count();
      const answer = await upload('doctor', await bytes(), 'x.jpg');
      expect([answer.status, answer.json.code]).toEqual([status, code]);
      expect(await count()).toEqual(before);
    });

    it('are refused without a file, in threads of others, and on closed tickets', async () => {
      expect((await upload('doctor', Buffer.alloc(0), 'x.jpg')).json.code).toBe('thread.attachment-missing');
      const other = await app.ticket();
      expect((await upload('doctor', await jpeg(), 'x.jpg', 'file', other.id)).json.code).toBe('thread.not-found');
      await app.sql(`UPDATE healthcare_tickets SET status = 'closed' WHERE id = $1`, [other.id]);
      expect((await upload('ops', await jpeg(), 'x.jpg', 'file', other.id)).json.code).toBe('thread.closed');
    });

    it('go into one message of who uploaded them, and with it', async () => {
      const { json } = await upload('doctor', await jpeg());
      const body = { text: 'see', attachmentIds: [json.id] };
      expect((await app.say(ticket, 'pharmacy', body)).code).toBe('thread.attachment-unknown');
      const sent = await app.say(ticket, 'doctor', body);
      expect(sent.json.attachments).toMatchObject([{ id: json.id, name: 'photo of label.jpg' }]);
      expect((await app.say(ticket, 'doctor', body)).code).toBe('thread.attachment-unknown');
      await app.call(ticket.doctor, 'DELETE', `${ticket.id}/messages/${sent.json.id}`);
      expect((await download(ticket.pharmacy, json.id)).status).toBe(404);
    });

    it('that became part of no message are forgotten after a day', async () => {
      const [old, young, used] = [
        await upload('doctor', await jpeg()),
        await upload('doctor', await jpeg()),
        await upload('doctor', await jpeg()),
      ];
      await app.say(ticket, 'doctor', { text: 'see', attachmentIds: [used.json.id] });
      const age = (id: string) =>
        app.sql(`UPDATE chat_attachments SET created_at = created_at - interval '25 hours' WHERE id = $1`, [id]);
      await Promise.all([age(old.json.id), age(used.json.id)]);
      await app.get(Attachments).forgetUnused();
      const statuses = [old, young, used].map(async ({ json }) => (await download(ticket.doctor, json.id)).status);
      expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
    });

    it('are known to the sweep of files', async () => {
      const rows = await app.sql<{ key: string }>('SELECT file_key AS key FROM chat_attachments');
      const keys = [...rows.map(({ key }) => key), 'chat-attachments/none'];
      const unknown = await app.db.tx(systemContext, (tx) =>
        app.get(FileReferences).unreferenced(tx, 'chat-attachments', keys),
      );
      expect(unknown).toEqual(['chat-attachments/none']);
    });
  });

  /** As the guard would make it. */
  async function principalOf(side: Side): Promise<Principal> {
    const claims = JSON.parse(Buffer.from(ticket[side].split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
    return {
      kind: 'user',
      id: claims.sub,
      role: side,
      organizationId: app.organizationId,
      providerId: ticket.parties.doctor,
      pharmacyId: ticket.parties.pharmacy,
      patientId: ticket.parties.patient,
      permissions: new Set(),
    };
  }
});
