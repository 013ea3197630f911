import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { fail } from '../errors/index.js';
import { permissionExtension, publicExtension } from './openapi.decorators.js';
import type { CallerId } from './request-context.js';

/** The rule of a route. A route without one is refused, and the start fails naming it (modules/auth enforces it). */
export type AccessRule = { public: true } | { permission: string };

export const accessRuleKey = 'pharmonico:access';

/** Anyone may call: sign-in, health, webhooks with a signature, pages behind a token. */
export function Public(): MethodDecorator {
  const rule: AccessRule = { public: true };
  return applyDecorators(SetMetadata(accessRuleKey, rule), ApiExtension(publicExtension, true));
}

/** For code below modules/auth; everything above says `@Can`, whose permissions are typed. */
export function RequiresPermission(permission: string): MethodDecorator {
  const rule: AccessRule = { permission };
  return applyDecorators(
    SetMetadata(accessRuleKey, rule),
    ApiBearerAuth(),
    ApiExtension(permissionExtension, permission),
  );
}

/** Who is calling, in platform words. Modules above auth take `@Caller()`, which knows more. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): CallerId => {
  const caller = context.switchToHttp().getRequest<FastifyRequest>().requestContext?.caller;
  if (caller === undefined) throw fail('auth.required');
  return caller;
});
