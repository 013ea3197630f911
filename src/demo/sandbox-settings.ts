import { randomBytes } from 'node:crypto';

/** The secrets application and sandbox share, as a vendor's dashboard would show them. */
export interface SandboxSecrets {
  STRIPE_WEBHOOK_SECRET: string;
  TWILIO_AUTH_TOKEN: string;
  SHIPPO_WEBHOOK_SECRET: string;
  LIFEFILE_WEBHOOK_SECRET: string;
  LIFEFILE_API_USER: string;
  LIFEFILE_API_PASSWORD: string;
  LIFEFILE_API_NETWORK_ID: string;
  LIFEFILE_VENDOR_ID: string;
  LIFEFILE_LOCATION_ID: string;
  /** Of the CarePortals source `demo`. */
  CAREPORTALS_SECRET: string;
}

export function newSandboxSecrets(): SandboxSecrets {
  const secret = () => randomBytes(24).toString('hex');
  return {
    STRIPE_WEBHOOK_SECRET: `whsec_${secret()}`,
    TWILIO_AUTH_TOKEN: secret(),
    SHIPPO_WEBHOOK_SECRET: secret(),
    LIFEFILE_WEBHOOK_SECRET: secret(),
    LIFEFILE_API_USER: 'pharmonico',
    LIFEFILE_API_PASSWORD: secret(),
    LIFEFILE_API_NETWORK_ID: '233582',
    LIFEFILE_VENDOR_ID: '11324',
    LIFEFILE_LOCATION_ID: '110033',
    CAREPORTALS_SECRET: secret(),
  };
}

const signing = [
  'STRIPE_WEBHOOK_SECRET',
  'SHIPPO_WEBHOOK_SECRET',
  'TWILIO_AUTH_TOKEN',
  'LIFEFILE_WEBHOOK_SECRET',
  'CAREPORTALS_SECRET',
] as const satisfies readonly (keyof SandboxSecrets)[];

/** For a shell: where the application is and what webhooks to it are signed with, so that examples can be pasted. */
export function webhookVariables(appUrl: string, secrets: SandboxSecrets): string {
  const named = signing.map((name) => [name, secrets[name]] as const);
  return [['APP_URL', appUrl] as const, ...named].map(([name, value]) => `${name}='${value}'\n`).join('');
}

/**
 * A CarePortals source for the organization an empty platform gets, which bears the brand's name.
 * @returns nothing for a name with a character that separates entries
 */
export function careportalsSource(brand: string, { CAREPORTALS_SECRET }: SandboxSecrets): Record<string, string> {
  return /[:=;,]/.test(brand) ? {} : { CAREPORTALS_SOURCES: `demo:${brand}=${CAREPORTALS_SECRET}` };
}

/** Environment that points the real vendor clients at a sandbox. Going live means other values for the same names. */
export function sandboxSettings(
  sandbox: { url: string; smtpUrl: string },
  secrets: SandboxSecrets,
): Record<string, string> {
  return {
    ...secrets,
    STRIPE_SECRET_KEY: 'sk_test_sandbox',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_sandbox',
    STRIPE_API_BASE: sandbox.url,
    TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000000',
    TWILIO_PHONE_NUMBER: '+15005550006',
    TWILIO_API_BASE: `${sandbox.url}/twilio`,
    SMTP_URL: sandbox.smtpUrl,
    SHIPPO_API_TOKEN: 'shippo_test_sandbox',
    SHIPPO_API_BASE: `${sandbox.url}/shippo`,
    LIFEFILE_CANCEL_STATUS: 'order_cancelled',
    LIFEFILE_API_URL: `${sandbox.url}/lifefile/lfapi/v1`,
    CLAIM_SWITCH_URL: sandbox.url,
    CLAIM_SWITCH_API_KEY: 'sandbox-switch-key',
  };
}
