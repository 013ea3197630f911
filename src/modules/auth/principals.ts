import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Statement } from '../../platform/db/index.js';
import { BriefCache } from '../../platform/brief-cache/index.js';
import { isPermission, permissionsOf, type Permission } from './permissions.js';
import type { Principal } from './principal.js';
import type { UserRole } from './user.entity.js';

/** Revocation works within 5 s: 3 s here, the rest for clocks and requests under way. */
const keptMs = 3_000;
const mostKept = 10_000;
const lastUsedPrecisionMs = 60_000;

export const apiKeyPrefix = 'phk_';

interface UserRow {
  id: string;
  organizationId: string;
  role: UserRole;
  providerId: string | null;
  pharmacyId: string | null;
  patientId: string | null;
  sessionId: string;
}

interface KeyRow {
  id: string;
  organizationId: string;
  scopes: string[];
  lastUsedAt: Date | null;
}

const openSessionOf = (condition: string): string => `
  SELECT u.id, u.organization_id AS "organizationId", u.role, u.provider_id AS "providerId", u.pharmacy_id AS "pharmacyId",
    u.patient_id AS "patientId", s.id AS "sessionId"
  FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE ${condition} AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL`;

const bySession: Statement = { name: 'auth_session', text: openSessionOf(`s.id = $1 AND s.kind = 'token'`) };
const byCookie: Statement = { name: 'auth_cookie', text: openSessionOf(`s.cookie_hash = $1 AND s.kind = 'page'`) };

const byKey: Statement = {
  name: 'auth_api_key',
  text: `SELECT id, organization_id AS "organizationId", scopes, last_used_at AS "lastUsedAt" FROM api_keys
    WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
};

/** Who stands behind a session or a key, as of at most three seconds ago. */
@Injectable()
export class Principals {
  private readonly cache = new BriefCache<Principal | undefined>(keptMs, mostKept);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  ofSession(sessionId: string): Promise<Principal | undefined> {
    return this.cache.get(`session ${sessionId}`, () => this.user(bySession, sessionId));
  }

  ofCookie(cookie: string): Promise<Principal | undefined> {
    const hash = sha256(cookie);
    return this.cache.get(`cookie ${hash}`, () => this.user(byCookie, hash));
  }

  ofApiKey(key: string): Promise<Principal | undefined> {
    const hash = sha256(key);
    return this.cache.get(`key ${hash}`, () => this.program(hash));
  }

  /** This process forgets at once; others within three seconds. */
  forgetAll(): void {
    this.cache.clear();
  }

  private async user(statement: Statement, value: string): Promise<Principal | undefined> {
    const [row] = await this.db.query<UserRow>(systemContext, statement, [value, this.clock.now()]);
    return row === undefined ? undefined : principalOfUser(row);
  }

  private async program(hash: string): Promise<Principal | undefined> {
    const now = this.clock.now();
    const [row] = await this.db.query<KeyRow>(systemContext, byKey, [hash, now]);
    if (row === undefined) return undefined;
    if (row.lastUsedAt === null || now.getTime() - row.lastUsedAt.getTime() >= lastUsedPrecisionMs) {
      await this.db.query(systemContext, 'UPDATE api_keys SET last_used_at = $2 WHERE id = $1', [row.id, now]);
    }
    return {
      kind: 'api-key',
      id: row.id,
      role: 'integrator',
      organizationId: row.organizationId,
      permissions: grantedTo(row.scopes),
    };
  }
}

function principalOfUser(row: UserRow): Principal {
  return {
    kind: 'user',
    id: row.id,
    role: row.role,
    organizationId: row.organizationId,
    ...(row.providerId !== null && { providerId: row.providerId }),
    ...(row.pharmacyId !== null && { pharmacyId: row.pharmacyId }),
    ...(row.patientId !== null && { patientId: row.patientId }),
    permissions: new Set(permissionsOf[row.role]),
    sessionId: row.sessionId,
  };
}

/** Scopes are cut to what keys may have today, whatever an old key was given. */
function grantedTo(scopes: readonly string[]): ReadonlySet<Permission> {
  const grantable = new Set<Permission>(permissionsOf.integrator);
  return new Set(scopes.filter(isPermission).filter((scope) => grantable.has(scope)));
}
