import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { Fails } from './openapi.decorators.js';

/**
 * For POSTs that create or cost: the same `Idempotency-Key` with the same body gets the stored answer. Stands above the interceptor
 * that reads an upload, which thereby runs first.
 */
export function Idempotent(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        '1 to 255 printable ASCII characters; a repeat with the same body gets the first answer, for 48 hours.',
      example: '0b7c3f1e-4f57-4a3c-9d62-6a1a9f5d2c11',
    }),
    Fails('idempotency.key-reused', 'idempotency.in-progress', 'idempotency.key-invalid'),
  );
}
