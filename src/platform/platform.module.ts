import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DataSource } from 'typeorm';
import type { Config } from '../../config/index.js';
import { Clock, SystemClock } from './clock/index.js';
import { CONFIG } from './config/index.js';
import type { PlatformKeys } from './crypto/development-keys.js';
import { Keyring } from './crypto/index.js';
import { Database } from './db/index.js';
import { dataSourceOptions } from './db/data-source.js';
import { Effects } from './effects/index.js';
import { HandlerTable } from './jobs/index.js';
import { Bell, Outbox, OutboxStore } from './outbox/index.js';
import { QUEUE_BACKEND, QueueAccess } from './jobs/queue-access.js';
import { Lifecycle } from './lifecycle.js';
import { Schedules } from './schedules/index.js';
import { createFileStorage, FileReferences, FileStorage } from './storage/index.js';
import { DecodingScanner, FileScanner, Pictures } from './uploads/index.js';

export interface PlatformOptions {
  config: Config;
  databaseUrl: string;
  queueUrl: string | undefined;
  keys: Pick<PlatformKeys, 'dataKeys' | 'blindIndexKey'>;
  /** Tests freeze it. */
  clock?: Clock;
}

/** Machinery every module may inject. Global, because none of it is business. */
@Module({})
export class PlatformModule {
  static forRoot(options: PlatformOptions): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: options.config },
      { provide: Clock, useValue: options.clock ?? new SystemClock() },
      {
        provide: Keyring,
        useFactory: () => new Keyring(options.keys.dataKeys, options.keys.blindIndexKey),
      },
      {
        provide: DataSource,
        useFactory: () => new DataSource(dataSourceOptions(options.databaseUrl, options.config.DATABASE_POOL_SIZE)),
      },
      {
        provide: FileStorage,
        useFactory: (keyring: Keyring) => createFileStorage(options.config, keyring),
        inject: [Keyring],
      },
      { provide: QUEUE_BACKEND, useFactory: () => new QueueAccess(options.config, options.queueUrl) },
      Database,
      Bell,
      Outbox,
      OutboxStore,
      Effects,
      Schedules,
      FileReferences,
      { provide: FileScanner, useClass: DecodingScanner },
      Pictures,
      HandlerTable,
      Lifecycle,
    ];
    return {
      module: PlatformModule,
      global: true,
      imports: [DiscoveryModule],
      providers,
      exports: providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide)),
    };
  }
}
