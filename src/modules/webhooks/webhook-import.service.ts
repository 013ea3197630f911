import { Injectable } from '@nestjs/common';
import { createInterface } from 'node:readline';
import { Readable, Transform } from 'node:stream';
import { Database } from '../../platform/db/index.js';
import { DomainError, fail as platformFail } from '../../platform/errors/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { readImportLine } from './import.policy.js';
import { WebhookInbox, type IncomingWebhook, type ReceivedAnswer } from './webhook-inbox.js';
import { WebhookSources } from './webhook-sources.js';
import { fail } from './webhooks.errors.js';

export interface ImportedLine {
  /** Counted from 1. */
  line: number;
  source: string | null;
  result: 'new' | 'duplicate' | 'refused';
  /** Why it was refused. */
  code: string | null;
  events: { eventType: string; eventId: string | null; duplicate: boolean }[];
}

export interface ImportReport {
  dryRun: boolean;
  new: number;
  duplicate: number;
  refused: number;
  lines: ImportedLine[];
}

const mostBytes = 20 * 1024 * 1024;
const mostLineBytes = 1024 * 1024;
export const mostImportLines = 10_000;
/** Lines that are read together. */
const batchLines = 100;
/** Events that go to the inbox together: a line may hold hundreds, and the doors need places as well. */
const mostAtOnce = 500;

type ImportedEvent = IncomingWebhook & { within: string };

interface ReadLine {
  line: number;
  source: string | null;
  events: ImportedEvent[];
  code: string | null;
}

/**
 * Takes missed bodies through the same inbox and the same dedupe as the doors do. Whoever imports answers for the sender, in the
 * own organization: nothing of another one is moved or told.
 */
@Injectable()
export class WebhookImport {
  constructor(
    private readonly db: Database,
    private readonly inbox: WebhookInbox,
    private readonly sources: WebhookSources,
    private readonly audit: Audit,
  ) {}

  /**
   * Interrupted and repeated it goes on where it was: what is known is a duplicate.
   * @throws request.too-large, webhook.import-too-many-lines, service.unavailable; each says what was taken by then
   */
  async run(principal: Principal, body: Readable, dryRun: boolean): Promise<ImportReport> {
    const report: ImportReport = { dryRun, new: 0, duplicate: 0, refused: 0, lines: [] };
    const taken: string[] = [];
    // Whatever ends this process: nothing nobody signed is taken without a record.
    if (!dryRun) await this.note(principal, 'import:begun');
    try {
      await this.readAll(principal.organizationId, body, report, taken);
    } catch (error) {
      if (dryRun) throw error;
      // Where this cannot be recorded either, the first entry stands and the caller is told.
      await this.note(principal, reasonOf('broken-off', report), taken).catch(() => undefined);
      throw withCounts(error, report, taken.length);
    }
    await this.note(principal, reasonOf(dryRun ? 'dry-run' : 'applied', report), taken);
    return report;
  }

  /** Adds to `report` and `taken` as it goes. */
  private async readAll(within: string, body: Readable, report: ImportReport, taken: string[]): Promise<void> {
    const seen = new Set<string>();
    let batch: ReadLine[] = [];
    const flush = async () => {
      const done = report.dryRun ? await this.foresee(batch, seen) : await this.take(batch, taken);
      for (const one of done) report[one.result] += 1;
      report.lines.push(...done);
      batch = [];
    };
    let number = 0;
    for await (const text of linesOf(body)) {
      number += 1;
      if (number > mostImportLines) throw fail('webhook.import-too-many-lines');
      if (text.trim() === '') continue;
      batch.push(this.read(within, text, number));
      if (batch.length === batchLines) await flush();
    }
    await flush();
  }

  private read(within: string, text: string, line: number): ReadLine {
    if (Buffer.byteLength(text) > mostLineBytes) return refused(line, null, 'webhook.import-line-too-long');
    const missed = readImportLine(text);
    if (missed === undefined) return refused(line, null, 'webhook.import-line-invalid');
    const { event, headers, raw } = missed;
    const [source = missed.source, ...others] = this.sources.meantBy(missed.source);
    if (others.length > 0) return refused(line, missed.source, 'webhook.source-ambiguous');
    const read = this.sources.of(source)?.read;
    if (read === undefined) return refused(line, source, 'webhook.no-handler');
    try {
      const events = read(raw, headers, event).map((arrival) => ({ source, ...arrival, within }));
      return { line, source, code: null, events };
    } catch (error) {
      if (error instanceof DomainError) return refused(line, source, error.code);
      throw error;
    }
  }

  /** @param taken ids of what is stored now, also of what was taken beside an event that was not */
  private async take(lines: readonly ReadLine[], taken: string[]): Promise<ImportedLine[]> {
    const events = lines.flatMap((read) => read.events);
    const known = await this.inbox.findImported(events);
    const answers: ReceivedAnswer[] = [];
    for (let next = 0; next < events.length; next += mostAtOnce) {
      const receipts = events.slice(next, next + mostAtOnce).map((event, at) => this.receive(event, known[next + at]));
      for (const receipt of await Promise.allSettled(receipts)) {
        if (receipt.status === 'fulfilled' && !receipt.value.duplicate) taken.push(receipt.value.eventId);
      }
      answers.push(...(await Promise.all(receipts)));
    }
    return lines.map((read) => told(read, answers.splice(0, read.events.length)));
  }

  private async receive(event: ImportedEvent, known: string | undefined): Promise<ReceivedAnswer> {
    return known === undefined ? this.inbox.receive(event) : { eventId: known, duplicate: true };
  }

  /** What `take` would answer, of a file whose earlier lines were taken. */
  private async foresee(lines: readonly ReadLine[], seen: Set<string>): Promise<ImportedLine[]> {
    const known = await this.inbox.findImported(lines.flatMap(({ events }) => events));
    let next = 0;
    return lines.map((read) => {
      const answers = read.events.map(({ source, dedupeKey }) => {
        const eventId = known[next] ?? null;
        next += 1;
        const key = `${source}\n${dedupeKey}`;
        const duplicate = eventId !== null || seen.has(key);
        seen.add(key);
        return { eventId, duplicate };
      });
      return told(read, answers);
    });
  }

  private async note(principal: Principal, reason: string, entityIds: readonly string[] = []): Promise<void> {
    await this.db.tx(contextOf(principal), (tx) =>
      this.audit.record(tx, { action: 'write', entity: 'webhook_event', entityIds, reason }),
    );
  }
}

function reasonOf(how: string, report: ImportReport): string {
  return `import:${how}:${report.new}:${report.duplicate}:${report.refused}`;
}

/** Who reads that an import was refused must not take it for one of which nothing was taken. */
function withCounts(error: unknown, report: ImportReport, events: number): unknown {
  if (!(error instanceof DomainError)) return error;
  const imported = { new: report.new, duplicate: report.duplicate, refused: report.refused, events };
  const { code, spec, detail, retryAfterSeconds } = error;
  return new DomainError(code, spec, {
    ...(detail !== undefined && { detail }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    meta: { ...error.meta, imported },
    cause: error,
  });
}

function refused(line: number, source: string | null, code: string): ReadLine {
  return { line, source, code, events: [] };
}

function told(
  { line, source, code, events }: ReadLine,
  answers: readonly { eventId: string | null; duplicate: boolean }[],
): ImportedLine {
  const shown = events.map(({ eventType }, index) => ({
    eventType,
    eventId: answers[index]?.eventId ?? null,
    duplicate: answers[index]?.duplicate ?? false,
  }));
  const result = code !== null ? 'refused' : shown.every(({ duplicate }) => duplicate) ? 'duplicate' : 'new';
  return { line, source, result, code, events: shown };
}

/** @throws request.too-large as soon as more has come than is taken, whatever length was announced */
async function* linesOf(body: Readable): AsyncGenerator<string> {
  let bytes = 0;
  const limited = body.pipe(
    new Transform({
      transform(chunk: Buffer, _, done) {
        bytes += chunk.length;
        if (bytes > mostBytes) done(platformFail('request.too-large'));
        else done(null, chunk);
      },
    }),
  );
  body.on('error', (error) => limited.destroy(error));
  const lines = createInterface({ input: limited, crlfDelay: Infinity });
  const failed = new Promise<never>((_, reject) => limited.once('error', reject));
  failed.catch(() => undefined);
  const iterator = lines[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), failed]);
      if (next.done === true) break;
      yield next.value;
    }
  } finally {
    lines.close();
    limited.destroy();
  }
}
