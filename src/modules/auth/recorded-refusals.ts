import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { DomainError } from '../../platform/errors/index.js';
import { Refusals } from '../../platform/http/refusals.js';
import { runInRequest } from '../../platform/http/request-context.js';
import { isId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';

/** Not theirs to do; not there, or not theirs to see: which of the two is not told, and not asked here either. */
const refused: ReadonlySet<number> = new Set([403, 404]);

/** The guard says by itself which permission was missing. */
const recordedByGuard = 'auth.forbidden';

/** What is refused behind the guard stands in the trail like what the guard refuses: the refused transaction kept nothing. */
@Injectable()
export class RecordedRefusals extends Refusals {
  constructor(private readonly audit: Audit) {
    super();
  }

  async keep({ requestContext, params }: FastifyRequest, { code, spec }: DomainError): Promise<void> {
    if (requestContext?.caller === undefined || !refused.has(spec.status) || code === recordedByGuard) return;
    const entityIds = Object.values(params as Readonly<Record<string, string>>).filter(isId);
    const denied = { action: 'denied', entity: 'route', entityIds, reason: code } as const;
    await runInRequest(requestContext, () => this.audit.recordDenied(denied));
  }
}
