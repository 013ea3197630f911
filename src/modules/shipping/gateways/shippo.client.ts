import { createRequire } from 'node:module';
import type * as Sdk from 'shippo';
import type * as SdkHttp from 'shippo/lib/http.js';
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
  const { HTTPClient } = load('shippo/lib/http.js') as typeof SdkHttp;
  return new sdk.Shippo({
    ...(base !== undefined && { serverURL: base }),
    apiKeyHeader: `ShippoToken ${token}`,
    shippoApiVersion,
    timeoutMs,
    // What is asked names a patient's home: a redirect is an answer without use, and nobody else is told.
    httpClient: new HTTPClient({ fetcher: (input: Request, init) => fetch(input, { ...init, redirect: 'manual' }) }),
  });
}

/** The classes of what the client throws. */
export const shippoErrors = () => load('shippo/models/errors/index.js') as typeof SdkErrors;
