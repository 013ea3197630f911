import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openApiDocument } from '../../src/openapi-document.js';
import { openApiProblems } from '../support/openapi-problems.js';

describe('the OpenAPI document', () => {
  let document: Awaited<ReturnType<typeof openApiDocument>>;

  beforeAll(async () => {
    document = await openApiDocument();
  });

  it('has a summary, worked examples and error examples on every operation', () => {
    expect(openApiProblems(document)).toEqual([]);
  });

  it('fills nothing in that may be left out, and says an example instead', () => {
    const parameters = document.paths['/api/prescriptions']?.get?.parameters ?? [];
    expect(parameters).not.toEqual([]);
    expect(parameters).not.toContainEqual(expect.objectContaining({ example: expect.anything() as unknown }));
    expect(JSON.stringify(parameters)).toContain('For example `');
  });

  it('describes XML as documents with a root: Swagger UI puts a tag of its own around texts', () => {
    const bodies = Object.values(document.paths)
      .flatMap(({ get, post }) => [get, post])
      .flatMap((operation) => [operation?.requestBody, ...Object.values(operation?.responses ?? {})])
      .flatMap((body) => (body !== undefined && 'content' in body ? Object.entries(body.content ?? {}) : []))
      .filter(([type]) => type.endsWith('xml'))
      .map(([, media]) => media);
    expect(bodies.length).toBeGreaterThan(3);
    for (const { schema, example, examples } of bodies) {
      expect(schema).toEqual({ type: 'object', xml: { name: expect.stringMatching(/./) as unknown } });
      const { name } = (schema as { xml: { name: string } }).xml;
      const shown = Object.values(examples ?? {}).map((one) => ('value' in one ? (one.value as unknown) : undefined));
      for (const text of example === undefined ? shown : [example]) expect(text).toContain(`</${name}>`);
    }
  });

  it('shows each error in the format the route sends it in', () => {
    const formatsOf = (path: string, method: 'get' | 'post', status: string) => {
      const answer = document.paths[path]?.[method]?.responses[status];
      return answer !== undefined && 'content' in answer ? Object.keys(answer.content ?? {}) : [];
    };
    expect(formatsOf('/t/{token}', 'get', '404')).toEqual(['text/html']);
    expect(formatsOf('/t/{token}', 'get', '429')).toEqual(['text/html']);
    expect(formatsOf('/api/intake', 'post', '400')).toEqual(['application/problem+json', 'application/xml']);
    expect(formatsOf('/api/intake', 'post', '401')).toEqual(['application/problem+json']);
    expect(formatsOf('/api/health/ready', 'get', '503')).toContain('application/json');
    expect(formatsOf('/api/orders', 'get', '403')).toEqual(['application/problem+json']);
  });

  it('shows whole pages, and is the same each time it is made', async () => {
    const pages = Object.values(document.paths)
      .flatMap(({ get }) => Object.values(get?.responses ?? {}))
      .flatMap((answer) => (answer !== undefined && 'content' in answer ? [answer.content['text/html']] : []))
      .flatMap((page) => (page?.example === undefined ? [] : [page.example as string]));
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) expect(page).toMatch(/^<!doctype html>[^]+<h1>[^<]+<\/h1>[^]+<\/html>\s*$/);
    expect(JSON.stringify(await openApiDocument())).toBe(JSON.stringify(document));
  });

  it('introduces each area it uses, and no other', () => {
    const used = Object.values(document.paths).flatMap((item) =>
      [item.get, item.post, item.put, item.patch, item.delete].flatMap((operation) => operation?.tags ?? []),
    );
    expect(new Set(document.tags?.map(({ name }) => name))).toEqual(new Set(used));
  });

  it('shows every field as what it is: a type the decorators cannot see is said to be an object', () => {
    const fields = Object.entries(document.components?.schemas ?? {}).flatMap(([name, schema]) =>
      Object.entries('properties' in schema ? (schema.properties ?? {}) : {}).map(([field, shown]) => ({
        name: `${name}.${field}`,
        ...(shown as { type?: string; example?: unknown }),
      })),
    );
    const untrue = fields.filter(
      ({ type, example }) => type === 'object' && example !== undefined && typeof example !== 'object',
    );
    expect(fields.length).toBeGreaterThan(500);
    expect(untrue.map(({ name }) => name)).toEqual([]);
  });

  it('names each header of an operation once, and one that may be left out as such', () => {
    const headers = Object.entries(document.paths).flatMap(([path, item]) =>
      [item.get, item.post].flatMap((operation) =>
        (operation?.parameters ?? []).flatMap((parameter) =>
          'in' in parameter && parameter.in === 'header' ? [{ path, operation, ...parameter }] : [],
        ),
      ),
    );
    const names = headers.map(({ path, operation, name }) => `${operation?.operationId} ${path} ${name.toLowerCase()}`);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    // The guard reads it; security says so.
    expect(headers.filter(({ name }) => name.toLowerCase() === 'authorization')).toEqual([]);
    const asked = headers.filter(({ name, required }) => name.toLowerCase() === 'last-event-id' && required === true);
    expect(asked).toEqual([]);
  });

  it('lets whatever creates or costs be repeated under an Idempotency-Key, unless twice is once already', () => {
    const once: readonly (readonly [why: string, path: RegExp])[] = [
      ['a session', /^\/(api\/auth|admin)\/(login|refresh|logout)$/],
      ['the link is the key, and its page is filled in again', /^\/(api\/enrollment|enroll)\/\{token\}/],
      ['a sender has names of its own', /^\/(api\/webhooks?\/|webhook\/stripe$|api\/webhook-events\/import$)/],
      ['its sender names a message by clientMessageId', /\/messages$/],
      ['one line a name', /^\/api\/(drugs|coupons)$/],
      ['a place that is taken', /\/(read|status|pharmacy|resume|resolve|handle|enable|redrive)$/],
    ];
    const posts = Object.entries(document.paths).flatMap(([path, { post }]) =>
      post === undefined ? [] : { path, post },
    );
    const keyless = posts.filter(
      ({ post }) => !(post.parameters ?? []).some((one) => 'name' in one && one.name === 'Idempotency-Key'),
    );
    expect(posts.length).toBeGreaterThan(40);
    expect(keyless.map(({ path }) => path).filter((path) => !once.some(([, known]) => known.test(path)))).toEqual([]);
  });

  it('has one body class of each name: of two the document shows one in both places', () => {
    const classes = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => readFileSync(path.join('src', file), 'utf8'))
      .filter((source) => source.includes('@ApiProperty'))
      .flatMap((source) => [...source.matchAll(/^export class (\w+)/gm)])
      .map(([, name]) => name ?? '');
    expect(classes.length).toBeGreaterThan(100);
    expect(classes.filter((name, index) => classes.indexOf(name) !== index)).toEqual([]);
  });

  it('names each operation once, by a name that programs can have too', () => {
    const ids = Object.values(document.paths).flatMap((item) =>
      [item.get, item.post, item.put, item.patch, item.delete].flatMap((operation) => operation?.operationId ?? []),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[A-Za-z]\w*$/.test(id))).toEqual([]);
    expect(ids).toEqual(expect.arrayContaining(['StripeWebhook_receive', 'StripeWebhook_receive2']));
  });
});
