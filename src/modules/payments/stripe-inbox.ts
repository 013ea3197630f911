/** What Stripe's events are called in the webhook inbox. */
export const stripeSource = 'stripe';
