import type { FaultKind, Faults } from './faults.js';
import type { Scheduler } from './scheduler.js';
import type { Vendor } from './vendor.js';

export interface WebhookMessage {
  vendor: Vendor;
  /** Stripe's type, a status word: what faults match on and a person reads in the list. */
  event: string;
  contentType: string;
  body: string;
  /** Asked again for each attempt, because signatures carry the time. A forged one must fail the receiver's check. */
  address: (forged: boolean) => { url: string; headers: Record<string, string> };
}

export interface Delivery {
  id: number;
  vendor: Vendor;
  event: string;
  url: string;
  createdAt: string;
  status: 'pending' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  lastAnswer: string | null;
}

interface Lane {
  waiting: (() => Promise<void>)[];
  active: number;
}

/** Real milliseconds between tries, about two minutes in all: the application may be killed and started again meanwhile. */
const BACKOFF_MS = [200, 1000, 3000, 5000, ...Array.from({ length: 11 }, () => 10_000)];
/** Twilio calls once more, within its fifteen seconds, and never again. */
const backoffOf: Partial<Record<Vendor, readonly number[]>> = { twilio: [1000] };
const ATTEMPT_TIMEOUT_MS = 10_000;
const LANE_WIDTH = 8;
const KEPT_DELIVERIES = 20_000;
/** A reordered webhook goes out this long after the one that overtook it, or alone when none comes. */
const OVERTAKEN_MS = 300;
const LONGEST_HOLD_MS = 2000;

const deliveryFaults: readonly FaultKind[] = ['drop_webhook', 'duplicate_webhook', 'reorder_webhooks'];

/** Sends the vendors' webhooks: one lane per target, retried until 2xx as long as the vendor would. */
export class Webhooks {
  private readonly lanes = new Map<string, Lane>();
  private deliveries: Delivery[] = [];
  private messages = new Map<number, WebhookMessage>();
  private held: { vendor: Vendor; release: () => void }[] = [];
  private lastId = 0;
  private abort = new AbortController();

  constructor(
    private readonly faults: Faults,
    private readonly scheduler: Scheduler,
  ) {}

  send(message: WebhookMessage): void {
    const delivery = this.note(message);
    const fault = this.faults.take(message.vendor, deliveryFaults, { event: message.event, path: delivery.url });
    if (fault?.kind === 'drop_webhook') {
      delivery.status = 'dropped';
      return;
    }
    if (fault?.kind === 'reorder_webhooks') {
      this.hold(message, delivery);
      return;
    }
    this.enqueue(message, delivery, 0);
    if (fault?.kind === 'duplicate_webhook') this.enqueue(message, this.note(message), 0);
    this.releaseHeld(message.vendor);
  }

  list(): Delivery[] {
    return this.deliveries;
  }

  /** Sends a noted message once more, as a vendor's dashboard does. */
  resend(id: number): Delivery | undefined {
    const message = this.messages.get(id);
    if (!message) return undefined;
    const delivery = this.note(message);
    this.enqueue(message, delivery, 0);
    return delivery;
  }

  reset(): void {
    this.stop();
    this.deliveries = [];
    this.messages = new Map();
  }

  stop(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.lanes.clear();
    this.held = [];
  }

  private note(message: WebhookMessage): Delivery {
    this.lastId += 1;
    const { url } = message.address(false);
    const delivery: Delivery = {
      id: this.lastId,
      vendor: message.vendor,
      event: message.event,
      url: url.split('?')[0] ?? url,
      createdAt: new Date().toISOString(),
      status: 'pending',
      attempts: 0,
      lastAnswer: null,
    };
    this.deliveries.push(delivery);
    this.messages.set(delivery.id, message);
    if (this.deliveries.length > KEPT_DELIVERIES) this.messages.delete(this.deliveries.shift()?.id ?? 0);
    return delivery;
  }

  private hold(message: WebhookMessage, delivery: Delivery): void {
    let sent = false;
    const entry = {
      vendor: message.vendor,
      release: () => {
        if (sent) return;
        sent = true;
        this.held = this.held.filter((one) => one !== entry);
        this.enqueue(message, delivery, 0);
      },
    };
    this.scheduler.afterReal(LONGEST_HOLD_MS, entry.release);
    this.held.push(entry);
  }

  private releaseHeld(vendor: Vendor): void {
    for (const one of this.held.filter((entry) => entry.vendor === vendor)) {
      this.held = this.held.filter((entry) => entry !== one);
      this.scheduler.afterReal(OVERTAKEN_MS, one.release);
    }
  }

  private enqueue(message: WebhookMessage, delivery: Delivery, attempt: number): void {
    const lane = this.lanes.get(delivery.url) ?? { waiting: [], active: 0 };
    this.lanes.set(delivery.url, lane);
    lane.waiting.push(() => this.attempt(message, delivery, attempt));
    this.pump(lane);
  }

  private pump(lane: Lane): void {
    while (lane.active < LANE_WIDTH) {
      const next = lane.waiting.shift();
      if (!next) return;
      lane.active += 1;
      void next().finally(() => {
        lane.active -= 1;
        this.pump(lane);
      });
    }
  }

  private async attempt(message: WebhookMessage, delivery: Delivery, attempt: number): Promise<void> {
    const { signal } = this.abort;
    if (signal.aborted) return;
    delivery.attempts += 1;
    const target = { event: message.event, path: delivery.url };
    const forged = this.faults.take(message.vendor, ['wrong_signature'], target) !== undefined;
    const answer = await post(message, forged, signal);
    delivery.lastAnswer = String(answer);
    if (typeof answer === 'number' && answer >= 200 && answer < 300) {
      delivery.status = 'delivered';
      return;
    }
    const waitMs = (backoffOf[message.vendor] ?? BACKOFF_MS)[attempt];
    if (waitMs === undefined) delivery.status = 'failed';
    else if (signal === this.abort.signal)
      this.scheduler.afterReal(waitMs, () => this.enqueue(message, delivery, attempt + 1));
  }
}

/** The status of the answer, or why there was none. */
async function post(message: WebhookMessage, forged: boolean, stop: AbortSignal): Promise<number | string> {
  const { url, headers } = message.address(forged);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': message.contentType, ...headers },
      body: message.body,
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]),
    });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    return error instanceof Error ? error.name : 'unreachable';
  }
}
