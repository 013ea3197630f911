import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fail, type DomainError } from '../errors/index.js';
import { inSmallLetters } from '../ids/index.js';
import { KnownMethods } from './known-methods.js';
import { limits } from './limits.js';
import { unavailableRetrySeconds } from './problem.js';
import { defaultContentTypes } from './route-config.js';
import { runInRequest, type RequestContext } from './request-context.js';
import { securityHeaders } from './security-headers.js';

/** One line per finished request. The pattern, never the URL: paths carry tokens, queries carry names. */
export interface RequestLine {
  method: string;
  route: string;
  status: number;
  ms: number;
  requestId: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    requestContext: RequestContext | null;
  }
}

export type NoteRequest = (line: RequestLine) => void;

/** Everything that happens before a controller and after its answer. Registered before any route. */
export function registerRequestHooks(fastify: FastifyInstance, note: NoteRequest): void {
  fastify.decorateRequest('requestContext', null);
  const known = new KnownMethods();
  known.watch(fastify);
  let closing = false;
  fastify.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  const everyAnswer = new Map(Object.entries(securityHeaders()).map(([name, value]) => [name, String(value)]));
  fastify.addHook('onRequest', (request, reply, done) => {
    // On the answer itself: streams are written past the framework's own list.
    reply.raw.setHeaders(everyAnswer);
    reply.header('x-request-id', request.id);
    if (request.url.startsWith('/api') || request.url.startsWith('/admin')) reply.header('cache-control', 'no-store');
    // Without the zone of a link-local address: it names an interface of ours.
    const context: RequestContext = { requestId: request.id, ip: request.ip.replace(/%.*$/, '') };
    request.requestContext = context;
    writeIdsInSmallLetters(request);
    done(whileClosing(closing) ?? refusalOf(request) ?? unansweredMethod(known, request, reply));
  });
  runRoutesInContext(fastify);
  fastify.addHook('onResponse', (request, reply, done) => {
    note({
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      requestId: request.id,
    });
    done();
  });
}

/** What comes in on a connection that was busy when the shutdown began: another process takes it. */
function whileClosing(closing: boolean): DomainError | undefined {
  return closing ? fail('service.unavailable', { retryAfterSeconds: unavailableRetrySeconds }) : undefined;
}

/** Of routes that are added from now on. The context lasts until the handler has done everything it awaits. */
function runRoutesInContext(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (route.config?.withoutContext === true) return;
    const { handler } = route;
    route.handler = function (request, reply) {
      return runInRequest(request.requestContext, () => handler.call(this, request, reply));
    };
  });
}

/** Before anything compares one: an id of a path may come in any case, see `IsId`. */
function writeIdsInSmallLetters({ params }: FastifyRequest): void {
  const named = params as Record<string, unknown>;
  for (const name in named) named[name] = inSmallLetters(named[name]);
}

/** RFC 9110 15.5.6: a path that has a route, but not for this method, says which it has. */
function unansweredMethod(known: KnownMethods, request: FastifyRequest, reply: FastifyReply): DomainError | undefined {
  if (!request.is404) return undefined;
  const methods = known.of(request.url);
  if (methods.length === 0 || methods.includes(request.method)) return undefined;
  reply.header('allow', methods.join(', '));
  return fail('request.method-not-allowed');
}

/** Why the body of this request is not even read, if so. */
function refusalOf(request: FastifyRequest): DomainError | undefined {
  if (/%00/.test(request.url)) return fail('request.malformed', { detail: 'The address holds a null character.' });
  if (!hasBody(request)) return undefined;
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return fail('request.unsupported-media-type');
  if (request.is404) return undefined;
  const accepted = request.routeOptions.config.accepts ?? defaultContentTypes;
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!accepted.includes(type)) {
    return fail('request.unsupported-media-type', { detail: `This route reads ${accepted.join(', ')}.` });
  }
  const length = Number(request.headers['content-length'] ?? 0);
  if (type === 'multipart/form-data' && length > limits.uploadRequestBytes) return fail('request.too-large');
  return undefined;
}

const bodiless = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

function hasBody(request: FastifyRequest): boolean {
  if (bodiless.has(request.method)) return false;
  if (request.headers['transfer-encoding'] !== undefined) return true;
  return Number(request.headers['content-length'] ?? 0) > 0;
}
