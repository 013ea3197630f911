import { passwordsOf, rotatingSecrets } from './forms.js';
import type { Config, SettingName } from './settings.js';

/** What a production start cannot do without, and why. */
const requiredInProduction: readonly (readonly [SettingName, string])[] = [
  ['DATABASE_URL', 'the embedded database is for one machine only'],
  ['PUBLIC_URL', 'links and webhook signatures need the address the world uses'],
  ['DATA_KEYS', 'the development key lies beside the data it protects'],
  ['BLIND_INDEX_KEY', 'the development key lies beside the data it protects'],
  ['JWT_PRIVATE_KEYS', 'tokens would be signed by a key kept in the data folder'],
  ['METRICS_TOKEN', 'metrics would be open to whatever reaches loopback'],
];

/** A vendor that may call us needs at least one way its calls are verified. */
const inboundMethods: readonly (readonly [SettingName, readonly [SettingName, ...SettingName[]]])[] = [
  ['STRIPE_SECRET_KEY', ['STRIPE_WEBHOOK_SECRET']],
  ['SHIPPO_API_TOKEN', ['SHIPPO_WEBHOOK_SECRET']],
  ['TWILIO_ACCOUNT_SID', ['TWILIO_AUTH_TOKEN']],
  [
    'LIFEFILE_API_URL',
    [
      'LIFEFILE_WEBHOOK_BASIC',
      'LIFEFILE_WEBHOOK_SECRET',
      'LIFEFILE_WEBHOOK_BEARER',
      'LIFEFILE_WEBHOOK_TOKEN',
      'LIFEFILE_WEBHOOK_ADDRESSES',
    ],
  ],
];
const noSecret: ReadonlySet<SettingName> = new Set(['LIFEFILE_WEBHOOK_ADDRESSES']);
/** A user's name is known to who guesses. */
const withUser: ReadonlySet<SettingName> = new Set(['LIFEFILE_WEBHOOK_BASIC']);

const shortestSecret = 16;
/** Vendor calls end after 20 s at most, and some SDKs repeat them once. */
const shortestHoldMs = 45_000;

export function productionProblems(config: Config): string[] {
  const unverified = inboundMethods
    .filter(([vendor, methods]) => config[vendor] !== undefined && methods.every((name) => config[name] === undefined))
    .map(([vendor, [first, ...others]]) => {
      const instead = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
      return `${first}: needed because ${vendor} is set${instead}; unverified webhooks are refused`;
    });
  const always = [
    ...unverified,
    ...(config.API_PROCESSES > 1 && String(config.ROLES) !== 'api'
      ? ['API_PROCESSES: several processes only answer requests: set ROLES=api and start workers beside them']
      : []),
  ];
  if (config.NODE_ENV !== 'production') return always;
  return [
    ...always,
    ...requiredInProduction
      .filter(([name]) => config[name] === undefined)
      .map(([name, why]) => `${name}: needed in production: ${why}`),
    ...(config.REDIS_URL === undefined && config.QUEUE_DATABASE_URL === undefined
      ? ['QUEUE_DATABASE_URL: needed in production unless REDIS_URL is set']
      : []),
    ...(config.EFFECT_HOLD_MS < shortestHoldMs
      ? [`EFFECT_HOLD_MS: below ${shortestHoldMs} a vendor could be asked twice while it still answers`]
      : []),
    ...(config.WEBHOOKS_ALLOW_PRIVATE === 'true'
      ? ['WEBHOOKS_ALLOW_PRIVATE: integrators could reach what is behind the firewall']
      : []),
    ...inboundMethods
      .flatMap(([, methods]) => methods)
      .filter((name) => !noSecret.has(name))
      .filter((name) => hasShortSecret(name, config[name]))
      .map((name) => `${name}: shorter than ${shortestSecret} characters`),
    ...keyProblems(config),
    ...(config.CAREPORTALS_SOURCES?.some(({ secrets }) => secrets.some((secret) => secret.length < shortestSecret))
      ? [`CAREPORTALS_SOURCES: a secret is shorter than ${shortestSecret} characters`]
      : []),
  ];
}

/** Of the secrets in rotation each counts. */
function hasShortSecret(name: SettingName, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const secrets = withUser.has(name) ? passwordsOf(value) : rotatingSecrets(value);
  return secrets.some(({ length }) => length < shortestSecret);
}

/** No source of randomness makes them: a placeholder that was left, or one key copied to where another belongs. */
function keyProblems({ DATA_KEYS: dataKeys = '', BLIND_INDEX_KEY: indexKey }: Config): string[] {
  const sealing = dataKeys === '' ? [] : dataKeys.split(',').map((key) => bytesOf(key.slice(key.indexOf(':') + 1)));
  const index = indexKey === undefined ? undefined : bytesOf(indexKey);
  return [
    ...(sealing.some(isOneByte) ? ['DATA_KEYS: a key of one byte over and over is none'] : []),
    ...(index !== undefined && isOneByte(index) ? ['BLIND_INDEX_KEY: a key of one byte over and over is none'] : []),
    ...(index !== undefined && sealing.some((key) => key.equals(index))
      ? ['BLIND_INDEX_KEY: also a key of DATA_KEYS; each needs one of its own']
      : []),
  ];
}

const bytesOf = (base64: string) => Buffer.from(base64, 'base64');
const isOneByte = (key: Buffer) => new Set(key).size === 1;
