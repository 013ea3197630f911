import { Inject, Injectable } from '@nestjs/common';
import { lifefileSettings, type Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { endsCall, isPassing, neverSent, NotTaken, Refused, retryAfterMs } from '../../../platform/effects/index.js';
import { pharmacyToBeTold } from '../shipping.errors.js';
import { lifefileAccount, type LifefileConfig } from './lifefile.account.js';
import { isDone, LifefileUnanswered, placedOf, Rejected, rejectionOf } from './lifefile.answers.js';
import { lifefileOrder } from './lifefile.order.js';
import { orderGone, PharmacyOrderGateway, type PharmacyOrder, type PlacedOrder } from './pharmacy-order.port.js';

const timeoutMs = 20_000;
const defaultWaitMs = 2_000;
/** Nobody was reached: it is away, or the address is wrong, which doctor tells. */
const unreachableWaitMs = 30_000;
/** Placing: an order with our reference exists, because the answer to an earlier try was lost. Cancelling: it is shipped or closed. */
const conflict = 409;
const notFound = 404;
/** It is the caller whom it does not take, whatever was asked. */
const strangers = new Set([401, 403]);

interface Answer {
  status: number;
  /** Undefined when it was no JSON, or broke off. */
  body: unknown;
}

type Settings = LifefileConfig & Pick<Config, 'LIFEFILE_CANCEL_STATUS' | 'LIFEFILE_ORDER_LOOKUP'>;

/**
 * Lifefile's order API: JSON over HTTPS with Basic authentication. It has `POST order`, `PUT order/:id/status` and
 * `PUT order/:id/shipping`: an order cannot be asked for, and a repeat is another one.
 */
@Injectable()
export class LifefileGateway extends PharmacyOrderGateway {
  readonly hasLookup: boolean;

  constructor(@Inject(CONFIG) private readonly config: Settings) {
    super();
    this.hasLookup = config.LIFEFILE_ORDER_LOOKUP === 'true';
  }

  async place(order: PharmacyOrder): Promise<PlacedOrder> {
    const { status, body } = await this.send('POST', '', lifefileOrder(order), [conflict]);
    // Nothing of it was read here: who looks for our reference finds what is there.
    if (status === conflict) throw new LifefileUnanswered();
    return placedOf(body);
  }

  async find(referenceId: string): Promise<PlacedOrder | undefined> {
    const path = `/by-reference/${encodeURIComponent(referenceId)}`;
    const { status, body } = await this.send('GET', path, undefined, [notFound]);
    if (status !== notFound) return placedOf(body);
    // A 404 of any other form is one of an address where nobody knows orders.
    if (rejectionOf(body) === undefined) throw new Refused('lifefile.no-lookup', 'no order can be asked for there');
    return undefined;
  }

  /** The statuses of an order are codes each pharmacy has of its own. */
  async cancel(orderId: string): Promise<{ id: string }> {
    const { LIFEFILE_CANCEL_STATUS: status } = this.config;
    const refusal = new Refused(pharmacyToBeTold, 'the pharmacy takes no cancel this way');
    if (status === undefined) throw refusal;
    try {
      const path = `/${encodeURIComponent(orderId)}/status`;
      const answer = await this.send('PUT', path, { status }, [conflict]);
      if (answer.status === conflict) throw new Refused(orderGone, 'the pharmacy has shipped or closed the order');
      if (!isDone(answer.body)) throw new LifefileUnanswered();
    } catch (error) {
      throw error instanceof Rejected ? refusal : error;
    }
    return { id: orderId };
  }

  /** @throws what a failure means, unless its status is among `expected` */
  private async send(method: string, path: string, body: object | undefined, expected: number[]): Promise<Answer> {
    const account = lifefileAccount(this.config);
    if (account === undefined) throw new Refused('vendor.off', `one of ${lifefileSettings.join(', ')} is not set`);
    const response = await request(`${account.url}${path}`, {
      method,
      // A redirect is answered by who forwards, not by Lifefile: nothing was done, and no patient data goes elsewhere.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { ...account.headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const said = await bodyOf(response);
    const failure = expected.includes(response.status) ? undefined : failureOf(response, said);
    if (failure !== undefined) throw failure;
    return { status: response.status, body: said };
  }
}

/** The cause is dropped: a failed request names the address, and a body the patient. */
async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw neverSent(error) ? new NotTaken('lifefile.unreachable', unreachableWaitMs) : new LifefileUnanswered(false);
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function failureOf({ ok, status, headers }: Response, body: unknown): Error | undefined {
  const waitMs = retryAfterMs(headers.get('retry-after'));
  if (status === 429) return new NotTaken('lifefile.429', waitMs ?? defaultWaitMs);
  if (isPassing(status)) return new LifefileUnanswered(endsCall(status), waitMs);
  const rejected = strangers.has(status) ? undefined : rejectionOf(body);
  if (ok || rejected !== undefined) return rejected;
  return new Refused(`lifefile.${status}`, 'Lifefile refused the request');
}
