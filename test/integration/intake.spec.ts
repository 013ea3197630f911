import { generate } from '../../src/demo/generate/index.js';
import { foldedIntake } from '../../src/modules/intake/intake.sql.js';
import { IntakeStore, type NewPrescription } from '../../src/modules/intake/intake.store.js';
import type { Principal } from '../../src/modules/auth/index.js';
import { Prescriptions } from '../../src/modules/prescriptions/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { fixture, itWithFixtures } from '../conformance/fixtures.js';
import { startDoorApp, type DoorApp } from '../support/door-app.js';

const tables = [
  'intake_messages',
  'healthcare_tickets',
  'prescriptions',
  'prescription_versions',
  'prescription_status_events',
  'outbox_events',
];

const auditEntry = 'SELECT outcome, actor_kind AS kind, request_id AS request FROM audit_entries';

describe('intake', () => {
  let doors: DoorApp;
  let key: string;

  beforeAll(async () => {
    doors = await startDoorApp();
    key = await doors.key();
  });
  afterAll(async () => {
    await doors.stop();
  });

  const post = (body: string, contentType: string, headers: Record<string, string> = {}) =>
    doors.app.inject({
      method: 'POST',
      url: '/api/intake',
      headers: { authorization: key, 'content-type': contentType, ...headers },
      payload: body,
    });
  const orders = (count: number, format: 'json' | 'fhir' | 'script-2017071' | 'script-2023011', seed = 7) =>
    [...generate({ count, seed, defects: 0, date: '2026-11-20', formats: [format] })].map(({ body }) => body);
  const one = (format: Parameters<typeof orders>[1], seed = 7) => orders(1, format, seed)[0] ?? '';
  const rows = async () => {
    const counts = await Promise.all(
      tables.map((table) => doors.sql<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)),
    );
    return counts.map(([row]) => row?.n);
  };
  const codeOf = (xml: string) => /<Code>(\d+)<\/Code>/.exec(xml)?.[1];

  it('reads no ticket for messages that open their own: how many there are makes no difference', async () => {
    const plan = await doors.sql<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${foldedIntake.text}`);
    const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(lines).toContain('Insert on healthcare_tickets');
    expect(lines).not.toMatch(/(Scan|Update) .*on healthcare_tickets/);
  });

  it('folds 32 parallel messages with repeats into one row each and answers repeats with the first answer', async () => {
    const before = await rows();
    const messages = orders(16, 'script-2017071', 11);
    const answers = await Promise.all([...messages, ...messages].map((body) => post(body, 'application/xml')));
    expect(answers.map((answer) => answer.statusCode)).toEqual(Array(32).fill(200));
    expect(answers.map((answer) => codeOf(answer.body))).toEqual(Array(32).fill('010'));
    for (let index = 0; index < 16; index += 1) expect(answers[index]?.body).toBe(answers[index + 16]?.body);
    const after = await rows();
    expect(after.slice(0, 5)).toEqual(before.slice(0, 5).map((count) => (count ?? 0) + 16));
  });

  it('records who was refused, and in which request', async () => {
    const answer = await post(one('json', 24), 'application/json', {
      authorization: await doors.key({ scopes: ['tickets:read'] }),
    });
    expect(answer.statusCode).toBe(403);
    const request = answer.headers['x-request-id'];
    const [entry] = await doors.sql(`${auditEntry} WHERE request_id = $1`, [request]);
    expect(entry).toEqual({ outcome: 'denied', kind: 'api-key', request });
  });

  it.each(['json', 'fhir', 'script-2023011'] as const)(
    'records who sent a prescription as %s, once',
    async (format) => {
      const type = { json: 'application/json', fhir: 'application/fhir+json', 'script-2023011': 'application/xml' }[
        format
      ];
      const body = one(format, 26);
      const headers = { 'idempotency-key': newId() };
      const [first, again] = [await post(body, type, headers), await post(body, type, headers)];
      expect(again.body).toBe(first.body);
      const [prescription] = await doors.sql<{ id: string }>('SELECT id FROM prescriptions ORDER BY id DESC LIMIT 1');
      const entries = await doors.sql(
        `SELECT action, entity, outcome, reason, actor_kind AS kind, actor_role AS role, request_id AS request
       FROM audit_entries WHERE entity_ids @> ARRAY[$1::uuid]`,
        [prescription?.id],
      );
      const request = first.headers['x-request-id'];
      const said = { action: 'write', entity: 'prescription', outcome: 'success', reason: 'receive' };
      expect(entries).toEqual([{ ...said, kind: 'api-key', role: 'integrator', request }]);
    },
  );

  it('keeps with the order when a SCRIPT message was sent', async () => {
    const body = one('script-2023011', 27);
    const sent = /SentTime>([^<]+)</.exec(body)?.[1] ?? '';
    expect(codeOf((await post(body, 'application/xml')).body)).toBe('010');
    const [row] = await doors.sql<{ id: string }>('SELECT id FROM prescriptions ORDER BY id DESC LIMIT 1');
    const order = await doors
      .get(Database)
      .tx(systemContext, (tx) => doors.get(Prescriptions).order(tx, row?.id ?? ''));
    expect(order.sentAt).toBe(new Date(sent).toISOString());
  });

  it('keeps how fast the parcel is to travel', async () => {
    const levels = await Promise.all(
      [{}, { serviceLevel: 'expedited' }].map(async (wish) => {
        const body = JSON.stringify({ ...(JSON.parse(one('json', 23)) as object), ...wish });
        const { id } = (await post(body, 'application/json')).json<{ id: string }>();
        const [row] = await doors.sql<{ level: string }>(
          'SELECT service_level AS level FROM prescriptions WHERE id = $1',
          [id],
        );
        return row?.level;
      }),
    );
    expect(levels).toEqual(['standard', 'expedited']);
    const wrong = JSON.stringify({ ...(JSON.parse(one('json', 23)) as object), serviceLevel: 'drone' });
    expect((await post(wrong, 'application/json')).json()).toMatchObject({ code: 'intake.order-invalid' });
  });

  it('says in its answer when it had to guess the version of a message', async () => {
    const [named, unnamed] = [
      one('script-2017071', 24),
      one('script-2017071', 25).replace(/ TransactionVersion="\d+"/, ''),
    ];
    expect((await post(named, 'application/xml')).body).not.toContain('<Description>');
    expect((await post(unnamed, 'application/xml')).body).toMatch(/<Code>010<.*names no SCRIPT version/);
  });

  it('writes message, ticket, prescription, version, event and outbox row of one prescription together', async () => {
    const answer = await post(one('json', 21), 'application/json');
    expect(answer.statusCode).toBe(202);
    const { id, status, ticketId } = answer.json<{ id: string; status: string; ticketId: string }>();
    expect(status).toBe('received');
    const [prescription] = await doors.sql(
      `SELECT p.state, p.path, p.version, p.source, t.status AS ticket, t.prescription_id, e.action, e.trigger, e.version AS event_version,
         o.event, o.payload FROM prescriptions p JOIN healthcare_tickets t ON t.id = p.ticket_id
       JOIN prescription_versions v ON v.prescription_id = p.id JOIN prescription_status_events e ON e.prescription_id = p.id
       JOIN outbox_events o ON o.aggregate_id = p.id WHERE p.id = $1 AND t.id = $2`,
      [id, ticketId],
    );
    expect(prescription).toEqual({
      state: 'received',
      path: 'full',
      version: 1,
      source: 'json',
      ticket: 'created',
      prescription_id: id,
      action: 'receive',
      trigger: 'user',
      event_version: 1,
      event: 'intake_received',
      payload: { prescriptionId: id, state: 'received' },
    });
  });

  it('takes the path of the body, else of the organization', async () => {
    const organizationId = await doors.organization({ default_path: 'cash' });
    const foreign = await doors.key({ organizationId });
    const body = JSON.parse(one('json', 22)) as Record<string, unknown>;
    const given = await post(JSON.stringify({ ...body, path: 'direct' }), 'application/json', {
      authorization: foreign,
    });
    const left = await post(JSON.stringify(body), 'application/json', { authorization: foreign });
    const pathOf = async (id: string) =>
      (await doors.sql<{ path: string }>('SELECT path FROM prescriptions WHERE id = $1', [id]))[0]?.path;
    expect(await pathOf(given.json<{ id: string }>().id)).toBe('direct');
    expect(await pathOf(left.json<{ id: string }>().id)).toBe('cash');
  });

  it('stores neither the original nor the order nor the answer in the clear', async () => {
    await post(one('json', 23), 'application/json');
    const { patient } = JSON.parse(one('json', 23)) as { patient: { lastName: string } };
    const [found] = await doors.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM intake_messages m JOIN prescription_versions v USING (prescription_id)
       WHERE position($1::bytea IN m.raw_sealed) > 0 OR position($1::bytea IN v.order_sealed) > 0
         OR position('"received"'::bytea IN m.answer_sealed) > 0`,
      [Buffer.from(patient.lastName)],
    );
    expect(found?.n).toBe(0);
  });

  it('lets one message that cannot be stored fail alone, not the batch it came in', async () => {
    const principal: Principal = {
      ...{ kind: 'user', id: newId(), role: 'doctor', organizationId: doors.organizationId, permissions: new Set() },
    };
    const message = (organizationId: string): NewPrescription => ({
      ...{ id: newId(), eventId: newId(), prescriptionId: newId(), ticketId: newId(), organizationId, format: 'json' },
      ...{ sender: 'user:test', dedupeKey: newId(), raw: Buffer.from('{}'), contentType: 'application/json' },
      ...{ order: { patient: {}, prescriber: {}, medication: {} }, principal, receivedAt: new Date() },
      answer: { status: 202, contentType: 'application/json', body: '{}' },
    });
    const store = doors.get(IntakeStore);
    const batch = [doors.organizationId, 'no organization', doors.organizationId].map(message);
    const results = await Promise.allSettled(batch.map((intake) => store.receive(intake)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const kept = await doors.sql('SELECT 1 FROM prescriptions WHERE id = ANY($1)', [
      batch.map((intake) => intake.prescriptionId),
    ]);
    expect(kept).toHaveLength(2);
  });

  describe('Idempotency-Key', () => {
    const idempotent = (value: string) => ({ 'idempotency-key': value });

    it('answers the same body with the stored answer', async () => {
      const wanted = idempotent(newId());
      const first = await post(one('json', 31), 'application/json', wanted);
      const second = await post(one('json', 31), 'application/json', wanted);
      expect(second.statusCode).toBe(202);
      expect(second.body).toBe(first.body);
      expect(second.headers['idempotent-replayed']).toBe('true');
      expect(first.headers['idempotent-replayed']).toBeUndefined();
    });

    it('refuses another body under the same key', async () => {
      const wanted = idempotent(newId());
      await post(one('fhir', 32), 'application/fhir+json', wanted);
      const other = await post(one('fhir', 33), 'application/fhir+json', wanted);
      expect(other.statusCode).toBe(422);
      expect(other.json<{ code: string }>().code).toBe('idempotency.key-reused');
    });

    it('belongs to the caller: another key holder may use the same one', async () => {
      const wanted = idempotent('order-1');
      const first = await post(one('json', 34), 'application/json', wanted);
      const other = await post(one('json', 34), 'application/json', { ...wanted, authorization: await doors.key() });
      expect(other.statusCode).toBe(202);
      expect(other.body).not.toBe(first.body);
    });

    it('may be missing: then the same body is a second prescription', async () => {
      const first = await post(one('json', 35), 'application/json');
      const second = await post(one('json', 35), 'application/json');
      expect(second.body).not.toBe(first.body);
    });

    it('refuses a key no header should hold', async () => {
      const answer = await post(one('json', 36), 'application/json', idempotent('x'.repeat(256)));
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'idempotency.key-invalid']);
    });
  });

  describe('SCRIPT', () => {
    it('refuses another message under a known MessageID with Error 900 and an audit entry', async () => {
      const body = one('script-2017071', 41);
      await post(body, 'application/xml');
      const other = await post(body.replace(/<DaysSupply>\d+/, '<DaysSupply>1'), 'text/xml; charset=utf-8');
      expect([other.statusCode, codeOf(other.body)]).toEqual([200, '900']);
      const [entry] = await doors.sql(`${auditEntry} WHERE reason = 'intake.message-id-reused'`);
      expect(entry).toEqual({ outcome: 'denied', kind: 'api-key', request: other.headers['x-request-id'] });
    });

    itWithFixtures.each([
      'cosyte/newrx-basic',
      'cosyte/newrx-no-version',
      'weno/newrx_adult_golden',
      'wire-20170715/newrx_schedule2',
    ])('accepts the published message %s with Status 010 and repeats its answer byte for byte', async (name) => {
      const body = fixture(`ncpdp-script/${name}.xml`).toString('utf8');
      const first = await post(body, 'application/xml');
      expect([first.statusCode, codeOf(first.body)]).toEqual([200, '010']);
      expect((await post(body, 'application/xml')).body).toBe(first.body);
    });

    it.each([
      [
        'a transaction it does not do',
        '<Message version="2017071"><Header><MessageID>1</MessageID></Header><Body><RxRenewalRequest/></Body></Message>',
      ],
      [
        'an unsupported version',
        '<Message version="10.6"><Header><MessageID>2</MessageID></Header><Body><NewRx/></Body></Message>',
      ],
      ['no XML at all', 'hello'],
      ['an external entity', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Message>&b;</Message>'],
      ['a message without body', '<Message version="2017071"><Header/></Message>'],
      ['an empty body', ''],
    ])('answers %s with HTTP 200 and Error 900, and stores nothing', async (_, body) => {
      const before = await rows();
      const answer = await post(body, 'application/xml');
      expect([answer.statusCode, codeOf(answer.body)]).toEqual([200, '900']);
      expect(answer.headers['content-type']).toContain('application/xml');
      expect(await rows()).toEqual(before);
    });

    it('answers 413 and 415 with an Error 900 body', async () => {
      const large = await post(`<a>${'x'.repeat(600_000)}</a>`, 'application/xml');
      expect([large.statusCode, codeOf(large.body)]).toEqual([413, '900']);
      const zipped = await post('<a/>', 'application/xml', { 'content-encoding': 'gzip' });
      expect([zipped.statusCode, codeOf(zipped.body)]).toEqual([415, '900']);
      const soap = await post('<a/>', 'application/soap+xml');
      expect([soap.statusCode, codeOf(soap.body)]).toEqual([415, '900']);
    });

    it('leaves a missing sign-in as problem+json', async () => {
      const answer = await post(one('script-2017071', 42), 'application/xml', { authorization: 'Bearer phk_nobody' });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    });
  });

  it('answers a FHIR body that is no order with problem+json', async () => {
    const answer = await post('{"resourceType":"Patient"}', 'application/fhir+json');
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'intake.fhir-not-a-resource']);
  });

  it('names every field of an order it cannot read, without values', async () => {
    const answer = await post(
      '{"patient":{"lastName":5},"medication":{"sig":"SECRET","colour":"red"}}',
      'application/json',
    );
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('SECRET');
    const { errors } = answer.json<{ errors: { pointer: string }[] }>();
    expect(errors.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/patient/lastName', '/medication/colour', '/prescriber']),
    );
  });

  it('keeps an order whose written date nobody can read', async () => {
    const body = { ...(JSON.parse(one('json', 51)) as object), writtenDate: '0000-01-01' };
    expect((await post(JSON.stringify(body), 'application/json')).statusCode).toBe(202);
  });

  describe('the original', () => {
    const original = (id: string, authorization: string) =>
      doors.app.inject({ url: `/api/prescriptions/${id}/original`, headers: { authorization } });

    it('comes back byte for byte in its own content type, for ops, with an audit entry', async () => {
      const body = ` ${one('json', 61)}\n`;
      const { id } = (await post(body, 'application/json; charset=utf-8')).json<{ id: string }>();
      const answer = await original(id, await doors.user('ops'));
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toBe(body);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      const entries = await doors.sql(
        `SELECT 1 FROM audit_entries WHERE reason = 'original' AND entity_ids = ARRAY[$1::uuid]`,
        [id],
      );
      expect(entries).toHaveLength(1);
    });

    it('is refused to API keys and not there for other organizations', async () => {
      const { id } = (await post(one('json', 62), 'application/json')).json<{ id: string }>();
      expect((await original(id, key)).statusCode).toBe(403);
      const elsewhere = await doors.user('ops', { organizationId: await doors.organization() });
      expect((await original(id, elsewhere)).statusCode).toBe(404);
    });
  });
});

describe('intake while the database is gone', () => {
  it('tells SCRIPT senders to come back with Error 602, others with problem+json, and recovers without a restart', async () => {
    const doors = await startDoorApp();
    try {
      const authorization = await doors.key();
      const [script, json] = ['script-2017071', 'json'].map(
        (format) =>
          [...generate({ count: 1, seed: 3, defects: 0, date: '2026-11-20', formats: [format as 'json'] })][0]?.body ??
          '',
      );
      const post = (payload: string | undefined, type: string) =>
        doors.app.inject({
          method: 'POST',
          url: '/api/intake',
          headers: { authorization, 'content-type': type },
          payload: payload ?? '',
        });
      const [{ name } = { name: '' }] = await doors.sql<{ name: string }>('SELECT current_database() AS name');
      expect((await post('{}', 'application/json')).statusCode).toBe(400);
      await doors.sql(`ALTER DATABASE ${name} CONNECTION LIMIT 0`);
      // The key is known for three seconds from here on.
      expect((await post('{}', 'application/json')).statusCode).toBe(400);
      await doors.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename <> current_user`,
        [name],
      );
      const late = await post(script, 'application/xml');
      expect([late.statusCode, late.headers['retry-after']]).toEqual([503, '2']);
      expect(late.body).toContain('<Code>602</Code>');
      expect(late.body).toContain('<RelatesToMessageID>');
      const problem = await post(json, 'application/json');
      expect([problem.statusCode, problem.json<{ code: string }>().code]).toEqual([503, 'service.unavailable']);
      await doors.sql(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
      expect((await post(script, 'application/xml')).body).toContain('<Code>010</Code>');
    } finally {
      await doors.stop();
    }
  });
});
