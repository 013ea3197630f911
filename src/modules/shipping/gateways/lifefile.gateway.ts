import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../../../platform/config/index.js';
import { Refused } from '../../../platform/effects/index.js';
import { TryLater, Unrecoverable } from '../../../platform/jobs/index.js';
import { lifefileAccount, lifefileSettings, type LifefileConfig } from './lifefile.account.js';
import { LifefileUnanswered, placedOf, rejectionOf } from './lifefile.answers.js';
import { lifefileOrder } from './lifefile.order.js';
import { orderGone, PharmacyOrderGateway, type PharmacyOrder, type PlacedOrder } from './pharmacy-order.port.js';

const timeoutMs = 20_000;
const defaultWaitMs = 2_000;
const longestWaitMs = 60_000;
const passing = new Set([408, 425]);
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

/** Lifefile's order API: JSON over HTTPS with Basic authentication. */
@Injectable()
export class LifefileGateway extends PharmacyOrderGateway {
  constructor(@Inject(CONFIG) private readonly config: LifefileConfig) {
    super();
  }

  async place(order: PharmacyOrder): Promise<PlacedOrder> {
    const { status, body } = await this.send('POST', '', lifefileOrder(order), [conflict]);
    // Nothing of it was read here: the look-up by our reference says what is there.
    if (status === conflict) throw new LifefileUnanswered();
    return placedOf(body);
  }

  async find(referenceId: string): Promise<PlacedOrder | undefined> {
    const path = `/by-reference/${encodeURIComponent(referenceId)}`;
    const { status, body } = await this.send('GET', path, undefined, [notFound]);
    return status === notFound ? undefined : placedOf(body);
  }

  async cancel(orderId: string): Promise<{ id: string }> {
    const { status } = await this.send('POST', `/${encodeURIComponent(orderId)}/cancel`, undefined, [conflict]);
    if (status === conflict) throw new Refused(orderGone, 'the pharmacy has shipped or closed the order');
    return { id: orderId };
  }

  /** @throws what a failure means, unless its status is among `expected` */
  private async send(method: string, path: string, body: object | undefined, expected: number[]): Promise<Answer> {
    const account = lifefileAccount(this.config);
    if (account === undefined)
      throw new Unrecoverable('vendor.off', `one of ${lifefileSettings.join(', ')} is not set`);
    const response = await request(`${account.url}${path}`, {
      method,
      redirect: 'error',
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
  } catch {
    throw new LifefileUnanswered();
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
  if (status === 429) return new TryLater('lifefile.429', waitMsOf(headers));
  if (status >= 500 || passing.has(status)) return new LifefileUnanswered();
  const rejected = strangers.has(status) ? undefined : rejectionOf(body);
  if (ok || rejected !== undefined) return rejected;
  return new Refused(`lifefile.${status}`, 'Lifefile refused the request');
}

function waitMsOf(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, longestWaitMs) : defaultWaitMs;
}
