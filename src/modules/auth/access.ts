import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { fail } from '../../platform/errors/index.js';
import { RequiresPermission } from '../../platform/http/access-rule.js';
import type { Permission } from './permissions.js';
import type { Principal } from './principal.js';

export { Public } from '../../platform/http/access-rule.js';
export { contextOf, type Principal } from './principal.js';

declare module 'fastify' {
  interface FastifyRequest {
    principal?: Principal;
  }
}

/** The caller needs this permission. */
export function Can(permission: Permission): MethodDecorator {
  return RequiresPermission(permission);
}

/** The `Principal` behind the request. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === undefined) throw fail('auth.required');
  return principal;
});
