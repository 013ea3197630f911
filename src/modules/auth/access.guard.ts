import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { fail } from '../../platform/errors/index.js';
import { accessRuleKey, type AccessRule } from '../../platform/http/access-rule.js';
import { runInRequest } from '../../platform/http/request-context.js';
import { Audit } from '../audit/index.js';
import type { Permission } from './permissions.js';
import type { Principal } from './principal.js';
import { apiKeyPrefix, Principals } from './principals.js';

/** passport-jwt behind Nest's guard; what it finds is `request.user`. */
@Injectable()
export class JwtGuard extends AuthGuard('jwt') {}

/** Closed by default: no rule, no access; no token or key, 401; not the permission, 403 and an audit entry. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly jwt: JwtGuard,
    private readonly principals: Principals,
    private readonly audit: Audit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.get<AccessRule | undefined>(accessRuleKey, context.getHandler());
    if (rule === undefined) throw fail('auth.forbidden');
    if ('public' in rule) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const principal = await this.authenticate(context, request);
    introduce(request, principal);
    if (principal.permissions.has(rule.permission as Permission)) return true;
    const denied = { action: 'denied', entity: 'route', reason: rule.permission } as const;
    await runInRequest(request.requestContext, () => this.audit.recordDenied(denied));
    throw fail('auth.forbidden');
  }

  private async authenticate(context: ExecutionContext, request: FastifyRequest): Promise<Principal> {
    const key = apiKeyOf(request.headers.authorization);
    if (key !== undefined) {
      const principal = await this.principals.ofApiKey(key);
      if (principal === undefined) throw fail('auth.required');
      return principal;
    }
    await this.jwt.canActivate(context);
    return (request as FastifyRequest & { user: Principal }).user;
  }
}

export function apiKeyOf(authorization: string | undefined): string | undefined {
  const [scheme, token, ...rest] = (authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || rest.length > 0) return undefined;
  return token?.startsWith(apiKeyPrefix) === true ? token : undefined;
}

/** Makes the caller known to controllers, audit and idempotency. */
export function introduce(request: FastifyRequest, principal: Principal): void {
  request.principal = principal;
  const context = request.requestContext;
  if (context === null) return;
  const { kind, id, role, organizationId } = principal;
  context.caller = { kind, id, role, organizationId };
}
