import type { z } from 'zod';
import { hex } from '../core/ids.js';
import { ShippoRefusal } from './shippo.errors.js';
import type { AddressInput, parcelInput, shipmentInput } from './shippo.params.js';
import { ratesFor, type Rate } from './shippo.rates.js';

const OWNER = 'sandbox@pharmonico.test';

interface Stamps {
  object_id: string;
  object_owner: string;
  object_created: string;
  object_updated: string;
  test: true;
}

export interface Notice {
  source: string;
  code: string;
  text: string;
}

export type Address = Omit<AddressInput, 'validate'> &
  Stamps & {
    is_complete: boolean;
    validation_results: { is_valid?: boolean; messages: (Notice & { type: string })[] };
  };

export interface Shipment extends Stamps {
  address_from: Address;
  address_to: Address;
  address_return?: Address;
  carrier_accounts: string[];
  extra?: { signature_confirmation?: string | undefined };
  messages: Notice[];
  metadata: string;
  parcels: (z.infer<typeof parcelInput> & Stamps & { object_state: 'VALID' })[];
  rates: Rate[];
  shipment_date: string;
  status: 'SUCCESS';
}

export function stamps(): Stamps {
  const now = new Date().toISOString();
  return { object_id: hex(32), object_owner: OWNER, object_created: now, object_updated: now, test: true };
}

/** Addresses, shipments and the rates that were offered. */
export class Shipments {
  readonly addresses = new Map<string, Address>();
  readonly shipments = new Map<string, Shipment>();
  readonly rates = new Map<string, Rate>();

  reset(): void {
    for (const map of [this.addresses, this.shipments, this.rates]) map.clear();
  }

  createAddress(input: AddressInput): Address {
    const { validate, ...fields } = input;
    const problems = findProblems(fields);
    const address: Address = {
      ...fields,
      ...stamps(),
      is_complete: problems.length === 0,
      validation_results: validate ? validation(problems) : { messages: [] },
    };
    this.addresses.set(address.object_id, address);
    return address;
  }

  validateAddress(id: string): Address {
    const address = this.address(id);
    return { ...address, validation_results: validation(findProblems(address)) };
  }

  address(id: string): Address {
    const address = this.addresses.get(id);
    if (!address) throw new ShippoRefusal(404, `Address with id ${id} not found.`);
    return address;
  }

  createShipment(input: z.infer<typeof shipmentInput>): Shipment {
    const own = stamps();
    const base = {
      ...own,
      address_from: this.resolve(input.address_from),
      address_to: this.resolve(input.address_to),
      ...(input.address_return !== undefined && { address_return: this.resolve(input.address_return) }),
      carrier_accounts: input.carrier_accounts ?? [],
      ...(input.extra && { extra: input.extra }),
      metadata: input.metadata ?? '',
      parcels: input.parcels.map((parcel) => ({ ...parcel, ...stamps(), object_state: 'VALID' as const })),
      shipment_date: input.shipment_date ?? own.object_created,
      status: 'SUCCESS' as const,
    };
    const problems = [base.address_from, base.address_to].flatMap(findProblems);
    const messages = problems.map((text) => ({ source: 'USPS', code: 'invalid_address', text }));
    const shipment: Shipment = { ...base, messages, rates: problems.length === 0 ? ratesFor(base) : [] };
    this.shipments.set(shipment.object_id, shipment);
    for (const rate of shipment.rates) this.rates.set(rate.object_id, rate);
    return shipment;
  }

  shipment(id: string): Shipment {
    const shipment = this.shipments.get(id);
    if (!shipment) throw new ShippoRefusal(404, `Shipment with id ${id} not found.`);
    return shipment;
  }

  private resolve(address: AddressInput | string): Address {
    return typeof address === 'string' ? this.address(address) : this.createAddress(address);
  }
}

/** What a carrier can see without a directory of houses: missing parts and ZIP codes that do not exist. */
function findProblems(address: Pick<AddressInput, 'street1' | 'city' | 'state' | 'zip' | 'country'>): string[] {
  if (address.country !== 'US') return [];
  const required = { street1: address.street1, city: address.city, state: address.state, zip: address.zip };
  const missing = Object.entries(required)
    .filter(([, value]) => value === undefined || value.trim() === '')
    .map(([field]) => `${field} is required.`);
  const zip = address.zip ?? '';
  const badZip = zip !== '' && (!/^\d{5}(-?\d{4})?$/.test(zip) || /^(00000|99999)/.test(zip));
  return badZip ? [...missing, 'The ZIP code is not valid.'] : missing;
}

function validation(problems: string[]): Address['validation_results'] {
  return {
    is_valid: problems.length === 0,
    messages: problems.map((text) => ({
      source: 'Shippo Address Validator',
      code: 'address_error',
      type: 'address_error',
      text,
    })),
  };
}
