import Stripe from 'stripe';
import type { Config } from '../../../../config/index.js';
import { stripeAddressOf } from './stripe.address.js';

/** Reads the balance: proves the key without moving anything. @throws whatever Stripe answers */
export async function probeStripe(
  config: Pick<Config, 'STRIPE_SECRET_KEY' | 'STRIPE_API_BASE'>,
  timeoutMs: number,
): Promise<void> {
  const { STRIPE_SECRET_KEY: key, STRIPE_API_BASE: base } = config;
  if (key === undefined) return;
  const stripe = new Stripe(key, {
    ...stripeAddressOf(base),
    timeout: timeoutMs,
    maxNetworkRetries: 0,
    telemetry: false,
  });
  await stripe.balance.retrieve();
}
