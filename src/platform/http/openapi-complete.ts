import type { OpenAPIObject } from '@nestjs/swagger';
import { addErrors } from './openapi-errors.js';
import { exampleOf, type Schemas } from './openapi-example.js';
import {
  errorExtensionPrefix,
  examplesExtension,
  permissionExtension,
  publicExtension,
  rendererExtension,
  type OperationExamples,
} from './openapi.decorators.js';
import { xmlSchemaOf, type Media, type Operation } from './openapi-media.js';
import type { ErrorRenderer } from './route-config.js';

type Parameter = NonNullable<Operation['parameters']>[number];

/** Notes of decorators to this file; readers of the document see none of them. */
const ownExtensions: ReadonlySet<string> = new Set([examplesExtension, publicExtension, rendererExtension]);

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

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
  if (operation.operationId !== undefined) operation.operationId = plainId(operation.operationId);
  if (operation.parameters !== undefined) operation.parameters = operation.parameters.map(withExampleTold);
  addRequestExamples(operation, examples, schemas);
  addResponseExamples(operation, examples, schemas);
  addErrors(name, operation, errorCodesOf(name, operation, extensions), rendererOf(extensions));
  const permission = extensions[permissionExtension];
  if (typeof permission === 'string') {
    operation.description = [operation.description, `Needs the permission \`${permission}\`.`]
      .filter(Boolean)
      .join('\n\n');
  }
  for (const key of Object.keys(extensions)) {
    if (key.startsWith(errorExtensionPrefix) || ownExtensions.has(key)) Reflect.deleteProperty(extensions, key);
  }
}

/** A method with several paths comes as `X_do[0]`, `X_do[1]`: no name in any language a client is generated in. */
function plainId(operationId: string): string {
  return operationId.replace(/\[(\d+)\]$/, (_, index) => (index === '0' ? '' : String(Number(index) + 1)));
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
    Object.assign(media, xmlSchemaOf(type, media));
    if (media.example !== undefined || media.examples !== undefined || media.schema === undefined) continue;
    const example = exampleOf(media.schema, schemas);
    if (example !== undefined) media.example = example;
  }
}

function rendererOf(extensions: Readonly<Record<string, unknown>>): ErrorRenderer | undefined {
  return (extensions[rendererExtension] as { renderer: ErrorRenderer } | undefined)?.renderer;
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
      'request.timeout',
      'request.headers-too-large',
      'request.too-many',
      'service.unavailable',
      'service.unexpected',
    ]),
  ];
}
