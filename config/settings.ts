import { z } from 'zod';
import {
  text,
  urlOf,
  url,
  origin,
  origins,
  databaseUrl,
  rotated,
  rotatedOf,
  rsaKeys,
  addresses,
  number,
  count,
  flag,
  list,
  clocks,
  careportalsSources,
} from './forms.js';

/**
 * Every environment variable once: its type, its default and one line of documentation. The configuration table of the
 * README is generated from this list, and `.env.example` too.
 */
export interface Setting<T = unknown> {
  schema: z.ZodType<T>;
  doc: string;
  /** Never printed, not even in an error. */
  secret?: boolean;
}

export const roles = ['api', 'worker', 'scheduler'] as const;
export type ProcessRole = (typeof roles)[number];

/** What each is for and how much of it runs at once: platform/jobs/queues.ts. */
export const queueNames = [
  'steps',
  'undoing',
  'claims',
  'stripe',
  'shippo',
  'lifefile',
  'email',
  'sms',
  'webhooks',
  'maintenance',
] as const;
export type QueueName = (typeof queueNames)[number];

const optional = <T>(schema: z.ZodType<T>, doc: string, secret = false): Setting<T | undefined> => ({
  schema: schema.optional(),
  doc,
  ...(secret && { secret }),
});

export const settings = {
  NODE_ENV: {
    schema: z.enum(['development', 'test', 'production']).default('development'),
    doc: 'production refuses weak or missing secrets at start',
  },
  ROLES: {
    schema: list(roles).default([...roles]),
    doc: 'what this process does: api, worker, scheduler, separated by commas; without api it answers health and metrics only',
  },
  API_PROCESSES: {
    schema: count(1),
    doc: 'with ROLES=api: so many processes answer at one port, one that dies is replaced; as many as there are cores to use',
  },
  PORT: { schema: number().int().min(0).max(65535).default(3000), doc: 'port of the HTTP server' },
  HOST: { schema: text.default('127.0.0.1'), doc: 'address the HTTP server listens on; 0.0.0.0 in a container' },
  PUBLIC_URL: optional(
    origin,
    'base URL the outside world reaches this platform at; links and webhook signatures use it',
  ),
  PATIENT_PORTAL_URL: optional(
    url,
    'base URL of a separate patient front end; enrollment and tracking links point there instead, and its pages may call the API',
  ),
  CORS_ORIGINS: optional(
    origins,
    'origins of other front ends whose pages may call the API from the browser, separated by commas',
  ),
  BRAND_NAME: { schema: text.max(40).default('Pharmonico'), doc: 'name patients read in messages and on pages' },
  SUPPORT_PHONE: {
    schema: text.max(40).default('1-800-SUPPORT'),
    doc: 'display text of the help line; carriers are told it for pharmacies without a phone',
  },
  LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    doc: 'lowest level that is written',
  },
  DATA_DIR: { schema: text.default('data'), doc: 'folder of the embedded database, local files and development keys' },
  AUDIT_ANCHOR_FILE: optional(
    text,
    'file the heads of the audit chains are appended to; audit-anchors.jsonl in DATA_DIR',
  ),

  DATABASE_URL: optional(
    databaseUrl,
    'PostgreSQL 15 or newer (tested on 18), as the application role; without it an embedded one is started',
    true,
  ),
  DATABASE_OWNER_URL: optional(
    databaseUrl,
    'the same database as the role that owns the tables; needed by npm run migrate only',
    true,
  ),
  QUEUE_DATABASE_URL: optional(
    databaseUrl,
    'the same server as the role that owns schema bullmq; needed without REDIS_URL',
    true,
  ),
  DATABASE_POOL_SIZE: {
    schema: count(20),
    doc: 'connections of this process to the database for requests, and as many for its own work',
  },
  REDIS_URL: optional(urlOf('redis', 'rediss'), 'Redis for the queues; without it they live in PostgreSQL', true),
  QUEUE_PREFIX: {
    schema: text.default('pharmonico'),
    doc: 'key prefix of the queues in Redis; use {braces} on a cluster',
  },
  QUEUES: optional(
    list(queueNames),
    `queues this worker consumes, separated by commas; all by default. Each needs one: ${queueNames.join(', ')}`,
  ),
  OUTBOX_POLL_MS: {
    schema: count(1000),
    doc: 'safety net of the relay: it looks for work this often even when not woken',
  },
  OUTBOX_LEASE_MS: {
    schema: count(60_000),
    doc: 'after this long without an end, a job that was handed out is handed out again',
  },
  RETRY_SCALE: {
    schema: number().positive().default(1),
    doc: 'multiplies every back-off; below 1 for tests and the demo',
  },
  RECONCILE_EVERY_MS: {
    schema: count(180_000),
    doc: 'how often Stripe is asked about payments and refunds, and Twilio about texts, that no webhook told of',
  },
  EFFECT_HOLD_MS: {
    schema: count(45_000),
    doc: 'a call to a vendor that gave no answer is not repeated or asked about before; longer than any call lasts',
  },
  TICKET_CLOCKS: {
    schema: clocks.default({ sent: 4, received: 8, processing: 16, ready: 40 }),
    doc: 'opening hours a ticket may stay in a status before operations are told, such as sent=4,received=8; a status left out has no clock',
  },
  WEBHOOKS_PER_MINUTE: {
    schema: count(300_000),
    doc: 'verified webhooks each source may send in a minute, over all processes; more are asked to come back (429)',
  },
  MESSAGE_PATIENCE_MS: {
    schema: count(60_000, 0),
    doc: 'a message on a ticket that nobody it concerns has read for this long is told by email or SMS',
  },
  REMINDER_AFTER_HOURS: {
    schema: count(24, 0),
    doc: 'a patient who has not followed an enrollment or payment link is reminded once after this long, at half of the life of the link at the latest; 0 reminds nobody',
  },
  SCHEDULE_II_MAX_AGE_DAYS: {
    schema: number().int().min(1).max(366).default(90),
    doc: 'days after the date written in which a schedule II prescription may be filled; states differ, federal law sets none',
  },
  PAEDIATRIC_VITALS: {
    schema: z.enum(['warns', 'blocks']).default('warns'),
    doc: 'what an order without height and weight for a patient under 19 does: warns, or blocks',
  },
  REFILL_AFTER_PERCENT: {
    schema: number().min(0).max(100).default(85),
    doc: 'how much of the last fill, by its days supply, must be used up before it is filled again: controlled substances are held, of others the order is warned of; 0 lets every refill through',
  },
  SCHEDULE_II_REFILL_AFTER_PERCENT: {
    schema: number().min(90).max(100).default(90),
    doc: 'the same for schedule II, 90 at least',
  },
  TRACKING_POLL_MINUTES: { schema: count(240), doc: 'a shipment without news for this long is asked about' },

  WEBHOOKS_ALLOW_PRIVATE: {
    schema: flag('false'),
    doc: "true lets integrators' webhooks go to private addresses; for development, production refuses it",
  },

  S3_ENDPOINT: optional(url, 'S3-compatible storage; without S3_BUCKET files go to DATA_DIR'),
  S3_REGION: { schema: text.default('us-east-1'), doc: 'region of the bucket' },
  S3_BUCKET: optional(text, 'bucket for encrypted files of one installation; unknown ones are deleted after a day'),
  S3_ACCESS_KEY_ID: optional(text, 'access key of the bucket', true),
  S3_SECRET_ACCESS_KEY: optional(text, 'secret key of the bucket', true),

  DATA_KEYS: optional(
    z
      .string()
      .regex(/^[\w-]{1,16}:[A-Za-z0-9+/]{43}=(,[\w-]{1,16}:[A-Za-z0-9+/]{43}=)*$/, 'expected id:base64 of 32 bytes'),
    'field encryption keys, id:base64(32 bytes): the first seals, all of them open',
    true,
  ),
  BLIND_INDEX_KEY: optional(
    z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'expected base64 of 32 bytes'),
    'key of the look-up index over encrypted fields, base64(32 bytes)',
    true,
  ),
  JWT_PRIVATE_KEYS: optional(
    rsaKeys,
    'RSA private keys (PKCS#8 PEM, base64), separated by commas: the first signs, all of them verify',
    true,
  ),
  ADMIN_EMAIL: optional(z.email(), 'first administrator, created when no user exists'),
  ADMIN_PASSWORD: optional(z.string().min(12), 'password of the first administrator, at least 12 characters', true),
  METRICS_TOKEN: optional(
    rotatedOf(16),
    'bearer token of /metrics, without commas; a second one after a comma is being rotated; without it only loopback may read',
    true,
  ),
  TRUSTED_PROXIES: optional(
    addresses,
    'addresses or networks of the proxies in front, whose X-Forwarded-For says who asks; without it the connection says so',
  ),
  DOCS_PUBLIC: { schema: flag('false'), doc: 'true shows /docs without sign-in in production' },

  STRIPE_SECRET_KEY: optional(text, 'Stripe secret key (sk_test_… or sk_live_…); without it payments are off', true),
  STRIPE_PUBLISHABLE_KEY: optional(
    text,
    'Stripe publishable key; kept beside the secret one for the front ends that are deployed with it, not read here',
  ),
  STRIPE_WEBHOOK_SECRET: optional(rotated, 'Stripe endpoint secret; a second one after a comma is being rotated', true),
  STRIPE_API_BASE: optional(url, 'another Stripe API address: the sandbox'),
  TWILIO_ACCOUNT_SID: optional(text, 'Twilio account; without it SMS is off'),
  TWILIO_AUTH_TOKEN: optional(rotated, 'Twilio token, also verifies its webhooks', true),
  TWILIO_PHONE_NUMBER: optional(text, 'sender of SMS in E.164'),
  TWILIO_API_BASE: optional(url, 'another Twilio API address: the sandbox'),
  SENDGRID_API_KEY: optional(text, 'SendGrid key; mail goes through its SMTP relay', true),
  SMTP_URL: optional(urlOf('smtp', 'smtps'), 'SMTP server, smtp:// or smtps://; wins over SENDGRID_API_KEY', true),
  MAIL_FROM: {
    schema: text.default('Pharmonico <no-reply@pharmonico.example>'),
    doc: 'sender of email; carriers are told the address',
  },
  SHIPPO_API_TOKEN: optional(text, 'Shippo token (shippo_test_… or shippo_live_…); without it labels are off', true),
  SHIPPO_WEBHOOK_SECRET: optional(rotated, 'secret of Shippo webhooks (query token and HMAC)', true),
  SHIPPO_API_BASE: optional(url, 'another Shippo API address: the sandbox'),
  LIFEFILE_WEBHOOK_SECRET: optional(
    rotated,
    'HMAC secret of signed Lifefile status pushes; of this and the next three a second one after a comma is being rotated',
    true,
  ),
  LIFEFILE_WEBHOOK_BASIC: optional(
    z.string().regex(/^[^:,\s]+:[^,]+(,[^:,\s]+:[^,]+)*$/, 'expected user:password, without commas in either'),
    'user:password of Lifefile status pushes, which come with Basic',
    true,
  ),
  LIFEFILE_WEBHOOK_BEARER: optional(rotated, 'bearer token of Lifefile status pushes', true),
  LIFEFILE_WEBHOOK_TOKEN: optional(rotated, 'secret in the address of Lifefile status pushes, ?token=', true),
  LIFEFILE_WEBHOOK_ADDRESSES: optional(
    addresses,
    'only these addresses may push Lifefile statuses; alone it is their proof, so behind a proxy only with TRUSTED_PROXIES',
  ),
  LIFEFILE_ORGANIZATION: optional(
    z.uuid(),
    'id of the organization Lifefile speaks for; statuses for the orders of others are parked. All by default',
  ),
  LIFEFILE_API_URL: optional(
    url,
    'Lifefile order API with its version, such as https://host27a.lifefile.net:10165/lfapi/v1; without it partner pharmacies are off',
  ),
  LIFEFILE_API_USER: optional(text, 'Lifefile API user'),
  LIFEFILE_API_PASSWORD: optional(text, 'Lifefile API password', true),
  LIFEFILE_API_NETWORK_ID: optional(text, 'number of the API network at Lifefile, sent as X-API-Network-ID'),
  LIFEFILE_VENDOR_ID: optional(text, 'number of the vendor at Lifefile, sent as X-Vendor-ID'),
  LIFEFILE_LOCATION_ID: optional(text, 'number of the pharmacy location at Lifefile, sent as X-Location-ID'),
  LIFEFILE_CANCEL_STATUS: optional(
    text,
    'code of the order status by which the pharmacy cancels; without it somebody has to speak to the pharmacy',
  ),
  LIFEFILE_ORDER_LOOKUP: {
    schema: flag('false'),
    doc: 'true for an order API that answers GET order/by-reference/:id, as Lifefile’s own does not: there an order whose answer was lost is for a person',
  },
  CAREPORTALS_SOURCES: {
    schema: careportalsSources.optional(),
    doc: 'who sends CarePortals webhooks, code:organization=secret, several apart by semicolons; the organization by id or name, a second secret after a comma is being rotated',
    secret: true,
  },
  CLAIM_SWITCH_URL: optional(url, 'claim switch; without it adjudication is off'),
  CLAIM_SWITCH_API_KEY: optional(text, 'key of the claim switch', true),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export type Config = Readonly<{ [K in SettingName]: z.output<(typeof settings)[K]['schema']> }>;
