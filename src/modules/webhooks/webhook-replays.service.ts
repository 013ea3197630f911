import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import type { WebhookStatus } from './webhook-event.entity.js';
import { SourceWords } from './source-words.service.js';
import { scopeOf } from './webhook-events.service.js';
import type { WebhookSelection } from './webhook-events.store.js';
import { WebhookRehearsal, type RehearsedReplay } from './webhook-rehearsal.service.js';
import type { WebhookReplay } from './webhook-replay.entity.js';
import { WebhookReplaysStore } from './webhook-replays.store.js';
import { WebhookSources } from './webhook-sources.js';
import { fail } from './webhooks.errors.js';
import { replayWebhooks } from './webhooks.jobs.js';

/** Which events of a source; the source is always named, so that nobody replays everything by leaving something out. */
export interface ReplayRange {
  /** A source, or a vendor with several. */
  source: string;
  status?: WebhookStatus | undefined;
  eventType?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

export interface RangeRehearsal {
  matching: number;
  items: RehearsedReplay[];
  nextCursor: string | null;
}

export interface ReplayProgress {
  replay: WebhookReplay;
  standing: Record<WebhookStatus, number>;
}

export const mostReplayed = 100_000;
/** A few hundred milliseconds per transaction; progress is seen that often. */
const batchRows = 2_000;

/** Hands a range of events to their handlers again. */
@Injectable()
export class WebhookReplays {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly store: WebhookReplaysStore,
    private readonly rehearsal: WebhookRehearsal,
    private readonly sources: WebhookSources,
    private readonly words: SourceWords,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  /** What each event of a page would change, each alone and as things stand now. @throws request.invalid, webhook.replay-too-large */
  async rehearse(
    principal: Principal,
    range: ReplayRange,
    page: { cursor: string | undefined; limit: number },
  ): Promise<RangeRehearsal> {
    const { matching, events } = await this.db.tx(contextOf(principal), async (tx) => {
      const { source, ...rest } = range;
      const selection = { ...rest, sources: await this.words.meant(tx, source), ...scopeOf(principal) };
      const matching = await this.countOrRefuse(tx, selection);
      const found = await this.store.page(tx, selection, page.cursor, page.limit + 1);
      const entityIds = found.slice(0, page.limit).map(({ id }) => id);
      await this.audit.record(tx, { action: 'read', entity: 'webhook_event', entityIds, reason: 'dry-run' });
      return { matching, events: found };
    });
    const items: RehearsedReplay[] = [];
    for (const event of events.slice(0, page.limit)) items.push(await this.rehearsal.of(event, principal));
    return { matching, items, nextCursor: events.length > page.limit ? (items.at(-1)?.eventId ?? null) : null };
  }

  /** @throws request.invalid, webhook.no-handler, webhook.replay-too-large */
  async begin(principal: Principal, { source, ...range }: ReplayRange): Promise<ReplayProgress> {
    const now = this.clock.now();
    const to = range.to !== undefined && range.to < now ? range.to : now;
    const replay = await this.db.tx(contextOf(principal), async (tx) => {
      const sources = await this.words.meant(tx, source);
      if (!sources.every((one) => this.sources.of(one))) throw fail('webhook.no-handler');
      const selection = { ...range, sources, to, ...scopeOf(principal) };
      const about = {
        id: newId(),
        organizationId: principal.organizationId,
        unmatched: selection.unmatched,
        source,
        status: range.status ?? null,
        eventType: range.eventType ?? null,
        receivedFrom: range.from ?? null,
        receivedTo: to,
        matching: await this.countOrRefuse(tx, selection),
        requestedBy: principal.id,
        requestedAt: now,
      };
      await this.store.add(tx, about);
      await this.audit.record(tx, {
        action: 'write',
        entity: 'webhook_replay',
        entityIds: [about.id],
        reason: `replay:${source}:${about.matching}`,
      });
      await this.outbox.enqueue(tx, replayWebhooks, { replayId: about.id });
      return { ...about, handedOut: 0, handedOutAt: null };
    });
    return { replay, standing: { received: 0, processed: 0, parked: 0, failed: 0, ignored: 0 } };
  }

  /** @throws webhook.replay-not-found */
  async progress(principal: Principal, id: string): Promise<ReplayProgress> {
    const context = contextOf(principal);
    const replay = await this.db.tx(context, (tx) => this.store.find(tx, id));
    if (replay === undefined || !isSeenBy(context, replay)) throw fail('webhook.replay-not-found');
    return { replay, standing: await this.db.tx(context, (tx) => this.store.standing(tx, id)) };
  }

  /** One batch; the job of the next one is part of its end. */
  @Handles(replayWebhooks)
  async handOut({ replayId, after }: { replayId: string; after?: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const replay = await this.store.find(tx, replayId);
      if (replay !== undefined) {
        const now = this.clock.now();
        const sources = this.sources.meantBy(replay.source);
        const { last, count } = await this.store.handOut(tx, replay, { sources, after, most: batchRows, now });
        if (last !== undefined && count === batchRows) {
          const dedupeKey = `${replayWebhooks.name} ${replayId} ${last}`;
          await this.outbox.enqueue(tx, replayWebhooks, { replayId, after: last }, { dedupeKey });
        } else await this.store.end(tx, replayId, now);
        this.outbox.announce(tx);
      }
      await this.outbox.close(tx, run);
    });
  }

  private async countOrRefuse(tx: Tx, selection: WebhookSelection): Promise<number> {
    const matching = await this.store.count(tx, selection, mostReplayed);
    if (matching > mostReplayed) throw fail('webhook.replay-too-large');
    return matching;
  }
}
