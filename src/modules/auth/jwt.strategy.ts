import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { AccessTokens, audience, issuer } from './access-tokens.js';
import { BearerTokens } from './bearer-tokens.js';
import type { Principal } from './principal.js';

/** Signature, issuer, audience, type and expiry of the token; then whether its session still stands. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    tokens: AccessTokens,
    private readonly bearer: BearerTokens,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: ['RS256'],
      issuer,
      audience,
      // Expiry is compared with the platform's clock in validate(): jsonwebtoken would read the system's.
      ignoreExpiration: true,
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: Error | null, key?: string) => void) => {
        const key = tokens.verificationKey(token);
        // passport-jwt hands it to jsonwebtoken, which takes KeyObjects and does not parse a PEM per request then.
        done(key === undefined ? new Error('unknown key') : null, key as unknown as string);
      },
    });
  }

  async validate(payload: unknown): Promise<Principal | false> {
    return (await this.bearer.principalOfClaims(payload)) ?? false;
  }
}
