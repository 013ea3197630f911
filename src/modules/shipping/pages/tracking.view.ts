import { DateTime } from 'luxon';
import type { PrescriptionState, WaitingReason } from '../../prescriptions/index.js';
import { comesToday, dayOf } from '../arrival.policy.js';
import type { StepTimes } from '../order-steps.js';
import { carrierName, carrierPage } from '../parcel.policy.js';
import type { ShipmentStatus } from '../tracking.policy.js';
import { waitingWords } from './waiting-words.policy.js';

export interface TrackedOrder extends StepTimes {
  state: PrescriptionState;
  /** Who must act. */
  waitsFor: WaitingReason['who'];
  receivedAt: Date;
  now: Date;
  parcels: readonly TrackedParcel[];
  brand: string;
  supportPhone: string;
  /** IANA zone in which times are shown. */
  timeZone: string;
}

export interface TrackedParcel {
  carrier: string | null;
  trackingNumber: string;
  status: ShipmentStatus;
  estimatedDelivery: string | null;
}

export interface StepView {
  label: string;
  done: boolean;
  current: boolean;
  time: string | undefined;
}

export interface ParcelView {
  heading: string;
  estimate: string | undefined;
  carrier: string | undefined;
  page: string | undefined;
  /** For who asks the carrier without a link. */
  number: string;
}

export interface TrackingView {
  headline: string;
  notice: string | undefined;
  /** Why it does not go on by itself. */
  waiting: string | undefined;
  steps: StepView[];
  parcels: ParcelView[];
}

interface Step {
  label: string;
  headline: string;
  /** Any of these says that the step was reached. */
  actions: readonly string[];
  /** A parcel is under way. */
  travels?: true;
}

const onItsWay = 'Your order is on its way';

/** What a patient sees of the way, whatever path and pharmacy. Never the medicine, a name or an address. */
const steps: readonly Step[] = [
  { label: 'Order received', headline: 'We have received your order', actions: ['receive'] },
  {
    label: 'Being prepared',
    headline: 'Your order is being prepared',
    actions: ['settle', 'hand_to_pharmacy', 'acknowledge', 'start', 'make_ready'],
  },
  { label: 'Shipped', headline: 'Your order is ready for the carrier', actions: ['ship'], travels: true },
  { label: 'On its way', headline: onItsWay, actions: ['scan'], travels: true },
  { label: 'Out for delivery', headline: onItsWay, actions: ['scan_out_for_delivery'], travels: true },
  { label: 'Delivered', headline: 'Your order was delivered', actions: ['deliver'] },
];

/** Nothing travelled. */
const wayOfPickUp: readonly Step[] = [
  ...steps.slice(0, 2),
  { label: 'Picked up', headline: 'Your order was picked up', actions: ['deliver'] },
];

interface Ending {
  headline: string;
  notice: string;
}

/** True from the report on, whether or not what was done for the order has been undone yet; a parcel given up may still come. */
const undelivered: Ending = {
  headline: 'Your order could not be delivered',
  notice:
    'If you paid for it and it does not reach you after all, the money goes back the way it came. Please call us, so that we can find out what you need.',
};
const cancelled: Ending = {
  headline: 'Your order was cancelled',
  notice: 'Nothing more will be sent. Call us if this surprises you.',
};
const cancelledUnderWay: Ending = {
  ...cancelled,
  notice: 'A parcel that was under way already may still reach you. Call us if it does, or if this surprises you.',
};

const endings: Readonly<Partial<Record<PrescriptionState, (mayStillCome: boolean) => Ending>>> = {
  cancelled: (mayStillCome) => (mayStillCome ? cancelledUnderWay : cancelled),
  failed: () => undelivered,
  returned: () => undelivered,
};

export function trackingView(order: TrackedOrder): TrackingView {
  const way = order.pickedUp ? wayOfPickUp : steps;
  const times = way.map(({ actions }, index) => (index === 0 ? order.receivedAt : earliest(order.firstOf, actions)));
  const furthest = times.findLastIndex((time) => time !== undefined);
  const ending = endings[order.state]?.(mayStillCome(order, way[furthest]));
  const parcels = order.parcels.filter(({ status }) => status !== 'voided');
  return {
    headline: ending?.headline ?? headlineOf(order, way[furthest]),
    notice: ending?.notice,
    waiting: waitingWords(order.state, order.waitsFor),
    steps: way.map(({ label }, index) => ({
      label,
      done: index <= furthest,
      current: index === furthest && ending === undefined,
      time: timeText(times[index], order.timeZone),
    })),
    parcels: parcels.map((parcel, index) => parcelView(parcel, index, { ...order, parcels })),
  };
}

const settled: ReadonlySet<ShipmentStatus> = new Set(['delivered', 'returned', 'voided']);

/** A pharmacy may have shipped without naming a parcel. */
function mayStillCome({ parcels }: TrackedOrder, furthest: Step | undefined): boolean {
  if (parcels.length === 0) return furthest?.travels === true;
  return parcels.some(({ status }) => !settled.has(status));
}

function headlineOf({ lastOf, now, timeZone }: TrackedOrder, furthest: Step | undefined): string {
  const headline = furthest?.headline ?? 'Your order';
  return headline === onItsWay && comesToday(lastOf, now, timeZone) ? 'Your order arrives today' : headline;
}

function parcelView(parcel: TrackedParcel, index: number, order: TrackedOrder): ParcelView {
  const open = parcel.status !== 'delivered' && endings[order.state] === undefined;
  const passed = (parcel.estimatedDelivery ?? '') < dayOf(order.now, order.timeZone);
  return {
    heading: order.parcels.length > 1 ? `Parcel ${index + 1}` : 'Your parcel',
    estimate: open && !passed ? dayText(parcel.estimatedDelivery) : undefined,
    carrier: carrierName(parcel.carrier),
    page: carrierPage(parcel.carrier, parcel.trackingNumber),
    number: parcel.trackingNumber,
  };
}

function earliest(firstOf: ReadonlyMap<string, Date>, actions: readonly string[]): Date | undefined {
  return actions
    .flatMap((action) => firstOf.get(action) ?? [])
    .toSorted((left, right) => left.getTime() - right.getTime())[0];
}

function timeText(time: Date | undefined, zone: string): string | undefined {
  return time && DateTime.fromJSDate(time, { zone }).setLocale('en-US').toFormat('ccc, LLL d, h:mm a ZZZZ');
}

function dayText(date: string | null): string | undefined {
  return date === null ? undefined : DateTime.fromISO(date).setLocale('en-US').toFormat('cccc, LLLL d');
}
