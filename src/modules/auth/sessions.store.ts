import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import type { RefreshToken, Session } from './session.entity.js';
import type { UserRole } from './user.entity.js';

export interface SignInUser {
  id: string;
  organizationId: string;
  role: UserRole;
  passwordHash: string;
  disabledAt: Date | null;
}

export interface LockedToken {
  id: string;
  sessionId: string;
  userId: string;
  organizationId: string;
  expiresAt: Date;
  usedAt: Date | null;
  /** Revoked, too old, or of a disabled account. */
  sessionEnded: boolean;
}

@Injectable()
export class SessionStore {
  constructor(private readonly db: Database) {}

  async userByEmail(email: string): Promise<SignInUser | undefined> {
    const [user] = await this.db.query<SignInUser>(
      systemContext,
      `SELECT id, organization_id AS "organizationId", role, password_hash AS "passwordHash", disabled_at AS "disabledAt"
       FROM users WHERE email = $1`,
      [email],
    );
    return user;
  }

  /** @returns whether the account is still the one that signed in: its password may have changed meanwhile. */
  async insert(tx: Tx, session: Omit<Session, 'revokedAt' | 'revokedReason'>, passwordHash: string): Promise<boolean> {
    const inserted = await tx.one(
      `INSERT INTO sessions (id, organization_id, user_id, kind, cookie_hash, created_at, expires_at)
       SELECT $1, $2, id, $4, $5, $6, $7 FROM users
       WHERE id = $3 AND password_hash = $8 AND disabled_at IS NULL FOR SHARE
       RETURNING 1`,
      [
        session.id,
        session.organizationId,
        session.userId,
        session.kind,
        session.cookieHash,
        session.createdAt,
        session.expiresAt,
        passwordHash,
      ],
    );
    return inserted !== undefined;
  }

  async insertToken(tx: Tx, token: Omit<RefreshToken, 'usedAt'>): Promise<void> {
    await tx.send(
      `INSERT INTO refresh_tokens (id, session_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
      [token.id, token.sessionId, token.tokenHash, token.createdAt, token.expiresAt],
    );
  }

  /** Locked: of two uses at once, the second sees the first. */
  lockToken(tx: Tx, tokenHash: string): Promise<LockedToken | undefined> {
    return tx.one<LockedToken>(
      `SELECT t.id, t.session_id AS "sessionId", s.user_id AS "userId", s.organization_id AS "organizationId",
         least(t.expires_at, s.expires_at) AS "expiresAt", t.used_at AS "usedAt",
         (s.revoked_at IS NOT NULL OR u.disabled_at IS NOT NULL) AS "sessionEnded"
       FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
       WHERE t.token_hash = $1 FOR UPDATE OF t`,
      [tokenHash],
    );
  }

  async markUsed(tx: Tx, tokenId: string, now: Date): Promise<void> {
    await tx.send('UPDATE refresh_tokens SET used_at = $2 WHERE id = $1', [tokenId, now]);
  }

  async revoke(tx: Tx, sessionIds: readonly string[], reason: string, now: Date): Promise<void> {
    await tx.send(
      'UPDATE sessions SET revoked_at = $2, revoked_reason = $3 WHERE id = ANY($1::uuid[]) AND revoked_at IS NULL',
      [sessionIds, now, reason],
    );
  }

  async revokeAllOf(tx: Tx, userId: string, reason: string, now: Date): Promise<void> {
    await tx.send(
      'UPDATE sessions SET revoked_at = $2, revoked_reason = $3 WHERE user_id = $1 AND revoked_at IS NULL',
      [userId, now, reason],
    );
  }

  /** The session behind a page cookie. */
  async sessionOfCookie(cookieHash: string): Promise<string | undefined> {
    const [session] = await this.db.query<{ id: string }>(
      systemContext,
      'SELECT id FROM sessions WHERE cookie_hash = $1 AND revoked_at IS NULL',
      [cookieHash],
    );
    return session?.id;
  }
}
