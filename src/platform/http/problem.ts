import { BadRequestException, HttpException } from '@nestjs/common';
import { databaseProblem } from '../db/database-errors.js';
import { DomainError, fail } from '../errors/index.js';
import type { FieldProblem } from './validation.js';

/** application/problem+json (RFC 9457) with our stable `code`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  requestId: string;
  [member: string]: unknown;
}

/** Codes for errors of the framework, which tell their kind by status only. */
const codeByStatus = {
  400: 'request.malformed',
  401: 'auth.required',
  403: 'auth.forbidden',
  404: 'request.not-found',
  405: 'request.method-not-allowed',
  406: 'request.malformed',
  408: 'request.timeout',
  409: 'request.conflict',
  413: 'request.too-large',
  414: 'request.malformed',
  415: 'request.unsupported-media-type',
  429: 'request.too-many',
  431: 'request.headers-too-large',
  503: 'service.unavailable',
} as const;

export const unavailableRetrySeconds = 2;
const badId: FieldProblem = { pointer: '', code: 'is-uuid', message: 'An id in the address is not a UUID.' };

/** Whatever was thrown, as an error with a code. Never carries a message of a library: those may hold values. */
export function domainErrorOf(error: unknown): DomainError {
  const known = databaseProblem(error);
  if (known instanceof DomainError) return known;
  if (isUnstorableText(error)) return fail('request.malformed', { cause: error });
  if (isBadId(error)) return fail('request.invalid', { meta: { errors: [badId] }, cause: error });
  const status = statusOf(error);
  if (status === undefined || status >= 500) {
    if (status === 503)
      return fail('service.unavailable', { retryAfterSeconds: unavailableRetrySeconds, cause: error });
    return fail('service.unexpected', { cause: error });
  }
  const code = codeByStatus[status as keyof typeof codeByStatus] as
    (typeof codeByStatus)[keyof typeof codeByStatus] | undefined;
  return fail(code ?? 'request.malformed', { cause: error });
}

export function problemOf(error: DomainError, requestId: string): Problem {
  return {
    ...error.meta,
    type: `urn:pharmonico:error:${error.code}`,
    title: error.spec.title,
    status: error.spec.status,
    code: error.code,
    ...(error.detail !== undefined && { detail: error.detail }),
    requestId,
  };
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined;
}

/** Nest's ParseUUIDPipe tells its refusals from unreadable bodies by their message only. */
function isBadId(error: unknown): boolean {
  return error instanceof BadRequestException && error.message.includes('uuid is expected');
}

/**
 * character_not_in_repertoire and untranslatable_character: the caller sent text PostgreSQL cannot hold. The parsers refuse
 * U+0000 first; this catches what came another way.
 */
function isUnstorableText(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === '22021' || code === '22P05';
}
