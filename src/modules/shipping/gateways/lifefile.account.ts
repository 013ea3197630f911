import { lifefileSettings, type Config } from '../../../../config/index.js';

export type LifefileConfig = Pick<Config, (typeof lifefileSettings)[number]>;

/** Who asks and where. Lifefile knows a caller by user and password, and by three numbers it gave it. */
export interface LifefileAccount {
  /** Of orders; a path goes behind it. */
  url: string;
  headers: Readonly<Record<string, string>>;
}

/** @returns undefined when a setting is missing: Lifefile is off */
export function lifefileAccount(config: LifefileConfig): LifefileAccount | undefined {
  const [base, user, password, network, vendor, location] = lifefileSettings.map((name) => config[name]);
  if (base === undefined || user === undefined || password === undefined) return undefined;
  if (network === undefined || vendor === undefined || location === undefined) return undefined;
  return {
    url: `${base.replace(/\/+$/, '')}/order`,
    headers: {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'x-api-network-id': network,
      'x-vendor-id': vendor,
      'x-location-id': location,
    },
  };
}
