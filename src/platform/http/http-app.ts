import cookie from '@fastify/cookie';
import type { DynamicModule, INestApplicationContext, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { DestinationStream } from 'pino';
import type { Config } from '../../../config/index.js';
import { Clock } from '../clock/index.js';
import { newId } from '../ids/index.js';
import { createLogger, NestLogger } from '../logger/index.js';
import { Metrics } from '../metrics/index.js';
import { letFrontEndsIn } from './cross-origin.js';
import { maxParamLength } from './known-methods.js';
import { limits } from './limits.js';
import { buildOpenApi, type Areas } from './openapi.js';
import { PageGuard } from './page-guard.js';
import { domainErrorOf } from './problem.js';
import { ProblemFilter, sendProblem } from './problem.filter.js';
import { registerBodyParsers } from './raw-body.js';
import { letRefusedBodiesEnd } from './refused-bodies.js';
import { acceptableRequestId } from './request-context.js';
import { Refusals } from './refusals.js';
import { registerRequestHooks } from './request-hooks.js';
import { serveByRole } from './role-routes.js';
import { answerUnreadable } from './unreadable-requests.js';
import { limitUploads } from './upload-limit.js';
import { validationPipe } from './validation.js';
import { WholeCharacters } from './whole-characters.js';

/** Outside /api: pages people open, the address Stripe may have been given before, and what Prometheus scrapes. */
const outsideApi = ['metrics', 'admin', 'admin/*path', 'enroll/*path', 't/*path', 'webhook/stripe'];

/** Requests in flight get this long to finish at shutdown; then what is left (streams) is cut. */
const closeGraceMs = 5_000;

/** Not yet let in. Linux allows no more (net.core.somaxconn); Node's own 511 is less than a burst. */
const waitingConnections = 4_096;

export interface HttpAppOptions {
  /** `false` for specs and commands that must stay silent. */
  logger?: LoggerService | false;
  /** Where log lines go instead of standard output. */
  logTo?: DestinationStream;
  /** What the documentation begins with. */
  areas?: Areas;
}

/**
 * The application with everything HTTP set up: limits, parsers, problem+json, security headers, documentation. Does not listen.
 * @throws when a module cannot start (missing handler, route without access rule, bad key)
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  config: Config,
  options: HttpAppOptions = {},
): Promise<NestFastifyApplication> {
  const log = createLogger(config, options.logTo);
  const app = await NestFactory.create<NestFastifyApplication>(module, fastifyAdapter(config), {
    logger: options.logger ?? new NestLogger(log),
    bodyParser: false,
    abortOnError: false,
  });
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const clock = app.get(Clock, { strict: false });
  fastify.decorate('now', () => clock.now());
  const metrics = optional(app, Metrics);
  registerRequestHooks(fastify, (line) => {
    metrics?.observeRequest(line);
    if (options.logger !== false) log.info({ msg: 'request', ...line });
  });
  letFrontEndsIn(app, config);
  serveByRole(fastify, config);
  registerBodyParsers(fastify);
  limitUploads(fastify);
  letRefusedBodiesEnd(fastify);
  await app.register(cookie);
  setApiPrefix(app);
  app.useGlobalPipes(new WholeCharacters(), validationPipe());
  app.useGlobalFilters(new ProblemFilter(optional(app, Refusals)));
  serveDocs(app, fastify, config, options.areas);
  endStreamsAtShutdown(fastify);
  return app;
}

export function setApiPrefix(app: NestFastifyApplication): void {
  app.setGlobalPrefix('api', { exclude: outsideApi });
}

function fastifyAdapter({ TRUSTED_PROXIES: proxies }: Config): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: limits.bodyBytes,
    // Node's own, which the framework switches off: who sends a byte a minute holds no connection for ever.
    requestTimeout: limits.requestMs,
    // Who asks, in limits, audit and consents: of the header only what a declared proxy wrote counts.
    trustProxy: proxies === undefined ? false : proxies.split(',').map((one) => one.trim()),
    // For middleware in the manner of Express, of which there is none; merely there it took some 5 % of the API's time for a push.
    skipMiddie: true,
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => acceptableRequestId(request.headers['x-request-id']) ?? newId(),
    forceCloseConnections: 'idle',
    // Refused by a hook of ours instead, in the format of the route (request-hooks.ts).
    return503OnClosing: false,
    clientErrorHandler: answerUnreadable,
    routerOptions: { maxParamLength },
    // The router refuses malformed addresses before any hook and before Nest.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.header('x-request-id', request.id);
      sendProblem(request, reply, domainErrorOf(error));
    },
    multipart: {
      limits: {
        fileSize: limits.uploadFileBytes,
        files: limits.uploadFiles,
        fields: limits.uploadFields,
        fieldSize: limits.uploadFieldBytes,
        parts: limits.uploadFiles + limits.uploadFields,
      },
    },
  });
}

/** Starts to answer. Vendors knock in bursts: the kernel resets who does not fit among those not yet let in. */
export async function serve(app: NestFastifyApplication, port: number, host: string): Promise<void> {
  await app.listen({ port, host, backlog: waitingConnections });
}

function serveDocs(app: NestFastifyApplication, fastify: FastifyInstance, config: Config, areas?: Areas): void {
  if (config.NODE_ENV === 'production' && config.DOCS_PUBLIC !== 'true') {
    const guard = optional(app, PageGuard);
    if (guard === undefined)
      throw new Error('production shows /docs to signed-in people only, and no PageGuard is provided');
    fastify.addHook('onRequest', async (request, reply) => {
      // The matched pattern: no spelling of the address gets past it.
      const open = request.routeOptions.url?.startsWith('/docs') !== true || (await guard.admit(request, reply));
      return open ? undefined : reply;
    });
  }
  SwaggerModule.setup('docs', app, () => buildOpenApi(app, areas), {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
    customSiteTitle: 'Pharmonico API',
    // Closed areas: one sees all of them at once, and a link opens the operation it names.
    swaggerOptions: { persistAuthorization: true, tryItOutEnabled: true, docExpansion: 'none', deepLinking: true },
  });
}

/** `close()` waits for open requests; a forgotten stream must not hold a deployment. */
function endStreamsAtShutdown(fastify: FastifyInstance): void {
  fastify.addHook('preClose', (done) => {
    setTimeout(() => fastify.server.closeAllConnections(), closeGraceMs).unref();
    done();
  });
}

function optional<T>(app: INestApplicationContext, token: abstract new (...args: never[]) => T): T | undefined {
  try {
    return app.get<T>(token, { strict: false });
  } catch {
    return undefined;
  }
}
