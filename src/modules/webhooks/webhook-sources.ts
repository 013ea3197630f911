import { Injectable } from '@nestjs/common';

/** A stored event as its handler gets it: the bytes that were signed, opened. */
export interface ReceivedWebhook {
  id: string;
  source: string;
  eventType: string;
  raw: Buffer;
  headers: Readonly<Record<string, string>>;
  receivedAt: Date;
  /** The job that handles it. */
  jobId?: string | undefined;
  /** Of one that was imported: the importer's organization. What belongs to others is not there for it (`admitted`). */
  within?: string;
}

/** `parked`: nothing of ours fits yet; kept, shown to ops, and tried again by `WebhookInbox.release`. */
export type WebhookOutcome = 'processed' | 'ignored' | 'parked';

/** What a handler may say beyond the outcome. */
export interface WebhookVerdict {
  outcome: WebhookOutcome;
  /** Why, as a code: `payment.mismatch`. */
  code?: string;
  /** Whose event it turned out to be; from then on that organization's staff sees it. */
  organizationId?: string;
  /** Ids and codes. */
  related?: Readonly<Record<string, unknown>>;
}

/** One event of a body, as the inbox takes it. */
export interface Arrival {
  dedupeKey: string;
  eventType: string;
  raw: Buffer;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface WebhookSource {
  /** First part of the dedupe key: `stripe`, `shippo`, `lifefile`, `twilio-status`. The vendor's name, alone or before a dot or dash. */
  source: string;
  /** Runs in no transaction and possibly twice. A throw is a failed try, with back-off. */
  handle(event: ReceivedWebhook): Promise<WebhookOutcome | WebhookVerdict>;
  /**
   * The events of a body whose sender was verified, for bodies that come in by other ways than the source's own door.
   * @param event the word that stood in the door's address, where addresses name events
   * @throws DomainError when the door would refuse the body, or it does not say what the address would have
   */
  read?: (raw: Buffer, headers: Arrival['headers'], event?: string) => Arrival[];
}

/** Higher modules register what they understand in `onModuleInit`; this module knows none of them. */
@Injectable()
export class WebhookSources {
  private readonly sources = new Map<string, WebhookSource>();

  /** @throws Error when a source is registered twice */
  register(source: WebhookSource): void {
    if (this.sources.has(source.source)) throw new Error(`webhook source ${source.source} is registered twice`);
    this.sources.set(source.source, source);
  }

  of(source: string): WebhookSource | undefined {
    return this.sources.get(source);
  }

  /** Those a person means by a word: the one of that name, or all of the vendor. */
  meantBy(word: string): string[] {
    return this.sources.has(word) ? [word] : [...this.sources.keys()].filter((source) => vendorOf(source) === word);
  }

  /** Words that mean something. What stands behind a dot is a customer's name, and not for others to read. */
  words(): string[] {
    const all = [...this.sources.keys()];
    const named = all.filter((source) => !source.includes('.'));
    return [...new Set([...named, ...all.map(vendorOf)])].toSorted();
  }
}

/** `careportals.glow` and `twilio-status` are sources of theirs. */
function vendorOf(source: string): string {
  return source.split(/[.-]/, 1)[0] ?? source;
}
