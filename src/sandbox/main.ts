import { startSandbox } from './sandbox.js';

const { env } = process;

/** A second secret after a comma is the one being rotated; the sandbox signs with the first. */
function firstSecret(name: string, fallback: string): string {
  return env[name]?.split(',')[0]?.trim() || fallback;
}

function number(name: string, fallback: number): number {
  const value = Number(env[name] ?? fallback);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${name} must be a number of at least 0.`);
}

/** Those the application was given, when it was given all. */
function lifefileIds({
  LIFEFILE_API_NETWORK_ID: network,
  LIFEFILE_VENDOR_ID: vendor,
  LIFEFILE_LOCATION_ID: location,
}: NodeJS.ProcessEnv) {
  if (!network || !vendor || !location) return undefined;
  return { 'x-api-network-id': network, 'x-vendor-id': vendor, 'x-location-id': location };
}

const sandbox = await startSandbox({
  port: number('SANDBOX_PORT', 4400),
  smtpPort: number('SANDBOX_SMTP_PORT', 4425),
  appUrl: env.SANDBOX_APP_URL ?? '',
  speed: number('SANDBOX_SPEED', 1),
  dataDir: env.SANDBOX_DATA_DIR ?? 'data/sandbox',
  lifefileLookup: env.SANDBOX_LIFEFILE_LOOKUP === 'true',
  secrets: {
    stripe: firstSecret('STRIPE_WEBHOOK_SECRET', 'whsec_sandbox'),
    twilio: firstSecret('TWILIO_AUTH_TOKEN', 'sandbox'),
    shippo: firstSecret('SHIPPO_WEBHOOK_SECRET', 'sandbox'),
    lifefile: firstSecret('LIFEFILE_WEBHOOK_SECRET', 'sandbox'),
    lifefileUser: env.LIFEFILE_API_USER,
    lifefilePassword: env.LIFEFILE_API_PASSWORD,
    lifefileIds: lifefileIds(env),
  },
});

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  void sandbox.stop().finally(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// Whoever started us holds the other end of this pipe and is gone when it closes, also after a kill -9.
if (env.SANDBOX_ENDS_WITH_STDIN === 'true') process.stdin.once('end', stop).once('close', stop).resume();

const { url, smtpUrl } = sandbox;
process.stdout.write(`${JSON.stringify({ sandbox: { url, smtpUrl } })}\n`);
