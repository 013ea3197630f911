import path from 'node:path';
import { newSandboxSecrets, sandboxSettings, type SandboxSecrets } from '../../src/demo/sandbox-settings.js';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandbox.js';

interface LedgerLine {
  kind: string;
  key: string;
  replayed: boolean;
  digest: { reference?: string };
}

export interface TestSandbox extends RunningSandbox {
  secrets: SandboxSecrets;
  /** Environment that points the vendor clients here. */
  settings: Record<string, string>;
  post(address: string, body?: unknown): Promise<Response>;
  /** What a vendor was asked. */
  ledger(vendor: string, kind?: string): Promise<LedgerLine[]>;
  /** What it did: the ledger without the answers it only repeated. */
  effects(vendor: string, kind: string): Promise<LedgerLine[]>;
}

export interface TestSandboxOptions {
  folder: string;
  /** Where webhooks go. Default: nowhere. */
  appUrl?: string;
  /** Default 0: parcels and pharmacy orders only move when told. */
  speed?: number;
  /** The partner pharmacy can be asked for an order, as Lifefile's own API cannot. */
  orderLookup?: boolean;
}

/** The simulated vendors, on ports of their own. */
export async function startTestSandbox(options: TestSandboxOptions): Promise<TestSandbox> {
  const { folder, appUrl = '', speed = 0, orderLookup = false } = options;
  const secrets = newSandboxSecrets();
  const sandbox = await startSandbox({
    port: 0,
    smtpPort: 0,
    appUrl,
    speed,
    dataDir: path.join(folder, 'sandbox'),
    lifefileLookup: orderLookup,
    secrets: {
      stripe: secrets.STRIPE_WEBHOOK_SECRET,
      twilio: secrets.TWILIO_AUTH_TOKEN,
      shippo: secrets.SHIPPO_WEBHOOK_SECRET,
      lifefile: secrets.LIFEFILE_WEBHOOK_SECRET,
      lifefileUser: secrets.LIFEFILE_API_USER,
      lifefilePassword: secrets.LIFEFILE_API_PASSWORD,
      lifefileIds: {
        'x-api-network-id': secrets.LIFEFILE_API_NETWORK_ID,
        'x-vendor-id': secrets.LIFEFILE_VENDOR_ID,
        'x-location-id': secrets.LIFEFILE_LOCATION_ID,
      },
    },
  });
  const ledger = async (vendor: string, kind?: string) => {
    const wanted = new URLSearchParams({ vendor, ...(kind !== undefined && { kind }) });
    return (await (await fetch(`${sandbox.url}/_sandbox/ledger?${wanted.toString()}`)).json()) as LedgerLine[];
  };
  return {
    ...sandbox,
    secrets,
    settings: { ...sandboxSettings(sandbox, secrets), LIFEFILE_ORDER_LOOKUP: String(orderLookup) },
    post: (address, body = {}) =>
      fetch(`${sandbox.url}${address}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    ledger,
    effects: async (vendor, kind) => (await ledger(vendor, kind)).filter(({ replayed }) => !replayed),
  };
}
