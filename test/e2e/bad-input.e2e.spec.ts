import { gzipSync } from 'node:zlib';
import { newId } from '../../src/platform/ids/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { addressOf, multipart, readOperations, spoiled, type DocumentedOperation } from '../support/operations.js';
import { rowCounts } from '../support/rows.js';
import { twoOrganizations, type TwoOrganizations } from '../support/two-organizations.js';

interface Ask {
  address?: string;
  headers?: Record<string, string>;
  token?: string | undefined;
  payload?: string | Buffer;
}

const json = 'application/json';
const megabyte = 1024 * 1024;
/** Pages speak HTML to people, and SCRIPT intake SCRIPT to machines. */
const otherErrorTypes = /^(text\/html|application\/xml)/;

describe('bad input', () => {
  let app: TestApp;
  let all: DocumentedOperation[];
  let who: TwoOrganizations;
  let known: Record<string, number>;

  beforeAll(async () => {
    app = await startTestApp({ sandbox: false, env: { ROLES: 'api' } });
    who = await twoOrganizations(app);
    const document = await fetch(`${app.url}/docs-json`);
    all = readOperations((await document.json()) as Parameters<typeof readOperations>[0]);
    known = await rowCounts(app);
  });
  afterAll(() => app.stop());

  const send = async (operation: DocumentedOperation, { address, headers, token, payload }: Ask) => {
    const answer = await app.app.inject({
      method: operation.method,
      url: address ?? addressOf(operation.path, newId()),
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      ...(payload !== undefined && { payload }),
    });
    return { status: answer.statusCode, type: String(answer.headers['content-type'] ?? ''), text: answer.body };
  };

  /** What the answer does that no answer may do; empty when it is as documented. */
  const fault = async (operation: DocumentedOperation, ask: Ask): Promise<string[]> => {
    const { status, type, text } = await send(operation, ask);
    const now = await rowCounts(app);
    const changed = Object.keys(now).filter((table) => now[table] !== known[table]);
    known = now;
    if (status < 400) return [];
    const left = changed.map((table) => `answered ${status} and left rows in ${table}`);
    if (status >= 500) return [`answered ${status}`, ...left];
    if (otherErrorTypes.test(type))
      return [...left, ...(operation.path.startsWith('/api/intake') && !/<Error>/.test(text) ? ['no <Error>'] : [])];
    if (!type.startsWith('application/problem+json')) return [`answered ${status} as ${type}`, ...left];
    const { code } = JSON.parse(text) as { code: string };
    if (operation.codes.get(status)?.has(code) !== true)
      return [`answered ${status} ${code}, which is not documented`, ...left];
    return left;
  };

  const faultsOf = async (asks: readonly (readonly [DocumentedOperation, string, Ask])[]): Promise<string[]> => {
    const faults: string[] = [];
    for (const [operation, what, ask] of asks)
      for (const one of await fault(operation, ask)) faults.push(`${operation.name}, ${what}: ${one}`);
    return faults;
  };

  /** Signing out and leaving would end the walk. */
  const harmless = () => all.filter(({ path }) => !path.endsWith('/auth/logout'));
  const withBody = () => all.filter(({ bodies }) => Object.keys(bodies).length > 0);
  const withJson = () => withBody().filter(({ bodies }) => json in bodies);
  const exampleOf = (operation: DocumentedOperation) => JSON.stringify(operation.bodies[json] ?? {});

  it('is looked for in every operation of the documentation', () => {
    expect(all.length).toBeGreaterThan(60);
    expect(withJson().length).toBeGreaterThan(20);
  });

  it.each<[string, Omit<Ask, 'token'>]>([
    ['no body', {}],
    ['an empty body', { payload: '', headers: { 'content-type': json } }],
    ['malformed JSON', { payload: '{"a": [1,', headers: { 'content-type': json } }],
    ['a JSON text', { payload: '"text"', headers: { 'content-type': json } }],
    ['a JSON null', { payload: 'null', headers: { 'content-type': json } }],
    ['a JSON list', { payload: '[[]]', headers: { 'content-type': json } }],
    ['another content type', { payload: '<a/>', headers: { 'content-type': 'text/csv' } }],
    ['a content type that is none', { payload: 'x', headers: { 'content-type': ';;;' } }],
    ['multipart without a boundary', { payload: 'x', headers: { 'content-type': 'multipart/form-data' } }],
    ['unknown fields', { payload: '{"unheardOf":1}', headers: { 'content-type': json } }],
    ['a gzip body', { payload: gzipSync('{}'), headers: { 'content-type': json, 'content-encoding': 'gzip' } }],
    ['10 MB', { payload: Buffer.alloc(10 * megabyte, 32), headers: { 'content-type': json } }],
    ['__proto__', { payload: '{"__proto__":{"role":"admin"}}', headers: { 'content-type': json } }],
    ['constructor', { payload: '{"constructor":{"prototype":{"x":1}}}', headers: { 'content-type': json } }],
    ['nesting', { payload: `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, headers: { 'content-type': json } }],
    ['a NUL', { payload: '{"a":"\\u0000"}', headers: { 'content-type': json } }],
    ['broken UTF-8', { payload: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), headers: { 'content-type': json } }],
  ])('that is %s is refused as documented and leaves nothing', async (what, ask) => {
    const asked = ask.payload === undefined ? withBody() : harmless().filter(({ method }) => method !== 'GET');
    expect(await faultsOf(asked.map((operation) => [operation, what, { ...ask, token: who.admin }]))).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['an object', { a: 1 }],
    ['a list', [[]]],
    ['a number', -1.5],
    ['a long text', 'x'.repeat(5_000)],
    ['half a character', '\ud800@x.example'],
    ['a week', '2026-W05'],
    ['the year 0', '0000-01-01'],
    ['a list of the year 0', ['0000-01-01']],
    ['a year before all years', '-004800-01-01T00:00:00Z'],
    ['null', null],
  ])('that has %s in a documented field is answered as documented', async (what, wrong) => {
    const asks = withJson().flatMap((operation) =>
      spoiled(operation.bodies[json], wrong).map((body) => {
        const ask = { payload: JSON.stringify(body), headers: { 'content-type': json }, token: who.admin };
        return [operation, `${what}: ${JSON.stringify(body).slice(0, 300)}`, ask] as const;
      }),
    );
    expect(await faultsOf(asks)).toEqual([]);
  });

  it.each(['not-a-uuid', '1', '%2e%2e%2f', '%00', "'%20OR%201=1", '%F0%9F%98%80', '9'.repeat(500), '%ff'])(
    'as the id %s finds nothing',
    async (id) => {
      const asks = harmless()
        .filter(({ path }) => path.includes('{'))
        .map((operation) => {
          const ask = { address: addressOf(operation.path, id), token: who.admin, ...bodyFor(operation) };
          return [operation, id.slice(0, 20), ask] as const;
        });
      expect((await faultsOf(asks)).filter((one) => !unrouted(one))).toEqual([]);
    },
  );

  it('in the query is refused as documented', async () => {
    const years = ['-004800-01-01T00:00:00Z', '2026-W05'];
    const wrong = ['x'.repeat(3_000), '-1', '%00', '%F0%9F%98%80', '[]', '', ...years];
    const asks = all.flatMap((operation) =>
      ['unheardOf', ...operation.queries].flatMap((query) =>
        [...wrong.map((value) => `${query}=${value}`), `${query}[a]=1`, `${query}=1&${query}=2`].map((text) => {
          const address = `${addressOf(operation.path, newId())}?${text}`;
          const token = operation.permission === 'audit:read' ? who.auditor : who.admin;
          return [operation, text.slice(0, 40), { address, token }] as const;
        }),
      ),
    );
    expect(await faultsOf(asks.filter(([{ method }]) => method === 'GET'))).toEqual([]);
  });

  it('of multipart kind is refused as documented', async () => {
    const upload = all.filter(({ bodies }) => 'multipart/form-data' in bodies);
    const whole = multipart('b', [{ disposition: 'name="front"; filename="a.png"', content: 'not a picture' }]);
    const payloads: Record<string, Buffer> = {
      'a text that is no picture': whole,
      'a cut part': whole.subarray(0, whole.length - 20),
      'an unknown field': multipart('b', [{ disposition: 'name="x"; filename="a"', content: 'x' }]),
      'two fronts': multipart(
        'b',
        [0, 1].map(() => ({ disposition: 'name="front"; filename="a"', content: 'x' })),
      ),
      'a prototype': multipart('b', [{ disposition: 'name="__proto__"', content: 'x' }]),
      '9 MB': multipart('b', [{ disposition: 'name="front"; filename="a"', content: Buffer.alloc(9 * megabyte) }]),
      garbage: Buffer.from('garbage'),
    };
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const asks = upload.flatMap((operation) =>
      Object.entries(payloads).map(([what, payload]) => [operation, what, { payload, headers }] as const),
    );
    expect(asks.length).toBeGreaterThan(0);
    expect(await faultsOf(asks)).toEqual([]);
  });

  it('without a token is 401, with a role that may not 403', async () => {
    const guarded = harmless().filter(({ permission }) => permission !== undefined && permission !== 'account:read');
    for (const operation of guarded) {
      const ask = bodyFor(operation);
      const unknown = await send(operation, ask);
      expect([operation.name, unknown.status, codeIn(unknown.text)]).toEqual([operation.name, 401, 'auth.required']);
      if (operation.permission === 'audit:read') continue;
      const refused = await send(operation, { ...ask, token: who.auditor });
      expect([operation.name, refused.status, codeIn(refused.text)]).toEqual([operation.name, 403, 'auth.forbidden']);
    }
    expect(await rowCounts(app)).toEqual(known);
  });

  it('that is an id of another organization looks like an id that does not exist', async () => {
    const addressed = harmless().filter(({ path }) => who.owned.has(collectionOf(path)));
    expect(new Set(addressed.map(({ path }) => collectionOf(path))).size).toBe(who.owned.size);
    for (const operation of addressed) {
      const id = who.owned.get(collectionOf(operation.path)) ?? '';
      const ask = { ...bodyFor(operation), token: who.stranger };
      const theirs = await send(operation, { ...ask, address: addressFor(operation, id) });
      const nobodys = await send(operation, { ...ask, address: addressFor(operation, newId()) });
      expect([operation.name, theirs.status]).toEqual([operation.name, 404]);
      expect(withoutRequestId(theirs.text)).toEqual(withoutRequestId(nobodys.text));
    }
    expect(await rowCounts(app)).toEqual(known);
  });

  it('of 10 MB without a length is cut off on the wire', async () => {
    const chunk = Buffer.alloc(megabyte, 32);
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        for (let sent = 0; sent < 10; sent += 1) stream.enqueue(chunk);
        stream.close();
      },
    });
    const headers = { authorization: `Bearer ${who.admin}`, 'content-type': json };
    const answer = await fetch(`${app.url}/api/intake`, { method: 'POST', headers, body, duplex: 'half' });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([413, 'request.too-large']);
    expect(await rowCounts(app)).toEqual(known);
  });

  it.each(['<a', '<!DOCTYPE a [<!ENTITY b "c">]><Message>&b;</Message>', '', '<Message/>', 'x'.repeat(10 * megabyte)])(
    'as XML is answered with a SCRIPT Error',
    async (payload) => {
      const intake = all.find(({ name }) => name === 'POST /api/intake');
      if (intake === undefined) throw new Error('there is no intake');
      const ask = { payload, headers: { 'content-type': 'application/xml' }, token: who.admin };
      const answer = await send(intake, ask);
      expect(answer.status).toBeLessThan(500);
      if (payload !== '') expect(answer.type).toContain('xml');
      if (payload !== '') expect(answer.text).toMatch(/<Error>\s*<Code>(900|601)<\/Code>/);
      expect(await rowCounts(app)).toEqual(known);
    },
  );

  /** A valid body, so that nothing but what is tested is wrong. */
  function bodyFor(operation: DocumentedOperation): Ask {
    return json in operation.bodies ? { payload: exampleOf(operation), headers: { 'content-type': json } } : {};
  }
});

/** `/api/patients/reviews/{id}/resolve` shows `/api/patients/reviews`. */
function collectionOf(path: string): string {
  return path.slice(0, path.indexOf('/{'));
}

function addressFor({ path, neededQuery }: DocumentedOperation, id: string): string {
  const address = path.replace('{id}', id).replace('{side}', 'front');
  return `${addressOf(address, newId())}?${neededQuery}`;
}

/** Too long for the router, or no longer the same route: the framework's own refusal. */
function unrouted(fault: string): boolean {
  return /answered (404 request\.not-found|414 request\.malformed|400 request\.malformed)/.test(fault);
}

function codeIn(text: string): unknown {
  return (JSON.parse(text) as { code?: unknown }).code;
}

function withoutRequestId(text: string): unknown {
  const { requestId, ...rest } = JSON.parse(text) as Record<string, unknown>;
  expect(typeof requestId).toBe('string');
  return rest;
}
