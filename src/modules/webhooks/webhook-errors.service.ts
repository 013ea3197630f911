import { Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import { csvLine } from '../../platform/csv/index.js';
import { Database, type Tx } from '../../platform/db/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { SourceWords } from './source-words.service.js';
import { scopeOf } from './webhook-events.service.js';
import type { WebhookSelection } from './webhook-events.store.js';
import { WebhookErrorsStore, type ErrorGroup, type ErrorRow } from './webhook-errors.store.js';

export interface ErrorRange {
  source?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

const columns = [
  'id',
  'source',
  'event_type',
  'status',
  'code',
  'received_at',
  'processed_at',
  'attempts',
  'duration_ms',
  'prescription_id',
] as const;
const pageRows = 1_000;
/** A spreadsheet opens no more than a million; who needs more narrows the time. */
const mostRows = 100_000;

/** What went wrong with which source. */
@Injectable()
export class WebhookErrors {
  constructor(
    private readonly db: Database,
    private readonly store: WebhookErrorsStore,
    private readonly words: SourceWords,
    private readonly audit: Audit,
  ) {}

  /** @throws request.invalid for a source there is not */
  groups(principal: Principal, range: ErrorRange): Promise<ErrorGroup[]> {
    return this.db.tx(contextOf(principal), async (tx) =>
      this.store.groups(tx, await this.selection(tx, principal, range)),
    );
  }

  /** Recorded before the first line leaves. Ids and codes only. @throws request.invalid for a source there is not */
  async csv(principal: Principal, range: ErrorRange): Promise<Readable> {
    const selection = await this.db.tx(contextOf(principal), async (tx) => {
      const reason = `errors:${range.source ?? 'all'}`;
      await this.audit.record(tx, { action: 'export', entity: 'webhook_event', reason });
      return this.selection(tx, principal, range);
    });
    return Readable.from(this.lines(principal, selection));
  }

  private async selection(tx: Tx, principal: Principal, { source, ...range }: ErrorRange): Promise<WebhookSelection> {
    const sources = source === undefined ? undefined : await this.words.meant(tx, source);
    return { ...range, sources, ...scopeOf(principal) };
  }

  private async *lines(principal: Principal, selection: WebhookSelection): AsyncGenerator<string> {
    yield csvLine(columns);
    let after: string | undefined;
    for (let told = 0; told < mostRows; told += pageRows) {
      const page = { after, limit: pageRows };
      const rows = await this.db.tx(contextOf(principal), (tx) => this.store.rows(tx, selection, page));
      yield rows.map(lineOf).join('');
      after = rows.at(-1)?.id;
      if (rows.length < pageRows) return;
    }
  }
}

function lineOf(row: ErrorRow): string {
  const { id, source, eventType, status, errorCode, receivedAt, processedAt, attempts, durationMs } = row;
  return csvLine([
    id,
    source,
    eventType,
    status,
    errorCode,
    receivedAt,
    processedAt,
    attempts,
    durationMs,
    row.prescriptionId,
  ]);
}
