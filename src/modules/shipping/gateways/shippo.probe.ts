import { shippoClient, type ShippoSettings } from './shippo.client.js';

/** Reads one address of the account: proves the token and buys nothing. @throws whatever Shippo answers */
export async function probeShippo(config: ShippoSettings, timeoutMs: number): Promise<void> {
  await shippoClient(config, timeoutMs)?.addresses.list(1, 1);
}
