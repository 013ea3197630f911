import type { z } from 'zod';
import { hex } from '../core/ids.js';
import type { parcelInput } from './shippo.params.js';

interface Service {
  token: string;
  name: string;
  provider: 'USPS' | 'UPS';
  account: string;
  baseCents: number;
  perPoundCents: number;
  days: number;
}

/** Prices near the published retail ones of 2026; each is a base and so much for every pound begun after the first. */
const services: readonly Service[] = [
  {
    token: 'usps_ground_advantage',
    name: 'Ground Advantage',
    provider: 'USPS',
    account: 'sandbox_usps',
    baseCents: 565,
    perPoundCents: 85,
    days: 4,
  },
  {
    token: 'usps_priority',
    name: 'Priority Mail',
    provider: 'USPS',
    account: 'sandbox_usps',
    baseCents: 865,
    perPoundCents: 120,
    days: 2,
  },
  {
    token: 'usps_priority_express',
    name: 'Priority Mail Express',
    provider: 'USPS',
    account: 'sandbox_usps',
    baseCents: 3140,
    perPoundCents: 410,
    days: 1,
  },
  {
    token: 'ups_ground',
    name: 'Ground',
    provider: 'UPS',
    account: 'sandbox_ups',
    baseCents: 1185,
    perPoundCents: 95,
    days: 3,
  },
  {
    token: 'ups_second_day_air',
    name: '2nd Day Air',
    provider: 'UPS',
    account: 'sandbox_ups',
    baseCents: 2360,
    perPoundCents: 210,
    days: 2,
  },
  {
    token: 'ups_next_day_air',
    name: 'Next Day Air',
    provider: 'UPS',
    account: 'sandbox_ups',
    baseCents: 4990,
    perPoundCents: 480,
    days: 1,
  },
];

/** Carriers' surcharge for a signature; adult (21+) costs more than anybody at the door. */
const signatureCents: Partial<Record<string, number>> = {
  STANDARD: 370,
  CERTIFIED: 485,
  INDIRECT: 370,
  CARRIER_CONFIRMATION: 370,
  ADULT: 790,
};

const poundsPer: Record<string, number> = { lb: 1, oz: 1 / 16, kg: 2.204_622_6, g: 0.002_204_622_6 };

export interface Rate {
  amount: string;
  amount_local: string;
  currency: 'USD';
  currency_local: 'USD';
  attributes: ('CHEAPEST' | 'FASTEST' | 'BESTVALUE')[];
  carrier_account: string;
  duration_terms: string;
  estimated_days: number;
  messages: [];
  object_created: string;
  object_id: string;
  object_owner: string;
  provider: string;
  servicelevel: { name: string; token: string; terms: string };
  shipment: string;
  test: true;
}

/** What a price depends on. */
interface Priced {
  object_id: string;
  object_owner: string;
  object_created: string;
  carrier_accounts: readonly string[];
  extra?: { signature_confirmation?: string | undefined };
  parcels: readonly z.infer<typeof parcelInput>[];
}

export function ratesFor(shipment: Priced): Rate[] {
  const wanted = shipment.carrier_accounts;
  const offered = services.filter((service) => wanted.length === 0 || wanted.includes(service.account));
  const priced = offered.map((service) => ({ service, cents: priceCents(service, shipment) }));
  const cheapest = Math.min(...priced.map((one) => one.cents));
  const fewestDays = Math.min(...priced.map((one) => one.service.days));
  const fastest = Math.min(...priced.filter((one) => one.service.days === fewestDays).map((one) => one.cents));
  return priced.map(({ service, cents }) => ({
    amount: (cents / 100).toFixed(2),
    amount_local: (cents / 100).toFixed(2),
    currency: 'USD',
    currency_local: 'USD',
    attributes: [
      ...(cents === cheapest ? (['CHEAPEST'] as const) : []),
      ...(cents === fastest && service.days === fewestDays ? (['FASTEST'] as const) : []),
      ...(service.token === 'usps_priority' ? (['BESTVALUE'] as const) : []),
    ],
    carrier_account: service.account,
    duration_terms: `Delivery in ${service.days} day${service.days === 1 ? '' : 's'}.`,
    estimated_days: service.days,
    messages: [],
    object_created: shipment.object_created,
    object_id: hex(32),
    object_owner: shipment.object_owner,
    provider: service.provider,
    servicelevel: { name: service.name, token: service.token, terms: '' },
    shipment: shipment.object_id,
    test: true,
  }));
}

function priceCents(service: Service, shipment: Priced): number {
  const signature = signatureCents[shipment.extra?.signature_confirmation ?? ''] ?? 0;
  return shipment.parcels.reduce((sum, parcel) => {
    const pounds = Number(parcel.weight) * (poundsPer[parcel.mass_unit] ?? 1);
    return sum + service.baseCents + service.perPoundCents * Math.max(0, Math.ceil(pounds) - 1) + signature;
  }, 0);
}
