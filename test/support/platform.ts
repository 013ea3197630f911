import type { DynamicModule, INestApplicationContext, Provider, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { resolveKeys } from '../../src/platform/crypto/development-keys.js';
import { Database } from '../../src/platform/db/index.js';
import { Lifecycle } from '../../src/platform/lifecycle.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import type { TestDatabase } from './database.js';
import type { Sql } from './looker.js';
import { surroundings } from './surroundings.js';

export interface TestPlatform {
  context: INestApplicationContext;
  database: TestDatabase;
  /** Looks at rows past row-level security. */
  sql: Sql;
  get<T>(token: abstract new (...args: never[]) => T): T;
  /** Starts relay and workers. */
  work(): Promise<void>;
  stop(): Promise<void>;
}

/** The machinery with the given providers or modules and nothing of HTTP, on a database of its own. */
export async function startTestPlatform(
  parts: {
    imports?: (Type | DynamicModule)[];
    providers?: Provider[];
    env?: Record<string, string>;
    /** Another way to the queues in PostgreSQL than the straight one. */
    queueUrl?: (straight: string) => Promise<string>;
  } = {},
): Promise<TestPlatform> {
  const { database, sql, cleanup, config: configOf } = await surroundings('platform');
  const stop = () => cleanup.run();
  const config = configOf(parts.env);
  const { databaseUrl } = database;
  const queueUrl = parts.queueUrl ? await parts.queueUrl(database.queueUrl) : database.queueUrl;
  class TestPlatformModule {}
  const root: DynamicModule = {
    module: TestPlatformModule,
    imports: [
      PlatformModule.forRoot({ config, databaseUrl, queueUrl, keys: resolveKeys(config) }),
      ...(parts.imports ?? []),
    ],
    providers: parts.providers ?? [],
  };
  try {
    const context = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    cleanup.add(() => context.close());
    await context.get(Database).open();
    return {
      context,
      database,
      sql,
      get: (token) => context.get(token, { strict: false }),
      work: () => context.get(Lifecycle).start(() => undefined),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
