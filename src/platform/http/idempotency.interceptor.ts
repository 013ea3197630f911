import { Injectable, Logger, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { UploadedMultipartFile } from '@nestjs/platform-fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, from, mergeMap, of, throwError, type Observable } from 'rxjs';
import { sha256 } from '../crypto/index.js';
import { fail } from '../errors/index.js';
import { IdempotencyStore } from './idempotency.store.js';
import type { CallerId } from './request-context.js';

const printableAscii = /^[\x20-\x7e]{1,255}$/;

/**
 * The answer of the first request is stored and replayed. Only successes are kept: a refused request had no effect, so the same
 * key may be used for its correction. A crash after the effect and before the answer was stored is the service's own concern
 * (unique keys, effect ledger, `idempotencyId` of the request's context); the lease only keeps two requests from running at once.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotencyInterceptor.name);

  constructor(private readonly store: IdempotencyStore) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    const key = keyOf(request);
    const { requestContext } = request;
    const caller = requestContext?.caller;
    if (key === undefined || requestContext === null || caller === undefined) return next.handle();
    const id = idOf(caller, request, key);
    requestContext.idempotencyId = id;
    const claim = await this.store.claim(id, caller, contentOf(request));
    switch (claim.kind) {
      case 'other-body':
        throw fail('idempotency.key-reused');
      case 'in-progress':
        throw fail('idempotency.in-progress', { retryAfterSeconds: claim.retryAfterSeconds });
      case 'answered':
        reply.code(claim.answer.status).header('idempotent-replayed', 'true');
        return of(claim.answer.body);
      case 'first':
        return this.first(next, reply, id, claim.leaseId);
    }
  }

  private first(next: CallHandler, reply: FastifyReply, id: string, leaseId: string): Observable<unknown> {
    return next.handle().pipe(
      mergeMap((body: unknown) => from(this.keep(id, leaseId, { status: reply.statusCode, body }))),
      catchError((error: unknown) => from(this.giveUp(id, leaseId)).pipe(mergeMap(() => throwError(() => error)))),
    );
  }

  /** The work is done: an answer that cannot be stored must not turn it into an error. */
  private async keep(id: string, leaseId: string, answer: { status: number; body: unknown }): Promise<unknown> {
    await this.store
      .keep(id, leaseId, answer)
      .catch(() => this.logger.warn({ msg: 'an idempotent answer was not stored' }));
    return answer.body;
  }

  private async giveUp(id: string, leaseId: string): Promise<void> {
    await this.store.release(id, leaseId).catch(() => this.logger.warn({ msg: 'an idempotency key was not released' }));
  }
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !printableAscii.test(key)) throw fail('idempotency.key-invalid');
  return key;
}

/** What a repeat has to be the same in. The boundary between the parts of an upload is another one each time, so the file counts. */
function contentOf(request: FastifyRequest): Buffer | string {
  const { file } = request as unknown as { file?: Partial<UploadedMultipartFile> };
  if (file?.buffer === undefined) return request.rawBody ?? '';
  return JSON.stringify([file.fieldname, file.originalname, sha256(file.buffer)]);
}

/** Scoped to the caller and to the resource: the same key on another route is another request. */
function idOf(caller: CallerId, request: FastifyRequest, key: string): string {
  const path = request.url.split('?', 1)[0] ?? '';
  return sha256([caller.organizationId, caller.kind, caller.id, request.method, path, key].join('\n'));
}
