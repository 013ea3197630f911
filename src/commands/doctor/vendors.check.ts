import type { Config } from '../../../config/index.js';
import { probeClaimSwitch } from '../../modules/adjudication/index.js';
import { probeMail, probeTwilio } from '../../modules/notifications/index.js';
import { probeStripe } from '../../modules/payments/index.js';
import { probeLifefile, probeShippo } from '../../modules/shipping/index.js';
import { vendorStatuses, type VendorStatus } from '../../platform/health/vendors.js';
import { problemCode, type Finding } from './finding.js';

type Probe = (config: Config, timeoutMs: number) => Promise<void>;

const timeoutMs = 5_000;

/** By the names of `health/ready`; each is a cheap call that needs the credentials and changes nothing. */
const probes: Readonly<Record<string, Probe>> = {
  stripe: probeStripe,
  twilio: probeTwilio,
  shippo: probeShippo,
  lifefile: probeLifefile,
  'claim-switch': probeClaimSwitch,
  email: probeMail,
};

/** By what failed, where more can be said than of any failure. */
const nextSteps: Readonly<Record<string, string>> = {
  'lifefile.foreign-answer':
    'Who answers there is no order API of Lifefile: check LIFEFILE_API_URL, which ends with its version, such as https://host27a.lifefile.net:10165/lfapi/v1.',
  'lifefile.401': 'Check LIFEFILE_API_USER and LIFEFILE_API_PASSWORD.',
  'lifefile.403':
    'Check LIFEFILE_API_NETWORK_ID, LIFEFILE_VENDOR_ID and LIFEFILE_LOCATION_ID, and what the API user may do.',
};

export async function checkVendors(config: Config): Promise<Finding[]> {
  return Promise.all(
    vendorStatuses(config).map(async (status) => vendorFinding(config, status, await probeResult(config, status))),
  );
}

/** @returns a code when the vendor did not answer as it should */
async function probeResult(config: Config, { name, mode }: VendorStatus): Promise<string | undefined> {
  const probe = probes[name];
  if (mode === 'off' || probe === undefined) return undefined;
  try {
    await probe(config, timeoutMs);
    return undefined;
  } catch (error) {
    return problemCode(error);
  }
}

export function vendorFinding(
  config: Pick<Config, 'NODE_ENV'>,
  { name, mode, missing = [] }: VendorStatus,
  problem: string | undefined,
): Finding {
  const area = name;
  if (mode === 'off') {
    return { area, level: 'note', found: 'off', next: `To switch it on, set ${missing.join(', ')}.` };
  }
  if (problem !== undefined) {
    const next =
      nextSteps[problem] ??
      'Check the credentials and that this machine may reach the vendor; work for it waits meanwhile.';
    return { area, level: 'broken', found: `${mode}, but the call failed: ${problem}`, next };
  }
  const found = `${mode}, ${name in probes ? 'the credentials work' : 'it calls us and is never called'}`;
  if (config.NODE_ENV === 'production' && (mode === 'sandbox' || mode === 'test')) {
    return { area, level: 'warn', found, next: `Nothing real happens at ${name}: put the live credentials in.` };
  }
  if (config.NODE_ENV !== 'production' && mode === 'live') {
    return {
      area,
      level: 'warn',
      found,
      next: `Everything done here is real at ${name}; use test credentials to try things.`,
    };
  }
  return { area, level: 'ok', found };
}
