import type { Config } from '../../../config/index.js';
import { problemCode, type Finding } from './finding.js';

const area = 'public address';
const timeoutMs = 5_000;
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Any webhook route does: it answers a GET with 404 or 405 in our own error format. */
const webhookPath = '/api/webhooks/stripe';
const problemType = 'application/problem+json';

type Address = Pick<Config, 'PUBLIC_URL' | 'TRUSTED_PROXIES'>;

export async function checkPublicUrl(config: Address): Promise<Finding[]> {
  const findings = publicUrlFindings(config);
  if (config.PUBLIC_URL === undefined) return findings;
  return [...findings, await reachable(`${config.PUBLIC_URL.replace(/\/+$/, '')}${webhookPath}`)];
}

export function publicUrlFindings({ PUBLIC_URL: address, TRUSTED_PROXIES: proxies }: Address): Finding[] {
  if (address === undefined) {
    const next =
      'Set PUBLIC_URL to the https address patients and vendors reach; links and signatures are made with it.';
    return [{ area, level: 'warn', found: 'PUBLIC_URL is not set: links point to localhost', next }];
  }
  const { protocol, hostname } = new URL(address);
  if (loopback.has(hostname)) {
    return [
      {
        area,
        level: 'note',
        found: `${address}: only this machine reaches it`,
        next: 'Fine with the sandbox; a real vendor cannot call it.',
      },
    ];
  }
  if (protocol !== 'https:') {
    return [
      {
        area,
        level: 'broken',
        found: `${address} is not https`,
        next: 'Vendors and patients need https; put a certificate in front.',
      },
    ];
  }
  return [{ area, level: 'ok', found: address }, ...proxyFindings(proxies)];
}

/** The application speaks HTTP, so an https address is that of a proxy. */
function proxyFindings(proxies: string | undefined): Finding[] {
  if (proxies !== undefined) return [];
  const found = 'TRUSTED_PROXIES is not set: limits, audit and consents take the proxy for whoever asks';
  return [{ area, level: 'warn', found, next: 'Set TRUSTED_PROXIES to the addresses of the proxy in front.' }];
}

async function reachable(url: string): Promise<Finding> {
  const webhooks = 'webhook address';
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    const ours = response.headers.get('content-type')?.startsWith(problemType) === true;
    if (ours) return { area: webhooks, level: 'ok', found: `${url} answers` };
    const next = 'Something else answers there; let the proxy pass /api/webhooks to this application unchanged.';
    return {
      area: webhooks,
      level: 'broken',
      found: `${url} answers ${response.status}, but not as this application`,
      next,
    };
  } catch (error) {
    const next = 'Start the application and run this again; if it runs, look at DNS, firewall and proxy.';
    return { area: webhooks, level: 'warn', found: `nobody answers at ${url}: ${problemCode(error)}`, next };
  }
}
