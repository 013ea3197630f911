import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '../../../config/index.js';

type Origins = Pick<Config, 'CORS_ORIGINS' | 'PATIENT_PORTAL_URL'>;

/** What a page may read of an answer beside its body. */
const exposedHeaders = [
  'allow',
  'content-disposition',
  'idempotent-replayed',
  'location',
  'retry-after',
  'x-request-id',
];
const preflightSeconds = 600;

/**
 * Lets pages of front ends on other origins call this server from the browser: the patients' portal and those that are named.
 * Without them nothing is added to any answer. Cookies are never taken from elsewhere; such pages send tokens.
 */
export function letFrontEndsIn(app: NestFastifyApplication, { CORS_ORIGINS, PATIENT_PORTAL_URL }: Origins): void {
  const named = [
    ...(CORS_ORIGINS?.split(',') ?? []),
    ...(PATIENT_PORTAL_URL === undefined ? [] : [PATIENT_PORTAL_URL]),
  ];
  const origins = named.map((one) => new URL(one.trim()).origin);
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...new Set(origins)],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders,
    maxAge: preflightSeconds,
    // An OPTIONS that asks nothing is no error of anybody's.
    strictPreflight: false,
  });
}
