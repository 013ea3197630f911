import type { OpenAPIObject } from '@nestjs/swagger';
import { errorCatalog, DomainError, type ErrorSpec } from '../errors/index.js';
import { exampleOf, type Schemas } from './openapi-example.js';
import {
  errorExtensionPrefix,
  examplesExtension,
  permissionExtension,
  publicExtension,
  type OperationExamples,
} from './openapi.decorators.js';
import { problemOf } from './problem.js';

type PathItem = OpenAPIObject['paths'][string];
export type Operation = NonNullable<PathItem['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];
type Media = NonNullable<
  NonNullable<Extract<Operation['responses'][string], { description: string }>['content']>[string]
>;

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

const exampleRequestId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';

export function operationsOf(document: OpenAPIObject): { name: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ name: `${method.toUpperCase()} ${path}`, operation }];
    }),
  );
}

/**
 * Turns what the decorators left behind into documentation: worked examples of bodies and answers, and every error code with
 * the problem document it arrives in.
 * @throws Error naming codes no module defines
 */
export function completeOperations(document: OpenAPIObject): OpenAPIObject {
  const schemas: Schemas = document.components?.schemas ?? {};
  for (const { name, operation } of operationsOf(document)) completeOperation(name, operation, schemas);
  return document;
}

function completeOperation(name: string, operation: Operation, schemas: Schemas): void {
  const extensions = operation as unknown as Record<string, unknown>;
  const examples = (extensions[examplesExtension] ?? {}) as OperationExamples;
  if (operation.parameters !== undefined) operation.parameters = operation.parameters.map(withExampleTold);
  addRequestExamples(operation, examples, schemas);
  addResponseExamples(operation, examples, schemas);
  addErrors(name, operation, errorCodesOf(name, operation, extensions));
  const permission = extensions[permissionExtension];
  if (typeof permission === 'string') {
    operation.description = [operation.description, `Needs the permission \`${permission}\`.`]
      .filter(Boolean)
      .join('\n\n');
  }
  for (const key of Object.keys(extensions)) {
    if (key.startsWith(errorExtensionPrefix) || key === examplesExtension || key === publicExtension) {
      Reflect.deleteProperty(extensions, key);
    }
  }
}

/**
 * Swagger UI fills forms with examples. Of what may be left out the example goes into the description, otherwise the first
 * try of a list asks for all filters at once, and every POST for the same `Idempotency-Key`.
 */
function withExampleTold(parameter: Parameter): Parameter {
  if ('$ref' in parameter || parameter.required === true) return parameter;
  const own = apart(parameter);
  const ofSchema = apart(parameter.schema !== undefined && !('$ref' in parameter.schema) ? parameter.schema : {});
  const example = own.example ?? ofSchema.example;
  if (example === undefined) return parameter;
  const told = `For example \`${[example].flat().map(String).join(',')}\`.`;
  return {
    ...own.rest,
    ...(ofSchema.example !== undefined && { schema: ofSchema.rest }),
    description: [parameter.description, told].filter(Boolean).join('\n\n'),
  };
}

function apart<T extends { example?: unknown }>(value: T): { example: unknown; rest: Omit<T, 'example'> } {
  const rest = { ...value };
  delete rest.example;
  return { example: value.example, rest };
}

function addRequestExamples(operation: Operation, examples: OperationExamples, schemas: Schemas): void {
  const given = {
    ...examples.requests,
    ...(examples.request !== undefined && { 'application/json': examples.request }),
  };
  if (Object.keys(given).length > 0) operation.requestBody ??= { required: true, content: {} };
  const body = operation.requestBody;
  if (body !== undefined && 'content' in body) fill(body.content, given, schemas);
}

function addResponseExamples(operation: Operation, examples: OperationExamples, schemas: Schemas): void {
  const given = {
    ...examples.responses,
    ...(examples.response !== undefined && { 'application/json': examples.response }),
  };
  const successes = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
  successes.forEach(([, success], index) => {
    if (success === undefined || '$ref' in success) return;
    if (success.description === '') success.description = 'Done.';
    // Examples that are given belong to the first; further ones have what their schema says.
    const own = index === 0 ? given : {};
    if (Object.keys(own).length > 0) success.content ??= {};
    if (success.content !== undefined) fill(success.content, own, schemas);
    const json = success.content?.['application/json'];
    if (examples.differs !== undefined && json !== undefined) json.example = differing(json.example, examples.differs);
  });
}

function differing(example: unknown, differs: object): unknown {
  const shown = Object.entries({ ...(example as object), ...differs });
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}

function fill(content: Record<string, Media>, given: Readonly<Record<string, unknown>>, schemas: Schemas): void {
  for (const [type, example] of Object.entries(given)) content[type] = { ...content[type], example };
  for (const [type, media] of Object.entries(content)) {
    Object.assign(media, xmlSchemaOf(type, media.example));
    if (media.example !== undefined || media.examples !== undefined || media.schema === undefined) continue;
    const example = exampleOf(media.schema, schemas);
    if (example !== undefined) media.example = example;
  }
}

/**
 * An XML document as OpenAPI describes one. Swagger UI then shows and sends the example as it is written; around a text it
 * would put a tag of its own.
 */
function xmlSchemaOf(type: string, example: unknown): Pick<Media, 'schema'> {
  const [, root] =
    /\bxml$/.test(type) && typeof example === 'string' ? (/<([A-Za-z_][\w.-]*)/.exec(example) ?? []) : [];
  return root === undefined ? {} : { schema: { type: 'object', xml: { name: root } } };
}

/** Codes any operation may answer, by what kind of operation it is. */
function errorCodesOf(name: string, operation: Operation, extensions: Readonly<Record<string, unknown>>): string[] {
  const own = Object.keys(extensions)
    .filter((key) => key.startsWith(errorExtensionPrefix))
    .map((key) => key.slice(errorExtensionPrefix.length));
  const parameters = operation.parameters ?? [];
  // A body is refused before the route is asked whether it wanted one.
  const mayCarryBody = operation.requestBody !== undefined || !name.startsWith('GET ');
  const hasInput = parameters.length > 0 || mayCarryBody;
  return [
    ...new Set([
      ...own,
      ...(hasInput ? ['request.invalid'] : []),
      ...(mayCarryBody ? ['request.too-large', 'request.unsupported-media-type'] : []),
      ...(extensions[publicExtension] === true ? [] : ['auth.required', 'auth.forbidden']),
      'request.malformed',
      'request.too-many',
      'service.unavailable',
      'service.unexpected',
    ]),
  ];
}

function addErrors(name: string, operation: Operation, codes: readonly string[]): void {
  const byStatus = new Map<number, [string, ErrorSpec][]>();
  for (const code of codes) {
    const spec = errorCatalog().get(code);
    if (spec === undefined) throw new Error(`${name} names the unknown error code ${code}`);
    byStatus.set(spec.status, [...(byStatus.get(spec.status) ?? []), [code, spec]]);
  }
  for (const [status, specs] of [...byStatus].sort(([left], [right]) => left - right)) {
    operation.responses[String(status)] = {
      description: specs.map(([code, spec]) => `\`${code}\`: ${spec.title}`).join('\n\n'),
      ...(retryStatuses.has(status) && { headers: retryAfter }),
      content: {
        'application/problem+json': {
          schema: problemSchema,
          examples: Object.fromEntries(
            specs.map(([code, spec]) => [code, { summary: spec.title, value: problemExample(code, spec) }]),
          ),
        },
      },
    };
  }
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    requestId: { type: 'string' },
  },
};

const retryAfter = { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' }, example: 2 } };

/** Statuses that say when to come back. */
const retryStatuses: ReadonlySet<number> = new Set([429, 503]);

const exampleMeta: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'request.invalid': { errors: [{ pointer: '/email', code: 'is-email', message: 'email must be an email' }] },
};

function problemExample(code: string, spec: ErrorSpec): unknown {
  const meta = exampleMeta[code];
  return problemOf(new DomainError(code, spec, meta === undefined ? {} : { meta }), exampleRequestId);
}
