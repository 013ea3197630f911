import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { pageOf, type Page } from '../../platform/http/index.js';
import { isId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import { SourceWords } from './source-words.service.js';
import { maskedBody, maskedHeaders, type Masked } from './redaction.policy.js';
import type { WebhookStatus } from './webhook-event.entity.js';
import {
  WebhookEventsStore,
  type ListedWebhook,
  type ShownWebhook,
  type WebhookFilter,
  type WebhookSelection,
} from './webhook-events.store.js';
import { WebhookHandling } from './webhook-handling.service.js';
import { WebhookRehearsal, type RehearsedReplay } from './webhook-rehearsal.service.js';
import { fail } from './webhooks.errors.js';
import { processWebhook } from './webhooks.jobs.js';

/** What a caller may narrow the list by. */
export type WebhookListing = Omit<WebhookFilter, 'organizationId' | 'unmatched' | 'sources'> & {
  /** A source, or a vendor with several. */
  source?: string | undefined;
};

export interface Replay extends RehearsedReplay {
  dryRun: boolean;
  /** Where the event stands now; after an applied replay `received`. */
  status: WebhookStatus;
}

/** An event with its content: masked, or as it came. */
export interface OpenedWebhook {
  event: ShownWebhook;
  revealed: boolean;
  body: Masked;
  headers: Record<string, string>;
}

/** What people see of the inbox and may do with it. */
@Injectable()
export class WebhookEvents {
  constructor(
    private readonly db: Database,
    private readonly store: WebhookEventsStore,
    private readonly words: SourceWords,
    private readonly clock: Clock,
    private readonly handling: WebhookHandling,
    private readonly rehearsal: WebhookRehearsal,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  /** @throws request.invalid for a source there is not */
  async list(principal: Principal, { source, ...filter }: WebhookListing): Promise<Page<ListedWebhook>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const sources = source === undefined ? undefined : await this.words.meant(tx, source);
      const rows = await this.store.list(tx, { ...filter, sources, ...scopeOf(principal), limit: filter.limit + 1 });
      const page = pageOf(rows, filter.limit);
      const entityIds = page.items.map(({ id }) => id);
      await this.audit.record(tx, { action: 'search', entity: 'webhook_event', entityIds });
      return page;
    });
  }

  /** @throws webhook.not-found */
  async get(principal: Principal, id: string): Promise<ShownWebhook> {
    const context = contextOf(principal);
    const found = await this.db.tx(context, (tx) => this.store.find(tx, id));
    const isUnmatched = found?.organizationId === null && scopeOf(principal).unmatched;
    if (found === undefined || !(isUnmatched || isSeenBy(context, found))) throw fail('webhook.not-found');
    return found;
  }

  /**
   * What came, byte for byte when `reveal` is asked for, which the record says; else its structure with the values masked.
   * @throws webhook.not-found, webhook.reveal-forbidden
   */
  async open(principal: Principal, id: string, reveal: boolean): Promise<OpenedWebhook> {
    const event = await this.get(principal, id);
    if (reveal && !mayReveal(principal, event)) throw fail('webhook.reveal-forbidden');
    const [sealed] = await this.db.tx(contextOf(principal), async (tx) => {
      const [entityIds, reason] = [[id, ...matchedWith(event)], reveal ? { reason: 'reveal' } : {}];
      await this.audit.record(tx, { action: 'read', entity: 'webhook_event', entityIds, ...reason });
      return this.store.sealed(tx, [id]);
    });
    if (sealed === undefined) throw fail('webhook.not-found');
    const { raw, headers } = this.handling.open(sealed);
    if (reveal) return { event, revealed: true, body: raw.toString('utf8'), headers: { ...headers } };
    return { event, revealed: false, body: maskedBody(raw, event.contentType), headers: maskedHeaders(headers) };
  }

  /** A dry run does it and takes it back. @throws webhook.not-found, webhook.no-handler, webhook.under-way */
  async replay(principal: Principal, id: string, dryRun: boolean): Promise<Replay> {
    const event = await this.get(principal, id);
    const { organizationId } = principal;
    const [sealed] = await this.db.tx(systemContext, async (tx) => {
      // It shows values of rows it would change, which are those of a patient.
      if (dryRun) {
        await this.audit.record(tx, {
          action: 'read',
          entity: 'webhook_event',
          entityIds: [id, ...matchedWith(event)],
          reason: 'dry-run',
          organizationId,
        });
      }
      return this.store.sealed(tx, [id]);
    });
    if (sealed === undefined) throw fail('webhook.not-found');
    const would = await this.rehearsal.of(sealed, principal);
    if (dryRun) return { ...would, dryRun, status: event.status };
    if (!would.hasHandler) throw fail('webhook.no-handler');
    // The principal may see the event; the row itself belongs to the platform.
    await this.db.tx(systemContext, async (tx) => {
      if (!(await this.store.reopen(tx, id, principal.id, this.clock.now()))) throw fail('webhook.under-way');
      await this.audit.record(tx, {
        action: 'write',
        entity: 'webhook_event',
        entityIds: [id],
        reason: 'replay',
        organizationId,
      });
      await this.outbox.enqueue(tx, processWebhook, { webhookEventId: id }, { aggregateId: id });
    });
    return { ...would, dryRun, status: 'received' };
  }
}

type Scope = Pick<WebhookSelection, 'organizationId' | 'unmatched'>;

/** Somebody must see an event that lies there unmatched: people do, programs have nothing to do with it. */
export function scopeOf({ organizationId, role }: Principal): Scope {
  return { organizationId, unmatched: role === 'ops' || role === 'admin' };
}

/** An event nobody was matched with may be anybody's. */
function mayReveal({ permissions, role }: Principal, { organizationId }: ShownWebhook): boolean {
  return permissions.has('webhooks:reveal') && (organizationId !== null || role === 'admin');
}

/** By these a patient finds the look in the own access log. */
function matchedWith({ related }: ShownWebhook): string[] {
  return Object.values(related).flat().filter(isId);
}
