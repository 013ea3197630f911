import { Scope } from '../scope.js';

/** Who is calling, in words every platform part understands. Set by the access guard. */
export interface CallerId {
  kind: 'user' | 'api-key';
  id: string;
  role: string;
  organizationId: string;
}

/** What belongs to one HTTP request and is wanted far below the controller: logs, audit, idempotency. */
export interface RequestContext {
  readonly requestId: string;
  readonly ip: string;
  caller?: CallerId;
  /** Caller, route and `Idempotency-Key` in one hash: what the effect of this request can be found by. */
  idempotencyId?: string;
}

const scope = new Scope<RequestContext>();

/** Undefined outside HTTP requests (workers, schedules, commands) and in routes that say `@WithoutContext()`. */
export function requestContext(): RequestContext | undefined {
  return scope.current();
}

/** Without a context, outside requests, it runs just so. */
export function runInRequest<T>(context: RequestContext | null | undefined, work: () => T): T {
  return context ? scope.run(context, work) : work();
}

const saneRequestId = /^[\w.:-]{8,64}$/;

/** An inbound X-Request-Id is kept when it cannot forge a log line or carry data of its own. */
export function acceptableRequestId(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && saneRequestId.test(value) ? value : undefined;
}
