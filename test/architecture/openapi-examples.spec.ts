import { openApiDocument } from '../../src/openapi-document.js';

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  type?: string;
  format?: string;
  nullable?: boolean;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: unknown;
}
interface Media {
  schema?: Schema;
  example?: unknown;
}
interface Shown {
  name: string;
  request: Media | undefined;
  answers: Media[];
}

const json = 'application/json';
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an answer shows once the thing was done, by how the path ends. */
const afterwards: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'POST void': { status: expect.stringMatching(/^void(ed)?$/) },
  'POST resolve': { resolvedAt: expect.any(String), resolvedBy: expect.any(String) },
  'POST cancel': { state: 'cancelled', cancelledAt: expect.any(String) },
  'POST redrive': { redrivenAt: expect.any(String), redrivenBy: expect.any(String) },
  'POST handle': { handledAt: expect.any(String) },
  'POST resume': { remindersSuppressed: false, resumedAt: expect.any(String) },
  'POST refunds': { status: 'created', confirmedAt: null },
  'POST rotate-secret': { previousSecretUntil: expect.any(String) },
  'POST enable': { disabledAt: null, failingSince: null },
  'POST test': { event: 'ping', attempts: [] },
  'POST resend': { status: 'pending', endedAt: null },
  'POST notifications/{id}/retry': { status: 'pending', sentAt: null },
  'DELETE {messageId}': { text: null, attachments: [], deletedAt: expect.any(String) },
  'PATCH {messageId}': { editedAt: expect.any(String) },
};

describe('the examples of the OpenAPI document', () => {
  let shown: Shown[];
  let schemas: Record<string, Schema>;

  beforeAll(async () => {
    const document = await openApiDocument();
    schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
    shown = Object.entries(document.paths).flatMap(([path, item]) =>
      (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
        const operation = item[method];
        if (operation === undefined) return [];
        const body = operation.requestBody as { content?: Record<string, Media> } | undefined;
        const answers = Object.entries(operation.responses)
          .filter(([status]) => status.startsWith('2'))
          .flatMap(([, answer]) => (answer as { content?: Record<string, Media> }).content?.[json] ?? []);
        return [{ name: `${method.toUpperCase()} ${path}`, request: body?.content?.[json], answers }];
      }),
    );
  });

  it('fit their schemas: all that is required, nothing unknown, each of its type', () => {
    const bodies = shown.flatMap(({ name, request, answers }) =>
      [request, ...answers].flatMap((media) => (media?.example === undefined ? [] : [{ name, media }])),
    );
    expect(bodies.length).toBeGreaterThan(150);
    const misfits = bodies.flatMap(({ name, media }) =>
      misfitsOf(media.example, media.schema, name.split(' ')[0] ?? '').map((misfit) => `${name}: ${misfit}`),
    );
    expect(misfits).toEqual([]);
  });

  it('answer the request beside them: a field of both has one value', () => {
    const pairs = shown.flatMap(({ name, request, answers }) =>
      answers.flatMap(({ example }) =>
        isObject(request?.example) && isObject(example) ? [{ name, asked: request.example, answered: example }] : [],
      ),
    );
    expect(pairs.length).toBeGreaterThan(30);
    const common = pairs.map(({ name, asked, answered }) => ({
      name,
      asked: Object.fromEntries(Object.entries(asked).filter(([field]) => field in answered)),
      answered: Object.fromEntries(Object.entries(answered).filter(([field]) => field in asked)),
    }));
    expect(common.map(({ name, answered }) => ({ name, ...answered }))).toEqual(
      common.map(({ name, asked }) => ({ name, ...asked })),
    );
  });

  it.each(Object.entries(afterwards))('show what %s leaves', (operation, left) => {
    const [method = '', end = ''] = operation.split(' ');
    const examples = shown
      .filter(({ name }) => name.startsWith(`${method} `) && name.endsWith(`/${end}`))
      .flatMap(({ answers }) => answers.map(({ example }) => example));
    expect(examples).not.toEqual([]);
    for (const example of examples) expect(example).toMatchObject(left);
  });

  /** Of what our own schemas use; the request of a PATCH may leave fields out by its schema. */
  function misfitsOf(value: unknown, schema: Schema | undefined, at: string): string[] {
    // What came in is shown as what it is, and documented as the bytes it is sent as.
    if (schema === undefined || schema.format === 'binary') return [];
    if (schema.$ref !== undefined) return misfitsOf(value, schemas[schema.$ref.split('/').at(-1) ?? ''], at);
    if (value === null) return schema.nullable === true ? [] : [`${at} is null`];
    const [inherited] = schema.allOf ?? [];
    if (inherited !== undefined) return misfitsOf(value, inherited, at);
    if (schema.oneOf !== undefined) {
      const each = schema.oneOf.map((one) => misfitsOf(value, one, at));
      return each.some((misfits) => misfits.length === 0) ? [] : (each[0] ?? []);
    }
    if (schema.enum !== undefined && schema.type !== 'array' && !schema.enum.includes(value))
      return [`${at} is ${JSON.stringify(value)}`];
    if (!isOfType(value, schema.type)) return [`${at} is no ${schema.type}`];
    if (Array.isArray(value))
      return value.flatMap((item, index) => misfitsOf(item, schema.items, `${at}/${String(index)}`));
    return isObject(value) ? fieldMisfits(value, schema, at) : [];
  }

  function fieldMisfits(value: Record<string, unknown>, schema: Schema, at: string): string[] {
    const { properties, required = [], additionalProperties } = schema;
    if (properties === undefined) return [];
    const isClosed = additionalProperties === undefined || additionalProperties === false;
    return [
      ...required.filter((field) => !(field in value)).map((field) => `${at} lacks ${field}`),
      ...Object.keys(value)
        .filter((field) => isClosed && !(field in properties))
        .map((field) => `${at} has an unknown ${field}`),
      ...Object.entries(value).flatMap(([field, member]) => misfitsOf(member, properties[field], `${at}/${field}`)),
    ];
  }
});

const typeTests: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: isObject,
};

function isOfType(value: unknown, type: string | undefined): boolean {
  return type === undefined || (typeTests[type]?.(value) ?? false);
}
