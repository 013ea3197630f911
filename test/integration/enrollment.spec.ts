import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { consentTexts, currentConsentText, Enrollments } from '../../src/modules/enrollment/index.js';
import { EnrollmentWorker } from '../../src/modules/enrollment/enrollment.worker.js';
import { Coverages, Prescriptions } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { FileStorage } from '../../src/platform/storage/index.js';
import { proof, startEnrollmentApp, type EnrollmentApp } from '../support/enrollment-app.js';
import { until } from '../support/until.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const card = {
  bin: '610011',
  pcn: 'DEMO',
  groupId: 'GRP1',
  cardholderId: 'ZZZ998877',
  personCode: '01',
  relationship: '1',
} as const;
const consent = { version: currentConsentText().version, accepted: true };

let app: EnrollmentApp;
beforeAll(async () => {
  app = await startEnrollmentApp();
  app.clock.set('2026-11-21T12:00:00Z');
});
afterAll(async () => app.stop());

const complete = async (api: string, coverage: object = card) =>
  app.call('POST', api, { coverage, consent }, await app.session(api));

const picture = (width = 60, height = 40) =>
  sharp({ create: { width, height, channels: 3, background: '#336699' } })
    .withExif({ IFD0: { Copyright: 'someone' } })
    .jpeg()
    .toBuffer();

const upload = (parts: Record<string, Buffer>) => {
  const form = new FormData();
  for (const [name, bytes] of Object.entries(parts)) form.append(name, new Blob([new Uint8Array(bytes)]), 'card.jpg');
  return form;
};

describe('the beginning of an enrollment', () => {
  it('makes a link and starts the enrollment in one transaction, with ids only in the event', async () => {
    const { id, token } = await app.started();
    expect(await app.state(id)).toBe('awaiting_enrollment');
    expect(token).toHaveLength(43);
    const [link] = await app.sql<Record<string, unknown>>('SELECT * FROM enrollment_links WHERE prescription_id = $1', [
      id,
    ]);
    expect(JSON.stringify(link)).not.toContain(token);
    expect(Buffer.from(link?.['token_sealed'] as Buffer).toString('latin1')).not.toContain(token);
    const events = await app.events(id);
    expect(events.map(({ event }) => event)).toContain('enrollment_started');
    expect(JSON.stringify(events)).not.toContain(token);
    expect(await app.why(id)).toMatchObject({ code: 'enrollment.patient', who: 'patient' });
  });

  it('is left to routing on the direct path and to operations where enrollment is not automatic', async () => {
    const direct = await app.prescription({ path: 'direct' });
    await app.begin(direct);
    expect(await app.state(direct)).toBe('validated');
    expect(await app.why(direct)).toMatchObject({ who: 'platform' });
    const manual = await app.organization({ autoEnrollment: false });
    const id = await app.prescription({}, manual);
    await app.begin(id);
    expect(await app.state(id)).toBe('validated');
    expect(await app.why(id)).toMatchObject({ code: 'enrollment.not-started', who: 'ops' });
    const authorization = await app.key({ organizationId: manual });
    const sent = await app.call('POST', `/api/prescriptions/${id}/enrollment`, undefined, { authorization });
    expect(sent.status).toBe(201);
    expect(sent.json).toMatchObject({ prescriptionId: id, resent: false });
    expect(sent.text).not.toContain(await app.tokenOf(id));
    expect(await app.state(id)).toBe('awaiting_enrollment');
  });

  it('is skipped while coverage and consent on file are valid, and not a day longer', async () => {
    const patientId = await app.patient();
    const first = await app.started({ patientId });
    expect((await complete(first.api)).status).toBe(200);
    const second = await app.prescription({ patientId });
    await app.begin(second);
    expect(await app.state(second)).toBe('awaiting_routing');
    const cash = await app.prescription({ patientId, path: 'cash' });
    await app.begin(cash);
    expect(await app.state(cash)).toBe('awaiting_routing');
    await app.sql('UPDATE consents SET accepted_at = $2 WHERE patient_id = $1', [
      patientId,
      new Date(app.clock.now().getTime() - 365 * dayMs - 1),
    ]);
    const third = await app.prescription({ patientId });
    await app.begin(third);
    expect(await app.state(third)).toBe('awaiting_enrollment');
  });

  it('does nothing the second time', async () => {
    const { id, token } = await app.started();
    await app.begin(id);
    expect(await app.tokenOf(id)).toBe(token);
  });
});

describe('a magic link', () => {
  it('shows nothing personal and changes nothing when a mail scanner opens it', async () => {
    const { id, api, page } = await app.started();
    const before = await app.sql('SELECT * FROM enrollment_links WHERE prescription_id = $1', [id]);
    const [json, html] = [await app.call('GET', api), await app.call('GET', page)];
    expect(json.json).toMatchObject({
      brand: 'Sunrise & Co',
      status: 'open',
      needs: ['identity', 'coverage', 'consent'],
    });
    expect(html.status).toBe(200);
    expect(html.text).toContain('Sunrise &amp; Co');
    expect(html.text).toContain('<label for="birthDate">');
    expect(html.text).toContain('<label for="zip">');
    expect(html.headers.get('referrer-policy')).toBe('no-referrer');
    expect(html.headers.get('cache-control')).toBe('no-store');
    for (const { text } of [json, html]) expect(text).not.toMatch(/Ada|Marsh|1980|78701|Elm|Secretol/);
    expect(await app.sql('SELECT * FROM enrollment_links WHERE prescription_id = $1', [id])).toEqual(before);
  });

  it('is unknown when a character is missing, and expires after 72 hours to the second', async () => {
    const { id, api, token } = await app.started();
    expect((await app.call('GET', `/api/enrollment/${token.slice(1)}`)).status).toBe(404);
    expect((await app.call('GET', `/enroll/${token.slice(1)}`)).text).toContain('<h1>That did not work</h1>');
    const now = app.clock.now();
    app.clock.advance(72 * hourMs - 1);
    expect((await app.call('POST', `${api}/verify`, proof)).status).toBe(200);
    app.clock.advance(1);
    const late = await app.call('POST', `${api}/verify`, proof);
    expect([late.status, late.json['code']]).toEqual([410, 'enrollment.link-expired']);
    expect(await app.tokenOf(id)).toBeUndefined();
    expect(await app.why(id)).toMatchObject({ code: 'enrollment.link-expired', who: 'ops' });
    app.clock.set(now);
  });

  it('answers the same whichever part is wrong, and is revoked by the fifth wrong try', async () => {
    const { id, api } = await app.started();
    const wrong = [
      { ...proof, zip: '10001' },
      { ...proof, birthDate: '1980-03-01' },
      { birthDate: '1990-01-01', zip: '10001' },
    ];
    const answers = [];
    for (const body of wrong) answers.push(await app.call('POST', `${api}/verify`, body));
    expect(answers.map(({ json }) => [json['code'], json['triesLeft']])).toEqual([
      ['enrollment.not-recognized', 4],
      ['enrollment.not-recognized', 3],
      ['enrollment.not-recognized', 2],
    ]);
    const last = await Promise.all([1, 2].map(() => app.call('POST', `${api}/verify`, wrong[0])));
    expect(last.map(({ json }) => json['triesLeft']).sort()).toEqual([0, 1]);
    const after = await app.call('POST', `${api}/verify`, proof);
    expect([after.status, after.json['code']]).toEqual([410, 'enrollment.link-locked']);
    expect(await app.why(id)).toMatchObject({ code: 'enrollment.link-locked', who: 'ops' });
  });

  it('is revoked by the one sent after it', async () => {
    const { id, api } = await app.started();
    const headers = await app.session(api);
    const authorization = await app.key();
    const sent = await app.call('POST', `/api/prescriptions/${id}/enrollment`, undefined, { authorization });
    expect(sent.json).toMatchObject({ resent: true });
    const late = await app.call('POST', api, { coverage: { cash: true }, consent }, headers);
    expect([late.status, late.json['code']]).toEqual([410, 'enrollment.link-revoked']);
    expect((await app.events(id)).map(({ event }) => event)).toContain('enrollment_link_renewed');
    expect((await app.call('GET', `/api/enrollment/${await app.tokenOf(id)}`)).json).toMatchObject({ status: 'open' });
  });

  it('cannot be sent by another organization, nor for an order that is past it', async () => {
    const { id, api } = await app.started();
    const foreign = await app.key({ organizationId: await app.organization() });
    const route = `/api/prescriptions/${id}/enrollment`;
    expect((await app.call('POST', route, undefined, { authorization: foreign })).json['code']).toBe(
      'prescription.not-found',
    );
    await complete(api);
    const own = await app.key();
    const refused = await app.call('POST', route, undefined, { authorization: own });
    expect([refused.status, refused.json['code']]).toEqual([409, 'prescription.illegal-action']);
  });
});

describe('completing', () => {
  it('stores coverage and consent, moves the prescription and uses the link up, once', async () => {
    const { id, api } = await app.started();
    const headers = { ...(await app.session(api)), 'user-agent': 'a phone' };
    const body = { coverage: { ...card, government: true }, consent };
    const both = await Promise.all([app.call('POST', api, body, headers), app.call('POST', api, body, headers)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
    expect((await app.call('POST', api, body, headers)).json['code']).toBe('enrollment.link-used');
    expect(await app.state(id)).toBe('awaiting_routing');
    const [given] = await app.sql<Record<string, unknown>>('SELECT * FROM consents WHERE prescription_id = $1', [id]);
    expect(given).toMatchObject({ text_version: consent.version, text_sha256: consentTexts.at(-1)?.sha256 });
    const patientId = String(given?.['patient_id']);
    const current = await app.db.tx(systemContext, (tx) => app.get(Coverages).current(tx, patientId));
    expect(current).toMatchObject({ ...card, kind: 'insurance', government: true });
    const [row] = await app.sql('SELECT * FROM coverages WHERE patient_id = $1', [patientId]);
    expect(JSON.stringify(row)).not.toContain(card.cardholderId);
    const [link] = await app.sql('SELECT token_sealed, used_at FROM enrollment_links WHERE prescription_id = $1', [id]);
    expect(link).toMatchObject({ token_sealed: null, used_at: app.clock.now() });
  });

  it('of two links of one patient at the same time ends in one coverage', async () => {
    const patientId = await app.patient();
    const started = [1, 2, 3].map(() => app.started({ patientId }));
    const [first, ...others] = await Promise.all(started);
    await complete(first?.api ?? '');
    const headers = await Promise.all(others.map(({ api }) => app.session(api)));
    const answers = await app.db.tx(systemContext, async (held) => {
      await held.query('SELECT 1 FROM coverages WHERE patient_id = $1 FOR UPDATE', [patientId]);
      const both = others.map(({ api }, index) => app.call('POST', api, { coverage: card, consent }, headers[index]));
      // Both have come as far as they can.
      await until(async () => (await app.sql('SELECT 1 FROM pg_locks WHERE NOT granted')).length >= 2);
      return () => both;
    });
    expect((await Promise.all(answers())).map(({ status }) => status)).toEqual([200, 200]);
    const rows = await app.sql('SELECT 1 FROM coverages WHERE patient_id = $1 AND ended_at IS NULL', [patientId]);
    expect(rows).toHaveLength(1);
  });

  it('needs a session, which ends after 30 minutes and opens its own link only', async () => {
    const [one, other] = [await app.started(), await app.started()];
    const headers = await app.session(one.api);
    const body = { coverage: { cash: true }, consent };
    expect((await app.call('POST', one.api, body)).json['code']).toBe('enrollment.session-required');
    expect((await app.call('POST', other.api, body, headers)).json['code']).toBe('enrollment.session-required');
    app.clock.advance(30 * 60_000);
    expect((await app.call('POST', one.api, body, headers)).json['code']).toBe('enrollment.session-required');
  });

  it('refuses an old text, a consent not given, a mixed answer, an unusable card, and stores nothing then', async () => {
    const { id, api } = await app.started();
    const headers = await app.session(api);
    const refused = [
      { coverage: card, consent: { ...consent, version: '2020-01-01' } },
      { coverage: card, consent: { ...consent, accepted: false } },
      { coverage: { ...card, cash: true }, consent },
      { coverage: { ...card, bin: '61001' }, consent },
      { coverage: { onFile: true }, consent },
      { consent },
    ];
    const codes = [];
    for (const body of refused) codes.push((await app.call('POST', api, body, headers)).json['code']);
    expect(codes).toEqual([
      'enrollment.consent-outdated',
      'request.invalid',
      'enrollment.coverage-ambiguous',
      'request.invalid',
      'enrollment.no-coverage-on-file',
      'enrollment.coverage-required',
    ]);
    expect(await app.state(id)).toBe('awaiting_enrollment');
    expect(await app.sql('SELECT 1 FROM consents WHERE prescription_id = $1', [id])).toEqual([]);
  });

  it('asks for no card on the cash path and leaves insurance on file alone', async () => {
    const { id, api } = await app.started({ path: 'cash' });
    expect((await app.call('GET', api)).json['needs']).toEqual(['identity', 'consent']);
    expect((await app.call('POST', api, { consent }, await app.session(api))).status).toBe(200);
    expect(await app.state(id)).toBe('awaiting_routing');
    expect(
      await app.sql('SELECT 1 FROM coverages c JOIN prescriptions p USING (patient_id) WHERE p.id = $1', [id]),
    ).toEqual([]);
  });

  it('ends the older coverage when a new one begins', async () => {
    const patientId = await app.patient();
    await complete((await app.started({ patientId })).api);
    const again = await app.prescription({ patientId, state: 'adjudication_issue' });
    const authorization = await app.key();
    await app.call('POST', `/api/prescriptions/${again}/enrollment`, undefined, { authorization });
    await complete(`/api/enrollment/${await app.tokenOf(again)}`, { ...card, bin: '610012' });
    const rows = await app.sql<{ bin: string; ended: boolean }>(
      'SELECT bin, ended_at IS NOT NULL AS ended FROM coverages WHERE patient_id = $1 ORDER BY id',
      [patientId],
    );
    expect(rows).toEqual([
      { bin: '610011', ended: true },
      { bin: '610012', ended: false },
    ]);
    expect(await app.state(again)).toBe('adjudication_issue');
    expect((await app.events(again)).map(({ event }) => event)).toContain('coverage_corrected');
  });
});

describe('coverage on file', () => {
  it('is shown after a one-time code only, and can be used unseen', async () => {
    const { id, api } = await app.started({ coverage: card });
    const headers = await app.session(api);
    expect((await app.call('GET', `${api}/coverage`, undefined, headers)).json['code']).toBe(
      'enrollment.code-required',
    );
    expect((await app.call('POST', `${api}/code`, { channel: 'sms' }, headers)).status).toBe(202);
    const requested = (await app.events(id)).find(({ event }) => event === 'enrollment_code_requested');
    const codeId = requested?.payload['codeId'] ?? '';
    const code = await app.db.tx(systemContext, (tx) => app.get(Enrollments).codeFor(tx, codeId));
    expect(code).toMatch(/^\d{6}$/);
    const other = code === '000000' ? '000001' : '000000';
    const wrong = await app.call('POST', `${api}/code/verify`, { code: other }, headers);
    expect([wrong.status, wrong.json['triesLeft']]).toEqual([403, 4]);
    expect((await app.call('POST', `${api}/code/verify`, { code }, headers)).status).toBe(200);
    expect((await app.call('GET', `${api}/coverage`, undefined, headers)).json).toMatchObject({
      kind: 'insurance',
      ...card,
    });
    expect(await app.db.tx(systemContext, (tx) => app.get(Enrollments).codeFor(tx, codeId))).toBeUndefined();
    expect((await app.call('POST', api, { coverage: { onFile: true }, consent }, headers)).status).toBe(200);
    const [row] = await app.sql(
      'SELECT c.bin FROM coverages c JOIN prescriptions p USING (patient_id) WHERE p.id = $1',
      [id],
    );
    expect(row).toEqual({ bin: card.bin });
  });

  it('stays closed once five codes were wrong or ten minutes have passed', async () => {
    const { id, api } = await app.started({ coverage: card });
    const headers = await app.session(api);
    const fresh = async () => {
      await app.call('POST', `${api}/code`, { channel: 'email' }, headers);
      const { payload } =
        (await app.events(id)).filter(({ event }) => event === 'enrollment_code_requested').at(-1) ?? {};
      return app.db.tx(systemContext, (tx) => app.get(Enrollments).codeFor(tx, payload?.['codeId'] ?? ''));
    };
    const code = (await fresh()) ?? '';
    const other = code === '000000' ? '000001' : '000000';
    for (let tries = 0; tries < 5; tries += 1) await app.call('POST', `${api}/code/verify`, { code: other }, headers);
    expect((await app.call('POST', `${api}/code/verify`, { code }, headers)).status).toBe(403);
    const second = await fresh();
    app.clock.advance(10 * 60_000);
    // The limit goes by the machine's time, in which these ten minutes have not passed.
    await app.sql('UPDATE rate_limits SET expire = 0');
    expect((await app.call('POST', `${api}/code/verify`, { code: second }, headers)).status).toBe(403);
    await fresh();
    await fresh();
    expect((await app.call('POST', `${api}/code`, { channel: 'sms' }, headers)).status).toBe(202);
    expect((await app.call('POST', `${api}/code`, { channel: 'sms' }, headers)).status).toBe(429);
  });
});

describe('pictures of the card', () => {
  it('are re-encoded, sealed, kept with the coverage and shown to operations with a reason', async () => {
    const patientId = await app.patient();
    const { api } = await app.started({ patientId });
    const headers = await app.session(api);
    const sent = await app.call(
      'POST',
      `${api}/insurance-cards`,
      upload({ front: await picture(), back: await picture() }),
      headers,
    );
    expect([sent.status, sent.json]).toEqual([201, { received: ['front', 'back'] }]);
    await app.call('POST', api, { coverage: card, consent }, headers);
    const authorization = await app.key();
    const list = await app.call('GET', `/api/patients/${patientId}/coverages`, undefined, { authorization });
    expect(list.json['items']).toMatchObject([
      { cardholderId: '•••• 8877', pictures: ['front', 'back'], active: true },
    ]);
    expect(list.text).not.toContain(card.cardholderId);
    const [row] = await app.sql<{ id: string }>('SELECT id FROM coverages WHERE patient_id = $1', [patientId]);
    // Not an empty list, which would say that there is no insurance.
    const providerId = newId();
    await app.sql('UPDATE prescriptions SET provider_id = $2 WHERE patient_id = $1', [patientId, providerId]);
    const doctor = { authorization: await app.user('doctor', { providerId }) };
    expect((await app.call('GET', `/api/patients/${patientId}/coverages`, undefined, doctor)).status).toBe(403);
    const route = `/api/coverages/${row?.id ?? ''}/cards/front`;
    expect((await app.call('GET', route, undefined, { authorization })).status).toBe(400);
    const shown = await fetch(`${app.url}${route}?reason=claim-rejected`, { headers: { authorization } });
    expect(shown.headers.get('content-disposition')).toBe('attachment; filename="card-front.jpg"');
    expect((await sharp(Buffer.from(await shown.arrayBuffer())).metadata()).exif).toBeUndefined();
    const foreign = await app.key({ organizationId: await app.organization() });
    expect(
      (await app.call('GET', `${route}?reason=claim-rejected`, undefined, { authorization: foreign })).status,
    ).toBe(404);
    const kept = await app.sql(`SELECT 1 FROM audit_entries WHERE entity = 'enrollment_link' AND reason = 'pictures'`);
    expect(kept).toHaveLength(1);
    const audited = await app.sql('SELECT reason FROM audit_entries WHERE entity = $1', ['coverage_picture']);
    expect(audited).toEqual([{ reason: 'claim-rejected' }]);
  });

  it('are refused without session, without files, and when they are no pictures', async () => {
    const { api } = await app.started();
    const route = `${api}/insurance-cards`;
    const front = await picture();
    expect((await app.call('POST', route, upload({ front }))).json['code']).toBe('enrollment.session-required');
    const headers = await app.session(api);
    expect((await app.call('POST', route, upload({}), headers)).status).toBeLessThan(500);
    const text = await app.call('POST', route, upload({ front: Buffer.from('<svg onload="x"/>') }), headers);
    expect([text.status, text.json['code']]).toEqual([415, 'enrollment.picture-type']);
    const large = await app.call('POST', route, upload({ front: Buffer.alloc(8 * 1024 * 1024 + 1, 1) }), headers);
    expect(large.status).toBe(413);
    expect((await app.call('POST', route, upload({ other: front }), headers)).status).toBe(400);
    expect((await app.call('POST', route, { front: 'x' }, headers)).status).toBe(415);
  });

  it('stay when the database stops answering, as their session may have them', async () => {
    const { api } = await app.started();
    const headers = await app.session(api);
    const files = app.get(FileStorage);
    const put = jest.spyOn(files, 'put');
    await app.sql(`CREATE FUNCTION shut_down() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'shut down' USING ERRCODE = 'admin_shutdown'; END $$`);
    await app.sql(`CREATE TRIGGER shut_down BEFORE UPDATE OF front_key ON enrollment_sessions
      FOR EACH ROW EXECUTE FUNCTION shut_down()`);
    const sent = await app.call('POST', `${api}/insurance-cards`, upload({ front: await picture() }), headers);
    await app.sql('DROP FUNCTION shut_down CASCADE');
    expect(sent.status).toBe(503);
    const key = String(await put.mock.results.at(-1)?.value);
    put.mockRestore();
    expect((await files.get(key)).length).toBeGreaterThan(0);
  });

  it('nobody made part of a coverage are swept away with their session', async () => {
    const { api } = await app.started();
    const headers = await app.session(api);
    await app.call('POST', `${api}/insurance-cards`, upload({ front: await picture() }), headers);
    const [kept] = await app.sql<{ key: string }>(
      'SELECT front_key AS key FROM enrollment_sessions WHERE front_key IS NOT NULL',
    );
    const files = app.get(FileStorage);
    expect((await files.get(kept?.key ?? '')).length).toBeGreaterThan(0);
    app.clock.advance(91 * 60_000);
    await app.get(Enrollments).sweep();
    await expect(files.get(kept?.key ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
    const ended = 'SELECT 1 FROM enrollment_sessions WHERE expires_at <= $1';
    expect(await app.sql(ended, [new Date(app.clock.now().getTime() - hourMs)])).toEqual([]);
  });
});

describe('a card the payer does not know', () => {
  const rejected = async () => {
    const { id, api } = await app.started();
    await complete(api);
    app.clock.advance(60_000);
    await app.sql(`UPDATE prescriptions SET state = 'adjudication_issue', state_since = $2 WHERE id = $1`, [
      id,
      app.clock.now(),
    ]);
    return id;
  };
  const ask = (id: string) =>
    app.get(EnrollmentWorker).checkCard({ prescriptionId: id }, { outboxId: newId(), attempt: 1, closed: false });
  const links = async (id: string) =>
    (await app.events(id)).filter(({ event }) => event === 'card_check_link_created').map(({ payload }) => payload);
  const checkOf = (id: string) =>
    app.db.tx(systemContext, async (tx) => {
      const { stateSince } = await app.get(Prescriptions).get(tx, id);
      return app.get(Coverages).cardCheck(tx, id, stateSince);
    });

  it('is checked by the patient on one link per reject, however often it is asked for', async () => {
    const id = await rejected();
    expect(await checkOf(id)).toBe('not-sent');
    await Promise.all([ask(id), ask(id)]);
    await ask(id);
    expect(await links(id)).toMatchObject([{ prescriptionId: id }]);
    expect(await checkOf(id)).toBe('with-patient');
    await complete(`/api/enrollment/${await app.tokenOf(id)}`);
    expect((await app.events(id)).map(({ event }) => event)).toContain('coverage_corrected');
    expect(await checkOf(id)).toBe('answered');
    await ask(id);
    expect(await links(id)).toHaveLength(1);
    app.clock.advance(60_000);
    await app.sql('UPDATE prescriptions SET state_since = $2 WHERE id = $1', [id, app.clock.now()]);
    await ask(id);
    expect(await links(id)).toHaveLength(2);
  });

  it.each([
    ['the platform', ask],
    [
      'operations',
      async (id: string) => {
        const authorization = await app.key();
        await app.call('POST', `/api/prescriptions/${id}/enrollment`, undefined, { authorization });
      },
    ],
  ])('is checked on the link of %s also when its clock is behind the one that rejected the claim', async (_, send) => {
    const id = await rejected();
    app.clock.advance(-50);
    await send(id);
    expect(await app.tokenOf(id)).toHaveLength(43);
    expect(await checkOf(id)).toBe('with-patient');
    app.clock.advance(50);
  });

  it('is not asked about when operations were faster, or the prescription has moved on', async () => {
    const id = await rejected();
    const authorization = await app.key();
    await app.call('POST', `/api/prescriptions/${id}/enrollment`, undefined, { authorization });
    await ask(id);
    const moved = await rejected();
    await app.sql(`UPDATE prescriptions SET state = 'pharmacy_selected' WHERE id = $1`, [moved]);
    await ask(moved);
    expect([await links(id), await links(moved)]).toEqual([[], []]);
  });

  it('is for operations again when the link ran out', async () => {
    const id = await rejected();
    await ask(id);
    app.clock.advance(73 * hourMs);
    expect(await checkOf(id)).toBe('lapsed');
    await ask(id);
    expect(await links(id)).toHaveLength(1);
  });
});

describe('the pages', () => {
  const form = (fields: Record<string, string>) => new URLSearchParams(fields);

  it('lead through the three steps without a script', async () => {
    const { id, page } = await app.started();
    const wrong = await app.call('POST', `${page}/identity`, form({ birthDate: '1980-02-29', zip: '10001' }));
    expect(wrong.status).toBe(403);
    expect(wrong.text).toContain('You can try 4 more times.');
    expect((await app.call('POST', `${page}/identity`, form({ birthDate: 'x' }))).status).toBe(422);
    const inside = await app.call('POST', `${page}/identity`, form(proof));
    expect([inside.status, inside.headers.get('location')]).toEqual([303, page]);
    const setCookie = inside.headers.get('set-cookie') ?? '';
    expect(setCookie).toMatch(/HttpOnly/i);
    expect(setCookie).toMatch(/SameSite=Strict/i);
    expect(setCookie).toContain(`Path=${page}`);
    const cookie = setCookie.split(';', 1)[0] ?? '';
    const second = await app.call('GET', page, undefined, { cookie });
    for (const name of ['bin', 'pcn', 'groupId', 'cardholderId', 'personCode', 'front', 'back']) {
      expect(second.text).toContain(`<label for="${name}">`);
    }
    expect(second.text).not.toContain('<script');
    const fields = { payer: 'insurance', bin: '61', cardholderId: card.cardholderId, government: 'no' };
    const bad = await app.call('POST', `${page}/coverage`, cardForm(fields, {}), { cookie });
    expect(bad.status).toBe(422);
    expect(bad.text).toContain('The BIN has six digits.');
    expect(bad.text).toContain('aria-invalid="true"');
    const notPicture = await app.call(
      'POST',
      `${page}/coverage`,
      cardForm({ ...fields, bin: card.bin }, { front: Buffer.from('x') }),
      { cookie },
    );
    expect(notPicture.status).toBe(415);
    expect(notPicture.text).toContain('role="alert"');
    const covered = await app.call(
      'POST',
      `${page}/coverage`,
      cardForm({ ...fields, bin: card.bin }, { front: await picture() }),
      { cookie },
    );
    expect([covered.status, covered.headers.get('location')]).toEqual([303, page]);
    const third = await app.call('GET', page, undefined, { cookie });
    expect(third.text).toContain('<label for="accepted">');
    expect(third.text).toContain('aria-current="step">3. Consent');
    expect((await app.call('POST', `${page}/complete`, form({ version: consent.version }), { cookie })).status).toBe(
      422,
    );
    const done = await app.call('POST', `${page}/complete`, form({ version: consent.version, accepted: 'yes' }), {
      cookie,
    });
    expect(done.status).toBe(303);
    expect(await app.state(id)).toBe('awaiting_routing');
    const tapped = await app.call('POST', `${page}/complete`, form({ version: consent.version, accepted: 'yes' }), {
      cookie,
    });
    expect([tapped.status, tapped.headers.get('location')]).toEqual([303, page]);
    expect((await app.call('GET', page, undefined, { cookie })).text).toContain('Thank you, all done');
    const stranger = await app.call('GET', page);
    expect([stranger.status, stranger.text.includes('All done')]).toEqual([410, true]);
  });

  it('say what became of a one-time code', async () => {
    const { id, page, api } = await app.started({ coverage: card });
    const inside = await app.call('POST', `${page}/identity`, form(proof));
    const cookie = (inside.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    const ask = (channel: string) => app.call('POST', `${page}/code`, form({ channel }), { cookie });
    const answer = (code: string) => app.call('POST', `${page}/code/verify`, form({ code }), { cookie });
    expect((await answer('123456')).text).toContain('That code is wrong or works no longer. Ask for a new one.');
    expect((await app.call('GET', `${page}?step=coverage`, undefined, { cookie })).text).not.toContain(
      'We sent a code',
    );

    const asked = await ask('email');
    expect([asked.status, asked.headers.get('location')]).toEqual([303, `${page}?step=coverage&sent=email`]);
    const told = await app.call('GET', asked.headers.get('location') ?? '', undefined, { cookie });
    expect(told.text).toContain(
      '<p role="status">We sent a code. If none comes within a minute, choose the other way, or call us.</p>',
    );
    const { payload } = (await app.events(id)).find(({ event }) => event === 'enrollment_code_requested') ?? {};
    const code = await app.db.tx(systemContext, (tx) => app.get(Enrollments).codeFor(tx, payload?.['codeId'] ?? ''));
    expect((await answer(code === '000000' ? '000001' : '000000')).text).toContain('You can try 4 more times.');

    const [owner] = await app.sql<{ patientId: string }>(
      'SELECT patient_id AS "patientId" FROM prescriptions WHERE id = $1',
      [id],
    );
    await app.call(
      'PATCH',
      `/api/patients/${owner?.patientId ?? ''}`,
      { phone: '555-0143' },
      { authorization: await app.key() },
    );
    const landline = await ask('sms');
    expect([landline.status, landline.text.includes('nothing on file to send a code to this way')]).toEqual([
      409,
      true,
    ]);
    expect((await app.call('POST', `${api}/code`, { channel: 'sms' })).json['code']).toBe(
      'enrollment.session-required',
    );
    // What could not be sent counts as no try.
    for (const status of [303, 303, 429]) expect((await ask('email')).status).toBe(status);
    expect((await ask('email')).text).toContain('You have tried too often. Wait ten minutes, or call us.');
  });

  it('refuse forms from other sites', async () => {
    const { page } = await app.started();
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
    ];
    for (const headers of foreign) {
      const answer = await app.call('POST', `${page}/identity`, form(proof), headers);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    const own = await app.call('POST', `${page}/identity`, form(proof), {
      'sec-fetch-site': 'same-origin',
      origin: 'null',
    });
    expect(own.status).toBe(303);
  });
});

function cardForm(fields: Record<string, string>, files: Record<string, Buffer>): FormData {
  const form = upload(files);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (files['front'] === undefined) form.append('front', new Blob([]), '');
  return form;
}
