import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { sha256 } from '../../../platform/crypto/index.js';
import { fail as platformFail } from '../../../platform/errors/index.js';
import { PageGuard } from '../../../platform/http/page-guard.js';
import { domainErrorOf } from '../../../platform/http/problem.js';
import { sendProblem } from '../../../platform/http/problem.filter.js';
import { runInRequest } from '../../../platform/http/request-context.js';
import { Audit } from '../../audit/index.js';
import { apiKeyOf, introduce } from '../access.guard.js';
import { fail } from '../auth.errors.js';
import { BearerTokens } from '../bearer-tokens.js';
import type { Permission } from '../permissions.js';
import type { Principal } from '../principal.js';
import { Principals } from '../principals.js';
import { Sessions } from '../sessions.service.js';
import { SessionStore } from '../sessions.store.js';
import { cookieSettings, isSameOrigin, safeNext } from './cookies.js';
import { loginPage } from './login.page.js';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

const notForThisAccount = 'This page is not for the account you are signed in with. Sign in with another.';

/** In front of pages that are not Nest routes: a page cookie or a bearer token, and the permission the page wants. */
@Injectable()
export class SignedInPages extends PageGuard {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly principals: Principals,
    private readonly bearer: BearerTokens,
    private readonly sessions: Sessions,
    private readonly store: SessionStore,
    private readonly audit: Audit,
  ) {
    super();
  }

  override async admit(request: FastifyRequest, reply: FastifyReply, permission?: Permission): Promise<boolean> {
    try {
      return await runInRequest(request.requestContext, () => this.check(request, reply, permission));
    } catch (error) {
      sendProblem(request, reply, domainErrorOf(error));
      return false;
    }
  }

  /** Ends the page session of the request, if it has one. */
  async end(request: FastifyRequest): Promise<void> {
    const cookie = this.cookieOf(request);
    const principal = cookie === undefined ? undefined : await this.principals.ofCookie(cookie);
    if (cookie === undefined || principal === undefined) return;
    introduce(request, principal);
    const sessionId = await this.store.sessionOfCookie(sha256(cookie));
    if (sessionId !== undefined) await this.sessions.logout(sessionId);
  }

  private async check(
    request: FastifyRequest,
    reply: FastifyReply,
    permission: Permission | undefined,
  ): Promise<boolean> {
    const authorization = request.headers.authorization;
    const principal = authorization === undefined ? await this.byCookie(request) : await this.byToken(authorization);
    if (principal === undefined) return this.askToSignIn(request, reply);
    introduce(request, principal);
    if (permission === undefined || principal.permissions.has(permission)) return true;
    await this.audit.recordDenied({ action: 'denied', entity: 'page', reason: permission });
    if (!asksForPage(request)) throw platformFail('auth.forbidden');
    const page = loginPage({ brand: this.config.BRAND_NAME, next: pathOf(request), message: notForThisAccount });
    void reply.code(403).type('text/html; charset=utf-8').send(page);
    return false;
  }

  private async byCookie(request: FastifyRequest): Promise<Principal | undefined> {
    const cookie = this.cookieOf(request);
    if (cookie === undefined) return undefined;
    if (!safeMethods.has(request.method) && !isSameOrigin(request.headers)) throw fail('auth.cross-site');
    return await this.principals.ofCookie(cookie);
  }

  private async byToken(authorization: string): Promise<Principal | undefined> {
    const key = apiKeyOf(authorization);
    return key === undefined ? await this.bearer.principalOf(authorization) : await this.principals.ofApiKey(key);
  }

  private askToSignIn(request: FastifyRequest, reply: FastifyReply): boolean {
    if (!asksForPage(request)) throw platformFail('auth.required');
    void reply.redirect(`/admin/login?next=${encodeURIComponent(pathOf(request))}`, 303);
    return false;
  }

  private cookieOf(request: FastifyRequest): string | undefined {
    return request.cookies[cookieSettings(this.config).name];
  }
}

/** A browser that would show the answer to a person. */
function asksForPage(request: FastifyRequest): boolean {
  return request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
}

function pathOf(request: FastifyRequest): string {
  return safeNext(request.url.split('?', 1)[0] ?? '');
}
