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

/** A vendor that may call us needs the secret its calls are verified with. */
const inboundSecrets: readonly (readonly [SettingName, SettingName])[] = [
  ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
  ['SHIPPO_API_TOKEN', 'SHIPPO_WEBHOOK_SECRET'],
  ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'],
  ['LIFEFILE_API_URL', 'LIFEFILE_WEBHOOK_SECRET'],
];

const shortestSecret = 16;
/** Vendor calls end after 20 s at most, and some SDKs repeat them once. */
const shortestHoldMs = 45_000;

export function productionProblems(config: Config): string[] {
  const unverified = inboundSecrets
    .filter(([vendor, secret]) => config[vendor] !== undefined && config[secret] === undefined)
    .map(([vendor, secret]) => `${secret}: needed because ${vendor} is set; unverified webhooks are refused`);
  if (config.NODE_ENV !== 'production') return unverified;
  return [
    ...unverified,
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
    ...inboundSecrets
      .map(([, secret]) => secret)
      .filter((name) => typeof config[name] === 'string' && config[name].length < shortestSecret)
      .map((name) => `${name}: shorter than ${shortestSecret} characters`),
    ...(config.CAREPORTALS_SOURCES?.some(({ secrets }) => secrets.some((secret) => secret.length < shortestSecret))
      ? [`CAREPORTALS_SOURCES: a secret is shorter than ${shortestSecret} characters`]
      : []),
  ];
}
