import { lifefileSettings, type Config } from '../../../config/index.js';

export type VendorMode = 'off' | 'sandbox' | 'test' | 'live' | 'on';

export interface VendorStatus {
  name: string;
  mode: VendorMode;
  /** The settings that would switch it on; nothing of their values. */
  missing?: string[];
}

interface Vendor {
  name: string;
  needs: readonly (keyof Config)[];
  /** Another address than the vendor's own: the sandbox. */
  base?: keyof Config;
  /** The vendor's address, where it has none of its own for everybody: on this machine it is the sandbox's. */
  address?: keyof Config;
  testKey?: { setting: keyof Config; pattern: RegExp };
}

const thisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/i;

const vendors: readonly Vendor[] = [
  {
    name: 'stripe',
    needs: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
    base: 'STRIPE_API_BASE',
    testKey: { setting: 'STRIPE_SECRET_KEY', pattern: /^(sk|rk)_test_/ },
  },
  {
    name: 'twilio',
    needs: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_PHONE_NUMBER'],
    base: 'TWILIO_API_BASE',
  },
  {
    name: 'shippo',
    needs: ['SHIPPO_API_TOKEN', 'SHIPPO_WEBHOOK_SECRET'],
    base: 'SHIPPO_API_BASE',
    testKey: { setting: 'SHIPPO_API_TOKEN', pattern: /^shippo_test_/ },
  },
  { name: 'lifefile', needs: lifefileSettings, address: 'LIFEFILE_API_URL' },
  { name: 'claim-switch', needs: ['CLAIM_SWITCH_URL', 'CLAIM_SWITCH_API_KEY'], address: 'CLAIM_SWITCH_URL' },
  { name: 'careportals', needs: ['CAREPORTALS_SOURCES'] },
];

/** Which vendors are on, and whether real money or real parcels are behind them. A vendor without credentials is off. */
export function vendorStatuses(config: Config): VendorStatus[] {
  return [...vendors.map((vendor) => statusOf(vendor, config)), mailStatus(config)];
}

function statusOf(vendor: Vendor, config: Config): VendorStatus {
  const missing = vendor.needs.filter((name) => config[name] === undefined);
  if (missing.length > 0) return { name: vendor.name, mode: 'off', missing };
  if (vendor.base !== undefined && config[vendor.base] !== undefined) return { name: vendor.name, mode: 'sandbox' };
  if (vendor.address !== undefined && isHere(config[vendor.address])) return { name: vendor.name, mode: 'sandbox' };
  if (vendor.testKey === undefined) return { name: vendor.name, mode: 'on' };
  const key = config[vendor.testKey.setting];
  return { name: vendor.name, mode: typeof key === 'string' && vendor.testKey.pattern.test(key) ? 'test' : 'live' };
}

/** In production a mail server on this machine is a relay more often than not. */
function mailStatus({ SMTP_URL, SENDGRID_API_KEY, NODE_ENV }: Config): VendorStatus {
  if (SMTP_URL === undefined && SENDGRID_API_KEY === undefined) {
    return { name: 'email', mode: 'off', missing: ['SMTP_URL'] };
  }
  return { name: 'email', mode: NODE_ENV !== 'production' && isHere(SMTP_URL) ? 'sandbox' : 'on' };
}

function isHere(address: Config[keyof Config]): boolean {
  return typeof address === 'string' && thisMachine.test(new URL(address).hostname);
}
