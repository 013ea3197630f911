import { createRequire } from 'node:module';
import type * as Sdk from 'shippo';
import type * as SdkErrors from 'shippo/models/errors/index.js';
import type { Config } from '../../../../config/index.js';
import { shippoApiVersion } from './shippo.version.js';

export type Shippo = Sdk.Shippo;
export type ShippoSettings = Pick<Config, 'SHIPPO_API_TOKEN' | 'SHIPPO_API_BASE'>;

const load = createRequire(import.meta.url);

/** Shippo's client, or undefined without a token. The SDK is loaded when it is first used: five hundred files a start need not wait for. */
export function shippoClient(config: ShippoSettings, timeoutMs: number): Shippo | undefined {
  const { SHIPPO_API_TOKEN: token, SHIPPO_API_BASE: base } = config;
  if (token === undefined) return undefined;
  const sdk = load('shippo') as typeof Sdk;
  return new sdk.Shippo({
    ...(base !== undefined && { serverURL: base }),
    apiKeyHeader: `ShippoToken ${token}`,
    shippoApiVersion,
    timeoutMs,
  });
}

/** The classes of what the client throws. */
export const shippoErrors = () => load('shippo/models/errors/index.js') as typeof SdkErrors;
