import { Injectable } from '@nestjs/common';
import { Database, type TableChanges } from '../../platform/db/index.js';
import { codeOf, TryLater } from '../../platform/jobs/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import { shownChanges, type ShownChange } from './replay.policy.js';
import type { SealedWebhook } from './webhook-events.store.js';
import { WebhookHandling } from './webhook-handling.service.js';
import { WebhookSources, type WebhookOutcome } from './webhook-sources.js';

export interface RehearsedReplay {
  eventId: string;
  source: string;
  eventType: string;
  hasHandler: boolean;
  /** `failed`: the handler would throw; `waiting`: it would ask to be called again a little later. */
  outcome: WebhookOutcome | 'failed' | 'waiting';
  code: string | null;
  related: Readonly<Record<string, unknown>>;
  changes: ShownChange[];
  /** Rows written per table, also those that are not listed as changes. */
  tables: TableChanges[];
}

/** Says what handling an event would change now, by doing it and taking it back. */
@Injectable()
export class WebhookRehearsal {
  constructor(
    private readonly db: Database,
    private readonly handling: WebhookHandling,
    private readonly sources: WebhookSources,
  ) {}

  async of(event: SealedWebhook, principal: Principal): Promise<RehearsedReplay> {
    const { id: eventId, source, eventType } = event;
    const about = { eventId, source, eventType, hasHandler: this.sources.of(source) !== undefined };
    const nothing = { related: {}, changes: [], tables: [] };
    try {
      const { result, rows, tables } = await this.db.rehearse(() => this.handling.handle(event));
      const { outcome, code = null, related = {}, organizationId } = result;
      // What nobody was matched with may turn out to be another organization's: whose and what is theirs to see.
      const isTheirs = organizationId !== undefined && !isSeenBy(contextOf(principal), { organizationId });
      const shown = isTheirs ? nothing : { related, changes: shownChanges(rows), tables };
      return { ...about, ...shown, outcome, code };
    } catch (error) {
      return { ...about, ...nothing, outcome: error instanceof TryLater ? 'waiting' : 'failed', code: codeOf(error) };
    }
  }
}
