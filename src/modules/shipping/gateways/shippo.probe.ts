import { Shippo } from 'shippo';
import type { Config } from '../../../../config/index.js';
import { shippoApiVersion } from './shippo.version.js';

/** Reads one address of the account: proves the token and buys nothing. @throws whatever Shippo answers */
export async function probeShippo(
  config: Pick<Config, 'SHIPPO_API_TOKEN' | 'SHIPPO_API_BASE'>,
  timeoutMs: number,
): Promise<void> {
  const { SHIPPO_API_TOKEN: token, SHIPPO_API_BASE: base } = config;
  if (token === undefined) return;
  const shippo = new Shippo({
    ...(base !== undefined && { serverURL: base }),
    apiKeyHeader: `ShippoToken ${token}`,
    shippoApiVersion,
    timeoutMs,
  });
  await shippo.addresses.list(1, 1);
}
