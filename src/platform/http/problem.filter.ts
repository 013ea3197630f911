import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DomainError } from '../errors/index.js';
import { newId } from '../ids/index.js';
import { causeOf } from '../jobs/retry.js';
import { framesOf } from '../logger/frames.js';
import { domainErrorOf, problemOf } from './problem.js';
import type { Refusals } from './refusals.js';
import type { ErrorRenderer } from './route-config.js';

/** Every error of every route leaves here, as problem+json or in the route's own format. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly refusals?: Refusals) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    const error = await this.kept(request, domainErrorOf(thrown));
    if (error.spec.status >= 500) this.note(error, thrown, request);
    if (reply.sent || reply.raw.headersSent) return;
    sendProblem(request, reply, error);
  }

  /** What should be kept and cannot be is not told either. */
  private async kept(request: FastifyRequest, error: DomainError): Promise<DomainError> {
    try {
      await this.refusals?.keep(request, error);
      return error;
    } catch (failure) {
      return domainErrorOf(failure);
    }
  }

  private note(error: DomainError, thrown: unknown, request: FastifyRequest): void {
    const entry = { msg: 'request failed', code: error.code, route: request.routeOptions.url, requestId: request.id };
    if (error.code === 'service.unavailable') this.logger.warn({ ...entry, cause: causeOf(error) });
    else this.logger.error({ ...entry, errorName: nameOf(thrown), stack: framesOf(thrown) });
  }
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: DomainError): void {
  const problem = problemOf(error, request.id);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterSeconds));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  const rendered = rendererOf(request)?.(problem, request, { id: newId(), at: request.server.now() });
  void reply
    .code(rendered?.status ?? problem.status)
    .header('content-type', rendered?.contentType ?? 'application/problem+json; charset=utf-8')
    .send(rendered?.body ?? JSON.stringify(problem));
}

/** A malformed address has no route. */
function rendererOf(request: FastifyRequest): ErrorRenderer | undefined {
  const options = request.routeOptions as { config?: { rendersErrors?: ErrorRenderer } } | undefined;
  return options?.config?.rendersErrors;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : typeof thrown;
}
