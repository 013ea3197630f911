import { Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import { csvLine } from '../../platform/csv/index.js';
import { Database } from '../../platform/db/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { scopeOf } from './webhook-events.service.js';
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
    private readonly audit: Audit,
  ) {}

  groups(principal: Principal, range: ErrorRange): Promise<ErrorGroup[]> {
    return this.db.tx(contextOf(principal), (tx) => this.store.groups(tx, { ...range, ...scopeOf(principal) }));
  }

  /** Recorded before the first line leaves. Ids and codes only. */
  async csv(principal: Principal, range: ErrorRange): Promise<Readable> {
    await this.db.tx(contextOf(principal), (tx) =>
      this.audit.record(tx, { action: 'export', entity: 'webhook_event', reason: `errors:${range.source ?? 'all'}` }),
    );
    return Readable.from(this.lines(principal, range));
  }

  private async *lines(principal: Principal, range: ErrorRange): AsyncGenerator<string> {
    yield csvLine(columns);
    let after: string | undefined;
    for (let told = 0; told < mostRows; told += pageRows) {
      const page = { after, limit: pageRows };
      const rows = await this.db.tx(contextOf(principal), (tx) =>
        this.store.rows(tx, { ...range, ...scopeOf(principal) }, page),
      );
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
