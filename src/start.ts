import type { LoggerService } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import type { Config } from '../config/index.js';
import * as migrations from '../migrations/index.js';
import { AppModule } from './app.module.js';
import { ensureFirstAccount } from './first-account.js';
import { refuseMisfitKeys } from './misfit-keys.js';
import { areas } from './openapi-areas.js';
import type { Clock } from './platform/clock/index.js';
import { resolveKeys } from './platform/crypto/development-keys.js';
import { Database } from './platform/db/index.js';
import { pendingMigrations } from './platform/db/migrate.js';
import { createHttpApp, serve, type HttpAppOptions } from './platform/http/index.js';
import { Lifecycle } from './platform/lifecycle.js';
import { Metrics } from './platform/metrics/index.js';
import { refusePowerfulRoles } from './powerful-role.js';

export interface StartOptions {
  config: Config;
  databaseUrl: string;
  queueUrl: string | undefined;
  clock?: Clock;
  logger?: LoggerService | false;
  logTo?: HttpAppOptions['logTo'];
}

export interface RunningApplication {
  app: NestFastifyApplication;
  /** Where it listens. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the roles of this process.
 * @throws Error when in production a database role is too powerful, migrations are pending, keys are not those of the database, a job has no handler, a route no access rule
 */
export async function start(options: StartOptions): Promise<RunningApplication> {
  const { config } = options;
  const keys = resolveKeys(config);
  const app = await createHttpApp(AppModule.forRoot({ ...options, keys }), config, {
    areas,
    ...(options.logger !== undefined && { logger: options.logger }),
    ...(options.logTo !== undefined && { logTo: options.logTo }),
  });
  try {
    await app.get(Database).open();
    if (config.NODE_ENV === 'production')
      await refusePowerfulRoles(app, config.REDIS_URL === undefined ? options.queueUrl : undefined);
    const pending = await pendingMigrations(app.get(DataSource), Object.values(migrations));
    if (pending.length > 0) throw new Error(`${pending.length} migration(s) are pending; run: npm run migrate`);
    await refuseMisfitKeys(app);
    await app.init();
    if (config.ADMIN_EMAIL !== undefined && config.ADMIN_PASSWORD !== undefined) await ensureFirstAccount(app, config);
    const metrics = app.get(Metrics);
    await app.get(Lifecycle).start((job, outcome, seconds) => metrics.observeJob(job, outcome, seconds));
    await serve(app, config.PORT, config.HOST);
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  return { app, url: await app.getUrl(), stop: () => app.close() };
}
