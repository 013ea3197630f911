import { alphanumeric } from '../core/ids.js';
import { timestamped } from '../core/signatures.js';
import type { World } from '../core/world.js';
import { nowSeconds, type StripeEvent } from './stripe.objects.js';

/** Who caused an event: the request and its key, both null when a person or the clock did. */
export interface Caller {
  requestId: string | null;
  idempotencyKey: string | null;
}

export const STRIPE_API_VERSION = '2026-10-28.endive';

/** Every change as an event: kept for `GET /v1/events`, and pushed. */
export class StripeEvents {
  private events: StripeEvent[] = [];

  constructor(private readonly world: World) {}

  /** Newest first, as Stripe lists them. */
  list(): StripeEvent[] {
    return this.events.toReversed();
  }

  reset(): void {
    this.events = [];
  }

  emit(type: string, object: object, caller: Caller, previous?: object): void {
    const event: StripeEvent = {
      id: `evt_${alphanumeric(24)}`,
      object: 'event',
      api_version: STRIPE_API_VERSION,
      created: nowSeconds(),
      data: { object: structuredClone(object), ...(previous && { previous_attributes: previous }) },
      livemode: false,
      pending_webhooks: 1,
      request: { id: caller.requestId, idempotency_key: caller.idempotencyKey },
      type,
    };
    this.events.push(event);
    this.push(event);
  }

  private push(event: StripeEvent): void {
    const { settings, webhooks } = this.world;
    if (settings.appUrl === '') return;
    const body = JSON.stringify(event);
    webhooks.send({
      vendor: 'stripe',
      event: event.type,
      contentType: 'application/json; charset=utf-8',
      body,
      address: (forged) => ({
        url: `${settings.appUrl}/api/webhooks/stripe`,
        headers: { 'stripe-signature': timestamped(settings.secrets.stripe, forged ? `${body} ` : body) },
      }),
    });
  }
}
