import { Redis } from 'ioredis';
import { encode, sendingDay } from '../../src/demo/generate/index.js';
import type { PrescriptionOrder } from '../../src/modules/prescriptions/order/index.js';
import { fateOf } from '../../src/demo/fates/index.js';
import { Story } from '../../src/demo/story.js';
import { startStage, type TestStage } from '../support/stage.js';

const person = {
  firstName: 'Zebulonia',
  lastName: 'Quixworthy',
  birthDate: '1971-03-09',
  phone: '+12125550187',
  email: 'zeb.quixworthy@patients.example',
  line1: '4711 Wobbleford Lane',
};
const note = 'Remember the hydrangea incident';
const token = /\/(?:enroll|t)\/([\w-]{20,})/;

/** Follows one patient from intake to the chosen pharmacy, with a few people typing nonsense beside it. */
describe('what nobody may read', () => {
  let stage: TestStage;
  let story: Story;
  const lines: string[] = [];
  let secrets: Record<string, string>;

  const send = (path: string, init: { method?: string; body?: string } = {}, type?: string) =>
    fetch(`${stage.app.url}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${stage.token}`,
        'x-request-id': 'spec-request-1',
        ...(type !== undefined && { 'content-type': type }),
      },
    });
  const post = (path: string, body: string, type = 'application/json') => send(path, { method: 'POST', body }, type);

  const orderOf = (): PrescriptionOrder => {
    const order = fateOf('platform label').order(stage.orders);
    const { line1, ...named } = person;
    const address = { ...order.patient.address, line1 };
    return { ...order, note, patient: { ...order.patient, ...named, address } };
  };

  /** Names of what was found; nothing when all is well. */
  const leaksIn = (text: string): string[] =>
    Object.entries(secrets)
      .filter(([, value]) => text.toLowerCase().includes(value.toLowerCase()))
      .map(([name]) => name);

  beforeAll(async () => {
    stage = await startStage({ logTo: { write: (line) => void lines.push(line) } });
    await stage.app.sql(`SELECT setval('rx_numbers', 7734512900)`); // unlike any other number
    await keepQueuedJobs();
    const order = orderOf();
    story = new Story(stage, order);
    await story.send({ format: 'json' });
    const link = await story.patient.enrollmentPage();
    await fetch(link);
    await story.patient.enroll({
      bin: '610011',
      pcn: 'DEMO',
      groupId: 'GROUPWOBBLE',
      cardholderId: 'CARDQX99881',
      relationship: '1',
      payerName: 'Wobble Health Plan',
    });
    await story.choose('Harbor Pharmacy');
    await story.pay();
    await story.reached('completed');

    // The same data where it does not belong, and where it is refused.
    for (const format of ['script-2017071', 'script-2023011', 'fhir'] as const) {
      const { body, contentType } = encode(order, format, sendingDay());
      await post('/api/intake', body, contentType);
      await post('/api/intake', body.slice(0, -40), contentType);
    }
    const wrong = {
      ...order,
      messageId: 'wrong',
      medication: { ...order.medication, ndc: '123' },
      writtenDate: 'never',
    };
    await post('/api/intake', JSON.stringify(wrong));
    await post('/api/intake', JSON.stringify({ ...order, messageId: 'other', writtenDate: '1999-01-01' }));
    await post('/api/patients', JSON.stringify({ ...person, unheardOf: person.lastName }));
    await post('/api/auth/login', JSON.stringify({ email: person.email, password: person.lastName }));
    await post('/api/webhooks/shippo', JSON.stringify({ name: person.lastName }));
    await send(`/api/patients?email=${encodeURIComponent(person.email)}&name=${person.lastName}`);
    await send(`/api/nowhere/${person.lastName}?birthDate=${person.birthDate}`);
    await send(`/t/${person.lastName}`);
    await send(`/%/${person.lastName}`);

    const [row] = await stage.app.sql<{ rx: string }>('SELECT rx_number::text AS rx FROM prescriptions WHERE id = $1', [
      story.id,
    ]);
    secrets = {
      ...person,
      birthDateAsNumber: person.birthDate.replaceAll('-', ''),
      phoneDigits: person.phone.slice(2),
      note,
      drug: 'lisinopril',
      sig: String(order.medication.sig),
      cardholder: 'CARDQX99881',
      group: 'GROUPWOBBLE',
      externalId: String(order.patient.externalId),
      enrollmentToken: token.exec(link)?.[1] ?? '',
      trackingToken: token.exec(await story.patient.trackingPage())?.[1] ?? '',
      accessToken: stage.token,
      rxNumber: row?.rx ?? '',
    };
  });
  afterAll(async () => {
    story.end();
    await stage.stop();
  });

  it('is something in every case', () => {
    for (const [name, value] of Object.entries(secrets)) expect([name, value.length > 3]).toEqual([name, true]);
    expect(lines.length).toBeGreaterThan(50);
  });

  it('is in no log line, and neither is an address somebody asked for', () => {
    expect(lines.filter((line) => leaksIn(line).length > 0)).toEqual([]);
    const requests = lines.filter((line) => line.includes('"msg":"request"'));
    expect(requests.filter((line) => /\/enroll\/(?!:token)|[?]/.test(line))).toEqual([]);
  });

  it('is not needed to find a request: every line of one has its id', () => {
    const requests = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');
    expect(requests.every(({ requestId }) => typeof requestId === 'string')).toBe(true);
    expect(requests.some(({ requestId }) => requestId === 'spec-request-1')).toBe(true);
  });

  it('is not in the metrics', async () => {
    const metrics = await (await fetch(`${stage.app.url}/metrics`)).text();
    expect(metrics).toContain('pharmonico_');
    expect(leaksIn(metrics)).toEqual([]);
    expect(metrics).not.toContain(story.id);
  });

  it.each([
    'outbox_events',
    'effects',
    'dead_letters',
    'webhook_events',
    'audit_entries',
    'idempotency_keys',
    'rate_limits',
  ])('is not in the table %s', async (table) => {
    const rows = await stage.app.sql<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
    expect(rows.filter(({ row }) => leaksIn(row).length > 0)).toEqual([]);
  });

  it('is not in the queue', async () => {
    const url = process.env.PHARMONICO_TEST_REDIS_URL;
    const rows = await (url === undefined ? rowsOfPostgresQueue() : rowsOfRedisQueue(url));
    expect(rows.some((row) => row.includes(story.id))).toBe(true);
    expect(rows.filter((row) => leaksIn(row).length > 0)).toEqual([]);
  });

  /** Done jobs leave the queue in PostgreSQL at once: what was ever in it is written down beside it. */
  async function keepQueuedJobs(): Promise<void> {
    await stage.app.sql(`
      CREATE TABLE bullmq.seen_jobs (row text);
      CREATE FUNCTION bullmq.note_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN INSERT INTO bullmq.seen_jobs VALUES (NEW::text); RETURN NULL; END $$;
      CREATE TRIGGER note_job AFTER INSERT OR UPDATE ON bullmq.job FOR EACH ROW EXECUTE FUNCTION bullmq.note_job()`);
  }

  async function rowsOfPostgresQueue(): Promise<string[]> {
    const tables = await stage.app.sql<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'bullmq'`,
    );
    const rows = tables.map(({ name }) =>
      stage.app.sql<{ row: string }>(`SELECT t::text AS row FROM bullmq.${name} t`),
    );
    return (await Promise.all(rows)).flat().map(({ row }) => row);
  }

  /** Jobs are hashes. */
  async function rowsOfRedisQueue(url: string): Promise<string[]> {
    const redis = new Redis(url);
    try {
      const rows: string[] = [];
      for (const key of await redis.keys(`${stage.app.database.name}:*`))
        if ((await redis.type(key)) === 'hash') rows.push(JSON.stringify(await redis.hgetall(key)));
      return rows;
    } finally {
      redis.disconnect();
    }
  }
});
