import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { everyEvent, Outbox } from '../../platform/outbox/index.js';
import {
  admitted,
  parkedFor,
  WebhookInbox,
  WebhookSources,
  type Arrival,
  type ReceivedWebhook,
  type WebhookVerdict,
} from '../webhooks/index.js';
import { CarePortalsSources, inboxSourceOf, type CarePortalsSource } from './careportals-sources.js';
import { importedArrival, readBody } from './careportals-door.service.js';
import { CarePortalsWriter, type Written } from './careportals-writer.js';
import { followJob } from './orders.jobs.js';
import { lockOrganization } from './organization-lock.js';
import { believed } from './wire/believed.policy.js';
import { orderNamesOf, organizationsIn, readNews } from './wire/bodies.js';
import { eventNames, type EventName } from './wire/event-name.policy.js';
import type { Plain } from './wire/keys.policy.js';
import type { News } from './wire/parts.js';
import { orderWordOf } from './wire/words.policy.js';

/** What CarePortals pushed, taken out of the inbox. */
@Injectable()
export class CarePortalsUpdates implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly inboxSources: WebhookSources,
    private readonly inbox: WebhookInbox,
    private readonly sources: CarePortalsSources,
    private readonly writer: CarePortalsWriter,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    for (const source of this.sources.all) {
      const handle = (event: ReceivedWebhook) => this.handle(source, event);
      const read = (raw: Buffer, headers: Arrival['headers'], word?: string) => [importedArrival(raw, headers, word)];
      this.inboxSources.register({ source: inboxSourceOf(source), handle, read });
    }
  }

  private async handle(source: CarePortalsSource, event: ReceivedWebhook): Promise<WebhookVerdict> {
    const body = readBody(event.raw);
    return this.db.tx(systemContext, async (tx) => {
      const organizationId = await this.sources.organizationOf(tx, source);
      const ours = admitted(organizationId === undefined ? undefined : { organizationId }, event);
      if (ours === undefined) return parked('careportals.unknown-organization', namesIn(event, body));
      return { ...(await this.take(tx, source, ours.organizationId, event, body)), ...ours };
    });
  }

  private async take(
    tx: Tx,
    source: CarePortalsSource,
    organizationId: string,
    event: ReceivedWebhook,
    body: { [key: string]: Plain },
  ): Promise<WebhookVerdict> {
    if (organizationsIn(body).some((named) => isForeign(named, source.code))) {
      return parked('careportals.foreign-organization');
    }
    const name = nameOf(event);
    if (name === undefined) return parked('careportals.unknown-event');
    const news = readNews(name, body);
    if (news === undefined) return parked('careportals.undocumented-body');
    const unknownWord = unknownWordOf(news);
    if (unknownWord !== undefined) {
      return parked('careportals.unknown-word', { ...orderNamesOf(news), word: unknownWord });
    }
    await lockOrganization(tx, organizationId);
    // From the first word on; what its prescriptions did before is read from their history.
    await this.outbox.listen(tx, followJob, organizationId, [everyEvent]);
    const { news: heard, doubted } = believed(news, event.receivedAt);
    const written = await this.writer.write(tx, heard, {
      organizationId,
      webhookEventId: event.id,
      jobId: event.jobId,
      receivedAt: event.receivedAt,
    });
    const verdict = await this.settled(tx, source, event, name, written);
    const findings = [
      ...(doubted ? ['careportals.time-unbelievable'] : []),
      ...(news.kind === 'order' ? news.findings : []),
    ];
    return { ...verdict, related: { ...verdict.related, ...(findings.length > 0 && { findings }) } };
  }

  private async settled(
    tx: Tx,
    source: CarePortalsSource,
    event: ReceivedWebhook,
    name: EventName,
    written: Written,
  ): Promise<WebhookVerdict> {
    if (written.outcome === 'ambiguous') return parked('careportals.ambiguous-order', written.related);
    if (written.outcome === 'unknown-order') {
      return parkedFor('careportals.unknown-order', written.related, event, this.clock.now());
    }
    if (name === 'order.created') await this.releaseWaiting(tx, source, written.related);
    return { outcome: 'processed', related: written.related };
  }

  /** Updates that came before their order wait for it under either of its names, which they may have taken for the other. */
  private async releaseWaiting(tx: Tx, source: CarePortalsSource, names: Written['related']): Promise<void> {
    const values = orderNames.flatMap((name) => names[name] ?? []);
    const waiting = values.flatMap((value) => orderNames.map((name) => ({ [name]: value })));
    if (waiting.length > 0) await this.inbox.release(tx, inboxSourceOf(source), ...waiting);
  }
}

const orderNames = ['externalId', 'number'] as const;

function parked(code: string, related: Readonly<Record<string, unknown>> = {}): WebhookVerdict {
  return { outcome: 'parked', code, related };
}

function nameOf(event: ReceivedWebhook): EventName | undefined {
  return eventNames.find((one) => one === event.eventType);
}

/** By which it is found, and handled again when its order appears. */
function namesIn(event: ReceivedWebhook, body: { [key: string]: Plain }): Readonly<Record<string, unknown>> {
  const name = nameOf(event);
  const news = name === undefined ? undefined : readNews(name, body);
  return news === undefined ? {} : { ...orderNamesOf(news) };
}

/** An update for somebody else's organization came to this address by mistake, or worse. */
function isForeign(named: Plain, code: string): boolean {
  const word = typeof named === 'object' && named !== null && !Array.isArray(named) ? named['code'] : named;
  if (word === undefined || word === null || word === '') return false;
  return typeof word !== 'string' || word.trim().toLowerCase() !== code.toLowerCase();
}

function unknownWordOf(news: News): string | undefined {
  if (news.kind !== 'order') return undefined;
  return news.statuses.find(({ word }) => orderWordOf(word) === undefined)?.word;
}
