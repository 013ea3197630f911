import fc from 'fast-check';
import { generate } from '../../src/demo/generate/index.js';
import { startDoorApp, type DoorApp } from '../support/door-app.js';

/** Bounded: the whole file stays within a few seconds. */
const runs = { numRuns: 150 };

const valid = [...generate({ count: 12, seed: 99, defects: 0.5, date: '2026-11-20' })];

describe('intake, whatever comes in,', () => {
  let doors: DoorApp;
  let key: string;

  beforeAll(async () => {
    doors = await startDoorApp();
    key = await doors.key();
  });
  afterAll(async () => {
    await doors.stop();
  });

  const post = async (payload: string | Buffer, contentType: string, headers: Record<string, string> = {}) => {
    const answer = await doors.app.inject({
      method: 'POST',
      url: '/api/intake',
      headers: { authorization: key, 'content-type': contentType, ...headers },
      payload,
    });
    return answer.statusCode;
  };

  const contentTypes = fc.constantFrom(
    'application/json',
    'application/fhir+json',
    'application/xml',
    'text/xml; charset=iso-8859-1',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'nonsense',
  );

  it('never answers 5xx to bytes', async () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
    await fc.assert(
      fc.asyncProperty(bytes, contentTypes, async (body, type) => (await post(body, type)) < 500),
      runs,
    );
  });

  it('never answers 5xx to JSON of any shape', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 6 }), fc.boolean(), async (body, fhir) => {
        return (await post(body, fhir ? 'application/fhir+json' : 'application/json')) < 500;
      }),
      runs,
    );
  });

  it('never answers 5xx to orders with anything in any field', async () => {
    const anything = fc.oneof(
      fc.constantFrom(
        null,
        '',
        ' ',
        '\u0000',
        '\ud800',
        -1,
        1e308,
        0.1,
        '9'.repeat(200),
        '0000-00-00',
        '9999-99-99',
        [],
        {},
        true,
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.double(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    const orders = valid.filter(({ format }) => format === 'json').map(({ body }) => JSON.parse(body) as object);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...orders),
        fc.constantFrom(
          'patient',
          'prescriber',
          'medication',
          'coverage',
          'writtenDate',
          'messageId',
          'note',
          'metadata',
          'path',
        ),
        fc.constantFrom(
          'firstName',
          'birthDate',
          'quantity',
          'refills',
          'daysSupply',
          'ndc',
          'description',
          'schedule',
          '',
        ),
        anything,
        async (order, part, field, value) => {
          const before = (order as Record<string, unknown>)[part];
          const inner =
            typeof before === 'object' && before !== null && field !== '' ? { ...before, [field]: value } : value;
          return (await post(JSON.stringify({ ...order, [part]: inner }), 'application/json')) < 500;
        },
      ),
      runs,
    );
  });

  it('never answers 5xx to a message that was cut, doubled or scratched', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...valid),
        fc.nat(20_000),
        fc.nat(300),
        fc.string({ unit: 'binary', maxLength: 12 }),
        async ({ body, contentType }, at, length, insert) => {
          const start = at % body.length;
          const scratched = body.slice(0, start) + insert + body.slice(start + length);
          return (await post(scratched, contentType)) < 500;
        },
      ),
      runs,
    );
  });

  it('never answers 5xx to any Idempotency-Key', async () => {
    const body = valid.find(({ format }) => format === 'json')?.body ?? '';
    const keys = fc.string({
      unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
      maxLength: 300,
    });
    await fc.assert(
      fc.asyncProperty(
        keys,
        async (value) => (await post(body, 'application/json', { 'idempotency-key': value })) < 500,
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['nested objects', (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
    ['nested lists', (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`],
    ['nesting in metadata', (depth: number) => `{"metadata":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`],
    [
      'nesting with an escaped null',
      (depth: number) => `{"metadata":${'{"a":'.repeat(depth)}"\\u0000"${'}'.repeat(depth)}}`,
    ],
  ])('never answers 5xx to %s', async (_, build) => {
    for (const type of ['application/json', 'application/fhir+json'])
      expect(await post(build(60_000), type)).toBeLessThan(500);
  });

  it.each([
    ['an attribute bomb', `<Message ${Array.from({ length: 20_000 }, (_, index) => `a${index}="x"`).join(' ')}/>`],
    ['deep elements', '<a>'.repeat(50_000)],
    ['entity references', `<Message>${'&lt;'.repeat(50_000)}</Message>`],
    ['a wrapped wrapper', '<string>&lt;string&gt;&amp;lt;Message/&amp;gt;&lt;/string&gt;</string>'],
    ['names of prototypes', '<Message><__proto__><constructor/></__proto__></Message>'],
  ])('never answers 5xx to %s', async (_, body) => {
    expect(await post(body, 'application/xml')).toBeLessThan(500);
  });
});
