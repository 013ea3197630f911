import type { DynamicModule, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuditModule } from '../../src/modules/audit/index.js';
import { AuthModule } from '../../src/modules/auth/index.js';
import type { Clock } from '../../src/platform/clock/index.js';
import { resolveKeys } from '../../src/platform/crypto/development-keys.js';
import { Database } from '../../src/platform/db/index.js';
import { createHttpApp, HttpPlatformModule, serve } from '../../src/platform/http/index.js';
import { Lifecycle } from '../../src/platform/lifecycle.js';
import { MetricsModule } from '../../src/platform/metrics/index.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { accounts, type Accounts } from './accounts.js';
import type { TestDatabase } from './database.js';
import type { Sql } from './looker.js';
import type { Surroundings } from './surroundings.js';

export interface ModuleApp extends Accounts {
  app: NestFastifyApplication;
  url: string;
  database: TestDatabase;
  db: Database;
  /** Looks at rows past row-level security. */
  sql: Sql;
  get<T>(token: abstract new (...args: never[]) => T): T;
  stop(): Promise<void>;
}

export interface ModuleAppOptions {
  /** Beside HTTP, metrics, audit and accounts, which are always there. */
  modules?: readonly (Type | DynamicModule)[];
  controllers?: Type[];
  /** Default: the real time. */
  clock?: Clock;
  /** Relay and workers run; what is done by the clock is for the test to call. Default: nothing moves but what the test moves. */
  works?: boolean;
  env?: Record<string, string>;
}

/** Some modules over HTTP, without the rest of the pipeline. */
export async function startModules(around: Surroundings, options: ModuleAppOptions): Promise<ModuleApp> {
  const { database, url, sql, cleanup } = around;
  const { databaseUrl, queueUrl } = database;
  const config = around.config({ ...(options.works === true && { ROLES: 'api,worker' }), ...options.env });
  class ModuleAppModule {}
  const root: DynamicModule = {
    module: ModuleAppModule,
    imports: [
      PlatformModule.forRoot({
        config,
        databaseUrl,
        queueUrl,
        keys: resolveKeys(config),
        ...(options.clock && { clock: options.clock }),
      }),
      HttpPlatformModule,
      MetricsModule,
      AuditModule,
      AuthModule,
      ...(options.modules ?? []),
    ],
    controllers: options.controllers ?? [],
  };
  const stop = () => cleanup.run();
  try {
    const app = await createHttpApp(root, config, { logger: false });
    cleanup.add(() => app.close());
    await app.get(Database).open();
    await app.init();
    if (options.works === true) await app.get(Lifecycle).start(() => undefined);
    await serve(app, config.PORT, '127.0.0.1');
    const get = <T>(token: abstract new (...args: never[]) => T): T => app.get(token, { strict: false });
    return { ...(await accounts(sql, get)), app, url, database, db: get(Database), sql, get, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
