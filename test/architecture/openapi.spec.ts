import { openApiDocument } from '../../src/openapi-document.js';
import { openApiProblems } from '../../src/platform/http/index.js';

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
    for (const { schema, example } of bodies) {
      expect(schema).toEqual({ type: 'object', xml: { name: expect.stringMatching(/./) as unknown } });
      const { name } = (schema as { xml: { name: string } }).xml;
      expect(example).toContain(`</${name}>`);
    }
  });

  it('introduces each area it uses, and no other', () => {
    const used = Object.values(document.paths).flatMap((item) =>
      [item.get, item.post, item.put, item.patch, item.delete].flatMap((operation) => operation?.tags ?? []),
    );
    expect(new Set(document.tags?.map(({ name }) => name))).toEqual(new Set(used));
  });

  it('names each operation once', () => {
    const ids = Object.values(document.paths).flatMap((item) =>
      [item.get, item.post, item.put, item.patch, item.delete].flatMap((operation) => operation?.operationId ?? []),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});
