import { Global, Module } from '@nestjs/common';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IdempotencyStore } from './idempotency.store.js';
import { RateLimits } from './rate-limits.js';

/** What routes need from the platform. Expects Database, Keyring and Clock from a global module. */
@Global()
@Module({
  providers: [IdempotencyStore, IdempotencyInterceptor, RateLimits],
  exports: [IdempotencyStore, IdempotencyInterceptor, RateLimits],
})
export class HttpPlatformModule {}
