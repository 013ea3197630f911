import { hex } from '../core/ids.js';
import { timestamped } from '../core/signatures.js';
import type { World } from '../core/world.js';
import { ShippoRefusal } from './shippo.errors.js';
import type { TrackStatus } from './shippo.params.js';

interface Place {
  city?: string;
  state?: string;
  zip?: string;
  country?: string;
}

interface TrackingStatus {
  object_id: string;
  object_created: string;
  object_updated: string;
  status: TrackStatus;
  substatus?: { code: string; text: string; action_required: boolean };
  status_date: string;
  status_details: string;
  location?: Place;
}

export interface Track {
  carrier: string;
  tracking_number: string;
  address_from?: Place;
  address_to?: Place;
  eta?: string;
  original_eta?: string;
  messages: string[];
  metadata: string;
  servicelevel?: { name: string; token: string };
  tracking_history: TrackingStatus[];
  tracking_status?: TrackingStatus;
  transaction?: string;
}

export interface Follow {
  carrier: string;
  number: string;
  metadata: string;
  days: number;
  eta?: string;
  from?: PlaceSource;
  to?: PlaceSource;
  servicelevel?: { name: string; token: string };
  transaction?: string;
}

interface PlaceSource {
  city?: string | undefined;
  state?: string | undefined;
  zip?: string | undefined;
  country: string;
}

interface Step {
  afterHours: (days: number) => number;
  status: TrackStatus;
  substatus: string;
}

/** A parcel's life in hours after the label; `days` is the promise of its service level. */
const plan: readonly Step[] = [
  { afterHours: () => 0.05, status: 'PRE_TRANSIT', substatus: 'information_received' },
  { afterHours: () => 8, status: 'TRANSIT', substatus: 'package_accepted' },
  { afterHours: (days) => days * 24 - 6, status: 'TRANSIT', substatus: 'out_for_delivery' },
  { afterHours: (days) => days * 24, status: 'DELIVERED', substatus: 'delivered' },
];

/** Substatuses on which Shippo sets `action_required`. */
const needsAction = new Set(
  (
    'address_issue contact_carrier delivery_attempted location_inaccessible notice_left package_damaged pickup_available ' +
    'reschedule_delivery package_unclaimed package_undeliverable package_lost'
  ).split(' '),
);

const details: Record<TrackStatus, string> = {
  UNKNOWN: 'The carrier does not know this number yet.',
  PRE_TRANSIT: 'The carrier has received the electronic shipment information.',
  TRANSIT: 'Your shipment is on its way.',
  DELIVERED: 'Your shipment has been delivered at the destination mailbox.',
  RETURNED: 'Your shipment is on its way back to the sender.',
  FAILURE: 'The carrier could not deliver your shipment.',
};

const finished = new Set<TrackStatus>(['DELIVERED', 'RETURNED', 'FAILURE']);
const DEFAULT_DAYS = 3;
const SECONDS_PER_HOUR = 3600;

/** Parcels under way: each moves by itself along `plan`, or as an admin says, and reports every change. */
export class Tracks {
  private readonly tracks = new Map<string, Track>();

  constructor(private readonly world: World) {}

  reset(): void {
    this.tracks.clear();
  }

  list(): Track[] {
    return [...this.tracks.values()].reverse();
  }

  follow(input: Follow): Track {
    const known = this.tracks.get(input.number);
    if (known) return known;
    const track: Track = {
      carrier: input.carrier,
      tracking_number: input.number,
      ...(input.from && { address_from: placeOf(input.from) }),
      ...(input.to && { address_to: placeOf(input.to) }),
      ...(input.eta !== undefined && { eta: input.eta, original_eta: input.eta }),
      messages: [],
      metadata: input.metadata,
      ...(input.servicelevel && { servicelevel: input.servicelevel }),
      tracking_history: [],
      ...(input.transaction !== undefined && { transaction: input.transaction }),
    };
    this.tracks.set(input.number, track);
    const mock = mockStatus(input.carrier, input.number);
    if (mock) this.report(track, mock, undefined, new Date().toISOString());
    else this.schedule(track, 0, input.days);
    return track;
  }

  /** A caller may register a number the carrier got from somebody else. */
  register(carrier: string, number: string, metadata: string): Track {
    return this.follow({ carrier, number, metadata, days: DEFAULT_DAYS });
  }

  /** Shippo answers 200 with an empty history for a number it has not seen. */
  find(carrier: string, number: string): Track {
    if (mockStatus(carrier, number)) return this.register(carrier, number, '');
    return (
      this.tracks.get(number) ?? { carrier, tracking_number: number, messages: [], metadata: '', tracking_history: [] }
    );
  }

  statusOf(number: string): TrackStatus | undefined {
    return this.tracks.get(number)?.tracking_status?.status;
  }

  forget(number: string): void {
    this.tracks.delete(number);
  }

  advance(number: string, status: TrackStatus, substatus?: string, statusDate?: string): Track {
    const track = this.tracks.get(number);
    if (!track) throw new ShippoRefusal(404, `No parcel with number ${number}.`);
    this.report(track, status, substatus, statusDate ?? new Date().toISOString());
    return track;
  }

  private schedule(track: Track, index: number, days: number): void {
    const step = plan[index];
    if (!step) return;
    const before = plan[index - 1]?.afterHours(days) ?? 0;
    this.world.scheduler.afterLife((step.afterHours(days) - before) * SECONDS_PER_HOUR, () => {
      if (this.tracks.get(track.tracking_number) !== track) return;
      const current = track.tracking_status;
      if (current && finished.has(current.status)) return;
      if (indexOf(current) < index) this.report(track, step.status, step.substatus, new Date().toISOString());
      this.schedule(track, index + 1, days);
    });
  }

  private report(track: Track, status: TrackStatus, substatus: string | undefined, statusDate: string): void {
    const now = new Date().toISOString();
    const location = status === 'PRE_TRANSIT' ? track.address_from : track.address_to;
    const entry: TrackingStatus = {
      object_id: hex(32),
      object_created: now,
      object_updated: now,
      status,
      ...(substatus !== undefined && {
        substatus: { code: substatus, text: sentence(substatus), action_required: needsAction.has(substatus) },
      }),
      status_date: statusDate,
      status_details: details[status],
      ...(location && { location }),
    };
    track.tracking_history.push(entry);
    track.tracking_history.sort((a, b) => Date.parse(a.status_date) - Date.parse(b.status_date));
    const latest = track.tracking_history.at(-1);
    if (latest) track.tracking_status = latest;
    this.push(track, entry);
  }

  private push(track: Track, entry: TrackingStatus): void {
    const { settings, webhooks } = this.world;
    if (settings.appUrl === '') return;
    const secret = settings.secrets.shippo;
    const data = { ...track, tracking_status: entry };
    const body = JSON.stringify({
      event: 'track_updated',
      test: true,
      metadata: track.metadata,
      carrier: track.carrier,
      data,
    });
    webhooks.send({
      vendor: 'shippo',
      event: `track_updated ${entry.status} ${entry.substatus?.code ?? ''}`.trim(),
      contentType: 'application/json',
      body,
      address: (forged) => ({
        url: `${settings.appUrl}/api/webhooks/shippo?token=${encodeURIComponent(forged ? 'wrong' : secret)}`,
        headers: { 'shippo-auth-signature': timestamped(secret, forged ? `${body} ` : body) },
      }),
    });
  }
}

function indexOf(current: TrackingStatus | undefined): number {
  if (!current) return -1;
  const exact = plan.findIndex((step) => step.status === current.status && step.substatus === current.substatus?.code);
  return exact >= 0 ? exact : plan.findIndex((step) => step.status === current.status);
}

function placeOf(address: PlaceSource): Place {
  const { city, state, zip, country } = address;
  return { ...(city && { city }), ...(state && { state }), ...(zip && { zip }), country };
}

function sentence(code: string): string {
  const words = code.replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** Shippo's own test numbers: carrier `shippo`, number `SHIPPO_<status>`. */
function mockStatus(carrier: string, number: string): TrackStatus | undefined {
  if (carrier !== 'shippo') return undefined;
  const status = number.replace(/^SHIPPO_/, '');
  return status !== number && status in details ? (status as TrackStatus) : undefined;
}
