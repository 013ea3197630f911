import { Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { Clock } from '../../platform/clock/index.js';
import { AccessTokens, audience, issuer } from './access-tokens.js';
import type { Principal } from './principal.js';
import { Principals } from './principals.js';

const claimsSchema = z.object({ sub: z.uuid(), sid: z.uuid(), exp: z.number() });

/** From the claims of a token whose signature stands to who it speaks for; shared by passport and the pages. */
@Injectable()
export class BearerTokens {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly principals: Principals,
    private readonly clock: Clock,
  ) {}

  /** Expiry against the platform's clock, then whether the session still stands. */
  async principalOfClaims(payload: unknown): Promise<Principal | undefined> {
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success || claims.data.exp * 1000 <= this.clock.now().getTime()) return undefined;
    const principal = await this.principals.ofSession(claims.data.sid);
    return principal?.id === claims.data.sub ? principal : undefined;
  }

  /** @param authorization the header, `Bearer …` */
  async principalOf(authorization: string): Promise<Principal | undefined> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
    const key = token === undefined ? undefined : this.tokens.verificationKey(token);
    if (token === undefined || key === undefined) return undefined;
    return await this.principalOfClaims(verified(token, key));
  }
}

function verified(token: string, key: jwt.PublicKey): unknown {
  try {
    return jwt.verify(token, key, { algorithms: ['RS256'], issuer, audience, ignoreExpiration: true });
  } catch {
    return undefined;
  }
}
