import { isE164, normalizedEmail } from '../directory/index.js';
import type { Channel, SuppressionReason } from './notification.words.js';

export interface Recipient {
  email?: string | undefined;
  phone?: string | undefined;
  /** The number asked us to stop. */
  optedOut: boolean;
  /** Earlier messages could not arrive at the number. */
  unreachable: boolean;
}

export interface Whereabouts {
  address: string | undefined;
  suppressed: SuppressionReason | undefined;
}

export interface Reach extends Whereabouts {
  channel: Channel;
}

/**
 * Where a message goes and where it does not, with the reason. A channel whose vendor is off is given up only when another one
 * carries the message; else it stays pending, so that nothing is lost while a vendor is not configured.
 */
export function reachOf(
  channels: readonly Channel[],
  recipient: Recipient,
  isOn: Readonly<Record<Channel, boolean>>,
): Reach[] {
  const reaches = channels.map((channel) => ({ channel, ...addressRules[channel](recipient) }));
  return reaches.map((reach) => {
    if (reach.suppressed !== undefined || isOn[reach.channel]) return reach;
    const carried = reaches.some((other) => other.suppressed === undefined && isOn[other.channel]);
    return { ...reach, suppressed: carried ? 'vendor_off' : undefined };
  });
}

/** By what is on file alone; whether a number wants to hear of us is asked apart. */
export function whereaboutsOf(channel: Channel, { email, phone }: Pick<Recipient, 'email' | 'phone'>): Whereabouts {
  return addressRules[channel]({ email, phone, optedOut: false, unreachable: false });
}

/** Nothing of a number so written could be read otherwise: when it cannot exist, nobody is there. */
const e164Form = /^\+[1-9]\d{1,14}$/;

const addressRules: Readonly<Record<Channel, (recipient: Recipient) => Whereabouts>> = {
  email: ({ email }) => {
    const address = normalizedEmail(email);
    return { address, suppressed: address === undefined ? 'no_address' : undefined };
  },
  sms: ({ phone, optedOut, unreachable }) => {
    if (phone === undefined || phone.trim() === '') return { address: undefined, suppressed: 'no_address' };
    if (!isE164(phone)) return { address: undefined, suppressed: e164Form.test(phone) ? 'unreachable' : 'not_e164' };
    if (optedOut) return { address: phone, suppressed: 'opted_out' };
    return { address: phone, suppressed: unreachable ? 'unreachable' : undefined };
  },
};
