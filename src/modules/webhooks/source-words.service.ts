import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { fail } from '../../platform/errors/index.js';
import { WebhookEventsStore } from './webhook-events.store.js';
import { WebhookSources } from './webhook-sources.js';

/** What people call sources when they look for events. */
@Injectable()
export class SourceWords {
  constructor(
    private readonly sources: WebhookSources,
    private readonly events: WebhookEventsStore,
  ) {}

  /** One that is registered no more is found while there are events of it. @throws request.invalid for a word that means nothing */
  async meant(tx: Tx, word: string): Promise<string[]> {
    const meant = this.sources.meantBy(word);
    if (meant.length > 0) return meant;
    if (await this.events.hasSource(tx, word)) return [word];
    const message = `source must be one of the following values: ${this.sources.words().join(', ')}`;
    throw fail('request.invalid', { meta: { errors: [{ pointer: '/source', code: 'is-in', message }] } });
  }
}
