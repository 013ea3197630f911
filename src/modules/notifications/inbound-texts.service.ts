import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/db/index.js';
import { pageOf, type Page } from '../../platform/http/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import type { InboundText } from './inbound-text.entity.js';
import { InboundTextsStore, type TextFilter } from './inbound-texts.store.js';
import { fail } from './notifications.errors.js';

export interface ShownText {
  id: string;
  text: InboundText;
  body: string;
}

/** What people answered, for staff: to read, and to mark once somebody has seen to it. */
@Injectable()
export class InboundTexts {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly store: InboundTextsStore,
  ) {}

  list(principal: Principal, filter: Omit<TextFilter, 'organizationId'>): Promise<Page<ShownText>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const { organizationId } = principal;
      const found = await this.store.list(tx, { ...filter, organizationId, limit: filter.limit + 1 });
      const { items, nextCursor } = pageOf(found, filter.limit);
      const entityIds = items.map(({ id }) => id);
      await this.audit.record(tx, { action: 'search', entity: 'inbound-text', entityIds });
      return { items: items.map((text) => this.shown(text)), nextCursor };
    });
  }

  /** Doing it twice is doing it once. @throws inbound-text.not-found */
  handle(principal: Principal, id: string): Promise<ShownText> {
    return this.db.tx(contextOf(principal), async (tx) => {
      await this.found(tx, id);
      await this.store.handle(tx, id, principal.id);
      await this.audit.record(tx, { action: 'write', entity: 'inbound-text', entityIds: [id], reason: 'handle' });
      return this.shown(await this.found(tx, id));
    });
  }

  private async found(tx: Tx, id: string): Promise<InboundText> {
    const text = await this.store.find(tx, id);
    if (text === undefined || !isSeenBy(tx.context, { organizationId: text.organizationId })) {
      throw fail('inbound-text.not-found');
    }
    return text;
  }

  private shown(text: InboundText): ShownText {
    return { id: text.id, text, body: this.store.bodyOf(text) };
  }
}
