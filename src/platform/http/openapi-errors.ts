import { errorCatalog, DomainError, type ErrorSpec } from '../errors/index.js';
import { xmlSchemaOf, type Media, type Operation } from './openapi-media.js';
import { problemOf } from './problem.js';
import type { ErrorRenderer } from './route-config.js';

const exampleId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';
const exampleTime = new Date('2026-11-20T15:00:01.000Z');

interface ErrorExample {
  status: number;
  type: string;
  code: string;
  summary: string;
  value: unknown;
}

/**
 * Every code in the body it arrives in: a problem document, or what the route's renderer makes of it for one of the bodies the
 * route reads. What the route says itself of the same status stays beside it.
 * @throws Error naming codes no module defines
 */
export function addErrors(
  name: string,
  operation: Operation,
  codes: readonly string[],
  renderer: ErrorRenderer | undefined,
): void {
  const examples = codes.flatMap((code) => {
    const spec = errorCatalog().get(code);
    if (spec === undefined) throw new Error(`${name} names the unknown error code ${code}`);
    return examplesOf(code, spec, renderer, bodyTypesOf(operation));
  });
  const statuses = [...new Set(examples.map(({ status }) => status))].sort((left, right) => left - right);
  for (const status of statuses) {
    const own = operation.responses[String(status)];
    const told = own !== undefined && 'description' in own ? own : undefined;
    const ofStatus = examples.filter((example) => example.status === status);
    const titles = new Map(ofStatus.map(({ code, summary }) => [code, `\`${code}\`: ${summary}`]));
    operation.responses[String(status)] = {
      description: [told?.description ?? '', ...titles.values()].filter(Boolean).join('\n\n'),
      ...(retryStatuses.has(status) && { headers: retryAfter }),
      content: { ...told?.content, ...contentOf(ofStatus) },
    };
  }
}

/** One for each format: a renderer may look at what the caller sent. */
function examplesOf(
  code: string,
  spec: ErrorSpec,
  renderer: ErrorRenderer | undefined,
  bodyTypes: readonly string[],
): ErrorExample[] {
  const meta = exampleMeta[code];
  const problem = problemOf(new DomainError(code, spec, meta === undefined ? {} : { meta }), exampleId);
  const byType = new Map<string, ErrorExample>();
  for (const bodyType of bodyTypes) {
    const rendered = renderer?.(problem, { headers: { 'content-type': bodyType } }, { id: exampleId, at: exampleTime });
    const [type = ''] = (rendered?.contentType ?? problemType).split(';');
    const status = rendered?.status ?? problem.status;
    byType.set(type, { status, type, code, summary: spec.title, value: rendered?.body ?? problem });
  }
  return [...byType.values()];
}

function bodyTypesOf({ requestBody }: Operation): string[] {
  return requestBody !== undefined && 'content' in requestBody ? Object.keys(requestBody.content) : [''];
}

function contentOf(examples: readonly ErrorExample[]): Record<string, Media> {
  const content: Record<string, Media> = {};
  for (const { type, code, summary, value } of examples) {
    const media = (content[type] ??= { schema: type === problemType ? problemSchema : { type: 'string' } });
    media.examples = { ...media.examples, [code]: { summary, value } };
    Object.assign(media, xmlSchemaOf(type, media));
  }
  return content;
}

const problemType = 'application/problem+json';

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
