import { Injectable } from '@nestjs/common';
import { Database, systemContext } from '../../platform/db/index.js';
import { pageOf, type Page } from '../../platform/http/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import type { WebhookStatus } from './webhook-event.entity.js';
import {
  WebhookEventsStore,
  type ListedWebhook,
  type ShownWebhook,
  type WebhookFilter,
} from './webhook-events.store.js';
import { WebhookSources } from './webhook-sources.js';
import { fail } from './webhooks.errors.js';
import { processWebhook } from './webhooks.jobs.js';

/** What a caller may narrow the list by. */
export type WebhookListing = Omit<WebhookFilter, 'organizationId' | 'unmatched'>;

export interface Replay {
  eventId: string;
  dryRun: boolean;
  /** Where the event stands now; after an applied replay `received`. */
  status: WebhookStatus;
  source: string;
  eventType: string;
  hasHandler: boolean;
  /** What was done, or would be. What the handler makes of it depends on how things stand when it runs. */
  effect: string;
}

const effects = {
  dry: 'The event would be handed to its handler again. What that changes depends on how things stand then; what was done before is not done twice.',
  applied: 'The event was handed to its handler again.',
  none: 'Nothing would change: no part of this version handles events of that source.',
} as const;

/** What people see of the inbox and may do with it. */
@Injectable()
export class WebhookEvents {
  constructor(
    private readonly db: Database,
    private readonly store: WebhookEventsStore,
    private readonly sources: WebhookSources,
    private readonly outbox: Outbox,
  ) {}

  async list(principal: Principal, filter: WebhookListing): Promise<Page<ListedWebhook>> {
    const rows = await this.db.tx(contextOf(principal), (tx) =>
      this.store.list(tx, { ...filter, ...scopeOf(principal), limit: filter.limit + 1 }),
    );
    return pageOf(rows, filter.limit);
  }

  /** @throws webhook.not-found */
  async get(principal: Principal, id: string): Promise<ShownWebhook> {
    const context = contextOf(principal);
    const found = await this.db.tx(context, (tx) => this.store.find(tx, id));
    const isUnmatched = found?.organizationId === null && scopeOf(principal).unmatched;
    if (found === undefined || !(isUnmatched || isSeenBy(context, found))) throw fail('webhook.not-found');
    return found;
  }

  /** @throws webhook.not-found, webhook.no-handler, webhook.under-way */
  async replay(principal: Principal, id: string, dryRun: boolean): Promise<Replay> {
    const { source, eventType, status } = await this.get(principal, id);
    const hasHandler = this.sources.of(source) !== undefined;
    const about = { eventId: id, source, eventType, hasHandler };
    if (dryRun) return { ...about, dryRun, status, effect: hasHandler ? effects.dry : effects.none };
    if (!hasHandler) throw fail('webhook.no-handler');
    // The principal may see the event; the row itself belongs to the platform.
    await this.db.tx(systemContext, async (tx) => {
      if (!(await this.store.reopen(tx, id))) throw fail('webhook.under-way');
      await this.outbox.enqueue(tx, processWebhook, { webhookEventId: id }, { aggregateId: id });
    });
    return { ...about, dryRun, status: 'received', effect: effects.applied };
  }
}

type Scope = Pick<WebhookFilter, 'organizationId' | 'unmatched'>;

/** Somebody must see an event that lies there unmatched: people do, programs have nothing to do with it. */
function scopeOf({ organizationId, role }: Principal): Scope {
  return { organizationId, unmatched: role === 'ops' || role === 'admin' };
}
