import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { newToken, sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import type { RateLimit } from '../../platform/http/rate-limits.js';
import { RateLimits } from '../../platform/http/rate-limits.js';
import { requestContext } from '../../platform/http/request-context.js';
import { newId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';
import { accessTokenSeconds, AccessTokens } from './access-tokens.js';
import { fail } from './auth.errors.js';
import { passwordMatches } from './passwords.js';
import { Principals } from './principals.js';
import { SessionStore, type SignInUser } from './sessions.store.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const lifetimes = {
  /** A sign-in ends after this long, however often it is refreshed. */
  sessionMs: 30 * dayMs,
  refreshMs: 7 * dayMs,
  pageMs: 8 * 60 * minuteMs,
};

/** Guessing one password, and guessing many from one place. */
const perAddress: RateLimit = { name: 'login-address', most: 10, windowMs: 15 * minuteMs };
const perSource: RateLimit = { name: 'login-source', most: 100, windowMs: 15 * minuteMs };

export interface TokenPair {
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
  refreshExpiresAt: Date;
}

export interface PageSession {
  cookie: string;
  maxAgeSeconds: number;
}

/** Signing in, staying signed in, and ending it. */
@Injectable()
export class Sessions {
  constructor(
    private readonly db: Database,
    private readonly store: SessionStore,
    private readonly tokens: AccessTokens,
    private readonly principals: Principals,
    private readonly limits: RateLimits,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError auth.bad-credentials, the same after the same work for unknown, disabled and wrong */
  async login(email: string, password: string): Promise<TokenPair> {
    const user = await this.authenticate(email, password);
    return await this.db.tx(systemContext, async (tx) => {
      const sessionId = await this.open(tx, user, 'token', lifetimes.sessionMs);
      return await this.pair(tx, user.id, sessionId);
    });
  }

  async openPage(email: string, password: string): Promise<PageSession> {
    const user = await this.authenticate(email, password);
    const cookie = newToken();
    await this.db.tx(systemContext, (tx) => this.open(tx, user, 'page', lifetimes.pageMs, sha256(cookie)));
    return { cookie, maxAgeSeconds: lifetimes.pageMs / 1000 };
  }

  /** @throws DomainError auth.session-ended; a token used before ends its whole session */
  async refresh(refreshToken: string): Promise<TokenPair> {
    const outcome = await this.db.tx(systemContext, async (tx) => {
      const now = this.clock.now();
      const token = await this.store.lockToken(tx, sha256(refreshToken));
      if (token === undefined || token.sessionEnded || token.expiresAt <= now) return undefined;
      if (token.usedAt !== null) {
        await this.store.revoke(tx, [token.sessionId], 'refresh-token-reused', now);
        await this.audit.record(tx, {
          action: 'denied',
          entity: 'session',
          entityIds: [token.sessionId],
          outcome: 'denied',
          reason: 'refresh-token-reused',
          actor: { kind: 'anonymous' },
          organizationId: token.organizationId,
        });
        return undefined; // committed, so that the revocation stands
      }
      await this.store.markUsed(tx, token.id, now);
      return await this.pair(tx, token.userId, token.sessionId);
    });
    if (outcome !== undefined) return outcome;
    this.principals.forgetAll();
    throw fail('auth.session-ended');
  }

  async logout(sessionId: string): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await this.store.revoke(tx, [sessionId], 'logout', this.clock.now());
      await this.audit.record(tx, { action: 'logout', entity: 'session', entityIds: [sessionId] });
    });
    this.principals.forgetAll();
  }

  /** Every sign-in of a user whose account changed. */
  async revokeAllOf(tx: Tx, userId: string, reason: string): Promise<void> {
    await this.store.revokeAllOf(tx, userId, reason, this.clock.now());
    tx.onCommit(() => this.principals.forgetAll());
  }

  private async authenticate(email: string, password: string): Promise<SignInUser> {
    const address = normalizeEmail(email);
    const source = requestContext()?.ip ?? 'unknown';
    await this.limits.consume(perSource, source);
    await this.limits.consume(perAddress, address);
    const found = await this.store.userByEmail(address);
    const matches = await passwordMatches(found?.passwordHash, password);
    if (!matches || found === undefined || found.disabledAt !== null) {
      await this.noteFailure(found);
      throw fail('auth.bad-credentials');
    }
    await this.limits.refund(perSource, source);
    await this.limits.reset(perAddress, address);
    return found;
  }

  private async noteFailure(user: SignInUser | undefined): Promise<void> {
    await this.db.tx(systemContext, (tx) =>
      this.audit.record(tx, {
        action: 'login',
        entity: 'session',
        outcome: 'failure',
        reason: 'auth.bad-credentials',
        actor: { kind: 'anonymous', id: user?.id },
        ...(user !== undefined && { organizationId: user.organizationId }),
      }),
    );
  }

  private async open(
    tx: Tx,
    user: SignInUser,
    kind: 'token' | 'page',
    lifeMs: number,
    cookieHash?: string,
  ): Promise<string> {
    const now = this.clock.now();
    const id = newId();
    const session = {
      id,
      organizationId: user.organizationId,
      userId: user.id,
      kind,
      cookieHash: cookieHash ?? null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + lifeMs),
    };
    if (!(await this.store.insert(tx, session, user.passwordHash))) throw fail('auth.bad-credentials');
    await this.audit.record(tx, {
      action: 'login',
      entity: 'session',
      entityIds: [id],
      actor: { kind: 'user', id: user.id, role: user.role },
      organizationId: user.organizationId,
    });
    return id;
  }

  private async pair(tx: Tx, userId: string, sessionId: string): Promise<TokenPair> {
    const now = this.clock.now();
    const refreshToken = newToken();
    const refreshExpiresAt = new Date(now.getTime() + lifetimes.refreshMs);
    await this.store.insertToken(tx, {
      id: newId(),
      sessionId,
      tokenHash: sha256(refreshToken),
      createdAt: now,
      expiresAt: refreshExpiresAt,
    });
    return {
      accessToken: this.tokens.issue(userId, sessionId),
      expiresIn: accessTokenSeconds,
      refreshToken,
      refreshExpiresAt,
    };
  }
}

/** The form addresses are stored and compared in. */
export function normalizeEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
