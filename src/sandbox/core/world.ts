import type { Faults } from './faults.js';
import type { Ledger } from './ledger.js';
import type { Scheduler } from './scheduler.js';
import type { Webhooks } from './webhooks.js';

export { vendors, type Vendor } from './vendor.js';

export interface Secrets {
  stripe: string;
  twilio: string;
  shippo: string;
  lifefile: string;
  /** Basic authentication of the pharmacy's order door; any user is let in when absent. */
  lifefileUser?: string | undefined;
  lifefilePassword?: string | undefined;
  /** The numbers a caller must name itself by, under the headers that carry them; any are taken when absent. */
  lifefileIds?: Readonly<Record<'x-api-network-id' | 'x-vendor-id' | 'x-location-id', string>> | undefined;
}

/** What may change while the sandbox runs: the application often learns its own port later than we do. */
export interface Settings {
  url: string;
  appUrl: string;
  /** Simulated seconds per real second. */
  speed: number;
  secrets: Secrets;
  /**
   * Whether the partner pharmacy can be asked for an order by its reference and recognises a repeat. Lifefile's order API does
   * neither: a repeat is a second order.
   */
  lifefileLookup: boolean;
}

/** What every simulated vendor shares. */
export interface World {
  settings: Settings;
  ledger: Ledger;
  faults: Faults;
  webhooks: Webhooks;
  scheduler: Scheduler;
}

/** A simulated vendor after it has taken its routes. */
export interface Simulated {
  reset(): void;
}
