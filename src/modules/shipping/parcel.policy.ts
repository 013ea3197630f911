/** Outer measures in inches, weight in ounces with packing. No pharmacy measured these: they are boxes of a usual size, to be corrected here. */
export interface Parcel {
  lengthIn: number;
  widthIn: number;
  heightIn: number;
  weightOz: number;
}

const bottle: Parcel = { lengthIn: 6, widthIn: 4, heightIn: 2, weightOz: 6 };
const tube: Parcel = { lengthIn: 6, widthIn: 4, heightIn: 3, weightOz: 10 };
const liquid: Parcel = { lengthIn: 8, widthIn: 6, heightIn: 4, weightOz: 20 };
/** With a cold pack. */
const cooled: Parcel = { lengthIn: 10, widthIn: 8, heightIn: 6, weightOz: 40 };
const flat: Parcel = { lengthIn: 9, widthIn: 6, heightIn: 1, weightOz: 5 };
const unknownForm: Parcel = { lengthIn: 8, widthIn: 6, heightIn: 4, weightOz: 16 };

const parcels: readonly (readonly [form: RegExp, parcel: Parcel])[] = [
  [/\b(?:pen|injection|injectable|syringe|vial)/i, cooled],
  [/\b(?:patch|film|transdermal)/i, flat],
  [/\b(?:tab(?:let)?|cap(?:sule)?|caplet|lozenge)s?\b/i, bottle],
  [/\b(?:cream|ointment|gel|lotion|paste|foam|inhaler|spray)/i, tube],
  [/\b(?:solution|suspension|syrup|elixir|liquid|drops)/i, liquid],
];

export function parcelFor(form: string | undefined): Parcel {
  return parcels.find(([words]) => words.test(form ?? ''))?.[1] ?? unknownForm;
}

export interface OfferedRate {
  id: string;
  carrier: string;
  /** The carrier's service as Shippo names it: `usps_ground_advantage`. */
  service: string;
  amountCents: number;
  currency: string;
  estimatedDays: number | undefined;
}

interface ServiceRule {
  fits: RegExp;
  avoids: RegExp;
  /** When nothing fits: what matters most then. */
  otherwise: 'cheapest' | 'fastest';
}

/** Our service levels in carriers' words. Within the fitting services the cheapest is taken. */
const services: Readonly<Record<'standard' | 'expedited', ServiceRule>> = {
  standard: {
    fits: /ground|priority|home_delivery/,
    // Printed matter and samples are no medicine, and what is not confirmed is not tracked.
    avoids: /express|overnight|next_day|international|globalmail|bpm|marketing|nondelcon/,
    otherwise: 'cheapest',
  },
  expedited: {
    fits: /express|overnight|next_day/,
    // `dhl_express` is a carrier. FedEx's saver takes three business days; UPS's, of the next day, is one that fits.
    avoids: /express_saver|economy_select|break_bulk_economy|international|express48/,
    otherwise: 'fastest',
  },
};

/** @returns undefined when nothing was offered */
export function chooseRate(rates: readonly OfferedRate[], serviceLevel: string): OfferedRate | undefined {
  const rule = serviceLevel === 'expedited' ? services.expedited : services.standard;
  const fitting = rates.filter(({ service }) => rule.fits.test(service) && !rule.avoids.test(service));
  if (fitting.length > 0) return fitting.toSorted(byPrice)[0];
  return rates.toSorted(rule.otherwise === 'fastest' ? byDays : byPrice)[0];
}

function byPrice(left: OfferedRate, right: OfferedRate): number {
  return left.amountCents - right.amountCents || (left.id < right.id ? -1 : 1);
}

function byDays(left: OfferedRate, right: OfferedRate): number {
  return (left.estimatedDays ?? Infinity) - (right.estimatedDays ?? Infinity) || byPrice(left, right);
}

/**
 * A parcel's number as carriers report it, from how a person, a label or a pharmacy writes it: `9400 1118 9922`, `1z999-aa1`.
 * Every number that comes in passes here, or one parcel would be two.
 */
export function plainNumber(written: string): string {
  return written.replaceAll(/[\s-]+/g, '').toUpperCase();
}

interface Carrier {
  name: string;
  /** Address of the carrier's own page; the number is appended. */
  page: string;
  /** As pharmacies and carriers write it. */
  words: RegExp;
}

/** Keys are Shippo's carrier tokens. */
const carriers: Readonly<Record<string, Carrier>> = {
  usps: {
    name: 'USPS',
    page: 'https://tools.usps.com/go/TrackConfirmAction?tLabels=',
    words: /\busps\b|postal service/i,
  },
  ups: { name: 'UPS', page: 'https://www.ups.com/track?tracknum=', words: /\bups\b|united parcel/i },
  fedex: { name: 'FedEx', page: 'https://www.fedex.com/fedextrack/?trknbr=', words: /fed ?ex|federal express/i },
  dhl_express: {
    name: 'DHL',
    page: 'https://www.dhl.com/us-en/home/tracking.html?tracking-id=',
    words: /\bdhl\b/i,
  },
  ontrac: { name: 'OnTrac', page: 'https://www.ontrac.com/tracking/?number=', words: /on ?trac/i },
};

/** The carrier's token from whatever words name it: `UPS`, `UPS NEXT DAY SAVER - HOME`. Undefined when none does. */
export function carrierOf(...words: readonly (string | undefined)[]): string | undefined {
  const entries = Object.entries(carriers);
  return words
    .map((word) => entries.find(([, carrier]) => word !== undefined && carrier.words.test(word))?.[0])
    .find((token) => token !== undefined);
}

/**
 * Whether two words name one carrier: our row's token and the one an event came with. Services of a carrier are that carrier
 * (`dhl_ecommerce`, `DHL Express`); of words not in the table letter case, blanks and dashes do not count.
 */
export function isSameCarrier(left: string, right: string): boolean {
  return plainCarrier(left) === plainCarrier(right);
}

function plainCarrier(written: string): string {
  const words = written
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');
  return carrierOf(words) ?? words;
}

export function carrierName(token: string | null): string | undefined {
  return token !== null && Object.hasOwn(carriers, token) ? carriers[token]?.name : undefined;
}

export function carrierPage(token: string | null, trackingNumber: string): string | undefined {
  const carrier = token !== null && Object.hasOwn(carriers, token) ? carriers[token] : undefined;
  return carrier === undefined ? undefined : `${carrier.page}${encodeURIComponent(trackingNumber)}`;
}
