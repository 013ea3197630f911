import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { BriefCache } from '../../platform/brief-cache/index.js';
import { Clock } from '../../platform/clock/index.js';
import { Database, fold, systemContext, type Statement } from '../../platform/db/index.js';
import type { Principal } from './principal.js';

/** Who holds a stream open, long after the request was let in. */
export interface StreamHolder {
  readonly principal: Principal;
  /** Of the token; an API key has no expiry of its own in it. */
  readonly expiresAt: Date | undefined;
}

/** Revocation works within 5 s; the streams ask every second. */
const keptMs = 2_000;
const mostKept = 10_000;

/** Sessions and keys in one: an id is never both. */
const stillOpen: Statement = {
  name: 'auth_still_open',
  text: `SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ANY($1::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL
    UNION ALL
    SELECT k.id FROM api_keys k
    WHERE k.id = ANY($1::uuid[]) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)`,
};

/** How long a stream may stay open: as long as the sign-in or key it was opened with. A thousand streams ask in one statement. */
@Injectable()
export class StreamLifetimes {
  private readonly cache = new BriefCache<boolean>(keptMs, mostKept);
  private readonly isOpen = fold<string, boolean>(
    async (ids) => {
      const rows = await this.db.query<{ id: string }>(systemContext, stillOpen, [[...ids], this.clock.now()]);
      const open = new Set(rows.map(({ id }) => id));
      return ids.map((id) => open.has(id));
    },
    { mostItems: 1_000, mostBatches: 1 },
  );

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Nothing is verified here: the access guard has done that. */
  holder(principal: Principal, authorization: string | undefined): StreamHolder {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    return { principal, expiresAt: token === undefined ? undefined : expiryOf(token) };
  }

  hasExpired({ expiresAt }: StreamHolder): boolean {
    return expiresAt !== undefined && expiresAt <= this.clock.now();
  }

  /** Token not expired, session or key not revoked (as of at most two seconds ago). */
  async mayStay(holder: StreamHolder): Promise<boolean> {
    if (this.hasExpired(holder)) return false;
    const { principal } = holder;
    const id = principal.sessionId ?? (principal.kind === 'api-key' ? principal.id : undefined);
    return id === undefined || this.cache.get(id, () => this.isOpen(id));
  }
}

const claims = z.object({ exp: z.number() });

function expiryOf(token: string): Date | undefined {
  const [, payload] = token.split('.');
  if (payload === undefined) return undefined;
  try {
    const read = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return read.success ? new Date(read.data.exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}
