import { Injectable } from '@nestjs/common';
import { sha256 } from '../../platform/crypto/index.js';
import {
  WebhookInbox,
  WebhookSignatures,
  type Arrival,
  type IncomingWebhook,
  type ReceivedAnswer,
} from '../webhooks/index.js';
import { CarePortalsSources, inboxSourceOf, sourcePrefix } from './careportals-sources.js';
import { fail } from './orders.errors.js';
import { namedEvent, resolveEvent, type ResolvedEvent, type Said } from './wire/event-name.policy.js';
import { expandKeys, KeysRefused, type Plain } from './wire/keys.policy.js';

export interface IncomingCall {
  raw: Buffer | undefined;
  headers: IncomingWebhook['headers'];
  authorization: string | undefined;
  signature: string | undefined;
  /** Of the connection. */
  address: string;
  /** The event's name in the address. */
  path: string | undefined;
}

/** What an event is called that nobody named. */
export const unnamedEvent = 'unnamed';

/** Everything that happens while CarePortals waits for our answer: who calls, what event it is, and one row. */
@Injectable()
export class CarePortalsDoor {
  constructor(
    private readonly sources: CarePortalsSources,
    private readonly signatures: WebhookSignatures,
    private readonly inbox: WebhookInbox,
  ) {}

  /** @throws webhook.signature-invalid, careportals.body-unreadable, careportals.event-disagrees, service.unavailable */
  async receive({ raw = Buffer.alloc(0), headers, ...call }: IncomingCall): Promise<ReceivedAnswer> {
    const { verdict, source } = this.sources.prove({ raw, ...call });
    const proven = source === undefined && verdict === 'valid' ? 'missing' : verdict;
    // Each source has an allowance of its own.
    await this.signatures.demand(source === undefined ? sourcePrefix : inboxSourceOf(source), proven, call.address);
    if (source === undefined) throw new Error('a proven call has a source');
    const name = inboxSourceOf(source);
    const arrival = this.signatures.read(name, () => careportalsArrival(raw, headers, call.path));
    return this.inbox.receive({ source: name, ...arrival });
  }
}

/**
 * The event of a body that came in by the door.
 * @param path the event's name in the address, if it stood there
 * @throws careportals.body-unreadable, careportals.event-disagrees
 */
function careportalsArrival(raw: Buffer, headers: Arrival['headers'], path: string | undefined): Arrival {
  return arrivalOf(raw, headers, resolveEvent(saidBy(raw, headers, path)));
}

/**
 * The event of a body somebody has kept. The address it was sent to may have named the event, and then its shape says something
 * else: an order that was cancelled would pass for a subscription.
 * @throws careportals.body-unreadable, careportals.event-disagrees, careportals.event-unnamed
 */
export function importedArrival(raw: Buffer, headers: Arrival['headers'], event: string | undefined): Arrival {
  const named = namedEvent(saidBy(raw, headers, event));
  if (named === undefined) throw fail('careportals.event-unnamed');
  return arrivalOf(raw, headers, named);
}

function saidBy(raw: Buffer, headers: Arrival['headers'], path: string | undefined): Said {
  const named = headers['x-careportals-event'];
  return { path, header: typeof named === 'string' ? named : undefined, body: readBody(raw) };
}

function arrivalOf(raw: Buffer, headers: Arrival['headers'], resolved: ResolvedEvent): Arrival {
  if (resolved.kind === 'disagreement') throw fail('careportals.event-disagrees');
  const eventType = resolved.kind === 'known' ? resolved.name : (resolved.word ?? unnamedEvent);
  // No event id is documented: the event's name and the body are the event.
  return { dedupeKey: sha256(`${eventType}\n${raw.toString('base64')}`), eventType, raw, headers };
}

/** @throws careportals.body-unreadable */
export function readBody(raw: Buffer): { [key: string]: Plain } {
  try {
    return expandKeys(JSON.parse(raw.toString('utf8')));
  } catch (error) {
    if (error instanceof KeysRefused) throw fail('careportals.body-unreadable', { meta: { problem: error.problem } });
    // An empty body is let through by the body parser.
    throw fail('careportals.body-unreadable', { meta: { problem: 'not-an-object' } });
  }
}
