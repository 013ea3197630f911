import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { resolveKeys } from '../../platform/crypto/development-keys.js';
import { PageGuard } from '../../platform/http/page-guard.js';
import { Refusals } from '../../platform/http/refusals.js';
import { AccessGuard, JwtGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';
import { LoginController } from './admin/login.controller.js';
import { QueueBoard } from './admin/queue-board.js';
import { SignedInPages } from './admin/signed-in-pages.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeys } from './api-keys.service.js';
import { AuthController } from './auth.controller.js';
import { BearerTokens } from './bearer-tokens.js';
import { FirstAdmin } from './first-admin.js';
import { JwtStrategy } from './jwt.strategy.js';
import { Principals } from './principals.js';
import { RecordedRefusals } from './recorded-refusals.js';
import { RouteRules } from './route-rules.js';
import { Sessions } from './sessions.service.js';
import { SessionStore } from './sessions.store.js';
import { StreamLifetimes } from './stream-lifetimes.js';
import { UsersController } from './users.controller.js';
import { Users } from './users.service.js';

/** Accounts, sign-in, and the guard in front of every route. Global: streams and pages of other modules ask it too. */
@Global()
@Module({
  imports: [PassportModule, DiscoveryModule],
  controllers: [AuthController, UsersController, ApiKeysController, LoginController],
  providers: [
    {
      provide: AccessTokens,
      useFactory: (config: Config, clock: Clock) => new AccessTokens(resolveKeys(config).jwtPrivateKeys, clock),
      inject: [CONFIG, Clock],
    },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: PageGuard, useExisting: SignedInPages },
    { provide: Refusals, useClass: RecordedRefusals },
    ApiKeys,
    BearerTokens,
    FirstAdmin,
    JwtGuard,
    JwtStrategy,
    Principals,
    QueueBoard,
    RouteRules,
    Sessions,
    SessionStore,
    SignedInPages,
    StreamLifetimes,
    Users,
  ],
  exports: [ApiKeys, FirstAdmin, PageGuard, Principals, Refusals, StreamLifetimes, Users],
})
export class AuthModule {}
