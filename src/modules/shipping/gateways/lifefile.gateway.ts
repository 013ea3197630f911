import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { Refused } from '../../../platform/effects/index.js';
import { TryLater, Unrecoverable } from '../../../platform/jobs/index.js';
import { lifefileOrder } from './lifefile.order.js';
import { orderGone, PharmacyOrderGateway, type PharmacyOrder, type PlacedOrder } from './pharmacy-order.port.js';

/** Nothing is known of the outcome: a look-up by reference will tell. */
export class LifefileUnanswered extends Error {
  readonly code = 'lifefile.unanswered';

  constructor(options?: ErrorOptions) {
    super('Lifefile gave no answer one can rely on', options);
    this.name = 'LifefileUnanswered';
  }
}

const timeoutMs = 20_000;
const defaultWaitMs = 2_000;
const longestWaitMs = 60_000;
const passing = new Set([408, 425]);
/** Placing: an order with our reference exists, because the answer to an earlier try was lost. Cancelling: it is shipped or closed. */
const conflict = 409;

const id = z.union([z.string().min(1), z.number()]).transform(String);
const fill = z.looseObject({ fillId: id.nullish(), rxNumber: id.nullish() });
const answer = z.looseObject({ data: z.looseObject({ orderId: id, fills: z.array(fill).nullish() }) });

type LifefileSettings = Pick<Config, 'LIFEFILE_API_URL' | 'LIFEFILE_API_USER' | 'LIFEFILE_API_PASSWORD'>;

/** Lifefile's order API: JSON over HTTPS with Basic authentication. */
@Injectable()
export class LifefileGateway extends PharmacyOrderGateway {
  constructor(@Inject(CONFIG) private readonly config: LifefileSettings) {
    super();
  }

  async place(order: PharmacyOrder): Promise<PlacedOrder> {
    const placed = await this.send('POST', '', lifefileOrder(order), [conflict]);
    // Nothing of it was read here: the look-up by our reference says what is there.
    if (placed === undefined) throw new LifefileUnanswered();
    return placedOf(placed);
  }

  async find(referenceId: string): Promise<PlacedOrder | undefined> {
    const found = await this.send('GET', `/by-reference/${encodeURIComponent(referenceId)}`, undefined, [404]);
    return found === undefined ? undefined : placedOf(found);
  }

  async cancel(orderId: string): Promise<{ id: string }> {
    const cancelled = await this.send('POST', `/${encodeURIComponent(orderId)}/cancel`, undefined, [conflict]);
    if (cancelled === undefined) throw new Refused(orderGone, 'the pharmacy has shipped or closed the order');
    return { id: orderId };
  }

  /** @returns undefined for a status among `absent` */
  private async send(method: string, path: string, body?: object, absent: readonly number[] = []): Promise<unknown> {
    const { LIFEFILE_API_URL: base, LIFEFILE_API_USER: user, LIFEFILE_API_PASSWORD: password } = this.config;
    if (base === undefined || user === undefined || password === undefined) {
      throw new Unrecoverable('vendor.off', 'LIFEFILE_API_URL, _USER or _PASSWORD is not set');
    }
    const response = await request(`${base.replace(/\/+$/, '')}/api/order${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.ok) return await readJson(response);
    await response.body?.cancel();
    if (absent.includes(response.status)) return undefined;
    throw refusalOf(response);
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

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new LifefileUnanswered();
  }
}

function refusalOf({ status, headers }: Response): Error {
  if (status === 429) return new TryLater('lifefile.429', waitMsOf(headers));
  if (status >= 500 || passing.has(status)) return new LifefileUnanswered();
  return new Refused(`lifefile.${status}`, 'Lifefile refused the request');
}

function waitMsOf(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, longestWaitMs) : defaultWaitMs;
}

function placedOf(body: unknown): PlacedOrder {
  const parsed = answer.safeParse(body);
  if (!parsed.success) throw new LifefileUnanswered();
  const { orderId, fills } = parsed.data.data;
  const only = fills?.length === 1 ? fills[0] : undefined;
  return { id: orderId, fillId: only?.fillId ?? null, rxNumber: only?.rxNumber ?? null };
}
