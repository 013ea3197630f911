import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, violatedUnique, type Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import type { Party } from '../tickets/index.js';
import type { Audience } from './message.entity.js';
import { audienceOf, isToldOutside, refusalOf, writeRefusalOf, type Draft } from './message.policy.js';
import { MessageTexts, type OpenMessage } from './message-texts.js';
import { MessagesStore, type MessageRow } from './messages.store.js';
import { isPlainText } from './text.policy.js';
import { senderOf, type Sender } from './sender.js';
import { ThreadBell } from './thread-bell.js';
import { fail } from './threads.errors.js';
import { messagePostedEvent } from './threads.jobs.js';

export interface PostedMessage {
  text: string;
  audience?: Audience | undefined;
  clientMessageId?: string | undefined;
  statusRef?: string | undefined;
  attachmentIds?: readonly string[] | undefined;
  blocks?: boolean | undefined;
  awaits?: Party | undefined;
  answers?: string | undefined;
}

export interface MessageQuery {
  before?: number | undefined;
  after?: number | undefined;
  limit: number;
}

export interface MessagePage {
  items: OpenMessage[];
  /** `before` of the next page; null on the last. */
  nextBefore: number | null;
}

export interface FormerText {
  version: number;
  text: string | null;
  change: 'edited' | 'deleted';
  changedBy: string | null;
  changedAt: Date;
}

type Code = Parameters<typeof fail>[0];

interface Said {
  row: MessageRow;
  outcome: 'new' | 'replayed';
}

/** What is said on a ticket. Who sees a thread and a message is decided by row-level security; who may say what, here. */
@Injectable()
export class Messages {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly store: MessagesStore,
    private readonly texts: MessageTexts,
    private readonly bell: ThreadBell,
  ) {}

  /** Newest first. @throws thread.not-found */
  page(principal: Principal, threadId: string, query: MessageQuery): Promise<MessagePage> {
    return this.db.tx(contextOf(principal), (tx) => this.pageIn(tx, threadId, query));
  }

  /** In the transaction that reads its ticket. @throws thread.not-found */
  async pageIn(tx: Tx, threadId: string, query: MessageQuery): Promise<MessagePage> {
    const [thread, rows] = await Promise.all([
      this.store.thread(tx, threadId),
      this.store.page(tx, threadId, { ...query, limit: query.limit + 1 }),
    ]);
    if (thread === undefined) throw fail('thread.not-found');
    const shown = rows.slice(0, query.limit);
    await this.audit.record(tx, {
      action: 'read',
      entity: 'message',
      entityIds: [threadId, ...shown.map(({ id }) => id)],
    });
    return {
      items: shown.map((row) => this.texts.open(row)),
      nextBefore: rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null,
    };
  }

  /**
   * Says something once: the same clientMessageId with the same content is the same message.
   * @throws thread.*: see `refusalOf`
   */
  async post(
    principal: Principal,
    threadId: string,
    posted: PostedMessage,
  ): Promise<[OpenMessage, 'new' | 'replayed']> {
    const sender = senderOf(principal);
    mustBePlain(posted.text);
    const attempt = async (): Promise<[OpenMessage, 'new' | 'replayed']> => {
      const { row, outcome } = await this.db.tx(contextOf(principal), (tx) => this.say(tx, sender, threadId, posted));
      return [this.texts.open(row), outcome];
    };
    try {
      return await attempt();
    } catch (error) {
      // Sent twice at the same moment: the other one is there by now.
      if (violatedUnique(error) === 'chat_messages_sent_once') return attempt();
      throw error;
    }
  }

  /** @throws thread.message-not-found, thread.message-not-yours, thread.message-deleted, thread.closed */
  async edit(principal: Principal, threadId: string, messageId: string, text: string): Promise<OpenMessage> {
    mustBePlain(text);
    return this.change(principal, threadId, messageId, text);
  }

  /** It stays as deleted, without its text. @throws as `edit` */
  remove(principal: Principal, threadId: string, messageId: string): Promise<OpenMessage> {
    return this.change(principal, threadId, messageId, undefined);
  }

  /** What a message said before, oldest first. @throws thread.message-not-found, thread.history-not-yours */
  history(principal: Principal, threadId: string, messageId: string): Promise<FormerText[]> {
    const { party, partyId } = senderOf(principal);
    return this.db.tx(contextOf(principal), async (tx) => {
      const [thread, message] = await Promise.all([this.store.thread(tx, threadId), this.get(tx, threadId, messageId)]);
      if (thread === undefined) throw fail('thread.message-not-found');
      const ownHouse = message.authorParty === party && message.authorPartyId === partyId;
      if (!ownHouse && party !== 'ops') throw fail('thread.history-not-yours');
      const versions = await this.store.versions(tx, messageId);
      await this.audit.record(tx, { action: 'read', entity: 'message_history', entityIds: [threadId, messageId] });
      return versions.map(({ bodySealed, ...version }) => ({
        ...version,
        text: this.texts.text(messageId, bodySealed),
      }));
    });
  }

  private async say(tx: Tx, sender: Sender, threadId: string, posted: PostedMessage): Promise<Said> {
    const { text, statusRef, clientMessageId } = posted;
    const attachmentIds = posted.attachmentIds ?? [];
    const draft = draftOf(sender, posted);
    const requestHash = this.texts.hash([text, draft, statusRef, attachmentIds]);
    // Asked together, and only what this message needs to be known.
    const [thread, sent, parties, question] = await Promise.all([
      this.store.thread(tx, threadId),
      clientMessageId == null ? undefined : this.store.sent(tx, threadId, sender, clientMessageId),
      draft.awaits === undefined ? [] : this.store.parties(tx, threadId),
      draft.answers === undefined ? undefined : this.store.question(tx, threadId, draft.answers),
    ]);
    if (thread === undefined) throw fail('thread.not-found');
    if (sent !== undefined) {
      if (sent.requestHash !== requestHash) throw fail('thread.client-id-reused');
      return { row: await this.get(tx, threadId, sent.id), outcome: 'replayed' };
    }
    const refusal = refusalOf(sender.party, draft, { ...thread, parties, question });
    if (refusal !== undefined) throw fail(refusal);
    const id = newId();
    const said = await this.store.insert(tx, {
      ...sender,
      ...draft,
      id,
      threadId,
      statusRef,
      clientMessageId,
      requestHash,
      bodySealed: this.texts.seal(id, text),
      now: this.clock.now(),
    });
    if (said === undefined) throw await this.lost(tx, threadId, 'thread.not-found', 'thread.already-answered');
    const row = attachmentIds.length > 0 ? await this.attach(tx, sender, threadId, id, attachmentIds) : said;
    await this.audit.record(tx, { action: 'write', entity: 'message', entityIds: [id], reason: 'message.send' });
    if (isToldOutside(sender.party, draft, question)) {
      const { organizationId } = thread;
      const payload = { messageId: id, threadId };
      await this.outbox.publish(tx, { name: messagePostedEvent, aggregateId: threadId, organizationId, payload });
    }
    this.bell.ring(tx, threadId);
    return { row, outcome: 'new' };
  }

  /** Nothing was written: another pharmacy took over while this one wrote, or somebody else was faster. */
  private async lost(tx: Tx, threadId: string, gone: Code, late: Code) {
    return fail((await this.store.thread(tx, threadId)) === undefined ? gone : late);
  }

  /** All of them or none. @throws thread.attachment-unknown */
  private async attach(tx: Tx, { userId }: Sender, threadId: string, id: string, ids: readonly string[]) {
    const attached = userId === undefined ? 0 : await this.store.attach(tx, threadId, id, userId, ids);
    if (attached !== ids.length) throw fail('thread.attachment-unknown');
    return this.get(tx, threadId, id);
  }

  private change(
    principal: Principal,
    threadId: string,
    messageId: string,
    text: string | undefined,
  ): Promise<OpenMessage> {
    const sender = senderOf(principal);
    const change = text === undefined ? 'deleted' : 'edited';
    return this.db.tx(contextOf(principal), async (tx) => {
      const [thread, message] = await Promise.all([this.store.thread(tx, threadId), this.get(tx, threadId, messageId)]);
      if (thread === undefined) throw fail('thread.message-not-found');
      if (!isOwn(sender, message)) throw fail('thread.message-not-yours');
      const refusal = writeRefusalOf(thread.status);
      if (refusal !== undefined) throw fail(refusal);
      const changed = await this.store.change(tx, {
        threadId,
        messageId,
        change,
        changedBy: principal.id,
        bodySealed: text === undefined ? null : this.texts.seal(messageId, text),
        reopens: change === 'deleted' ? message.answers : null,
        now: this.clock.now(),
      });
      if (changed === undefined)
        throw await this.lost(tx, threadId, 'thread.message-not-found', 'thread.message-deleted');
      await this.audit.record(tx, {
        action: 'write',
        entity: 'message',
        entityIds: [messageId],
        reason: `message.${change}`,
      });
      this.bell.ring(tx, threadId);
      return this.texts.open(changed);
    });
  }

  /** @throws thread.message-not-found */
  private async get(tx: Tx, threadId: string, messageId: string): Promise<MessageRow> {
    const found = await this.store.find(tx, threadId, messageId);
    if (found === undefined) throw fail('thread.message-not-found');
    return found;
  }
}

function mustBePlain(text: string): void {
  if (!isPlainText(text)) throw fail('thread.text-not-plain');
}

/** A field that is null in the body was not given either. */
function draftOf({ party }: Sender, { audience, blocks, awaits, answers }: PostedMessage): Draft {
  return {
    audience: audience ?? audienceOf(party, awaits),
    blocks: blocks ?? false,
    awaits: awaits ?? undefined,
    answers: answers ?? undefined,
  };
}

/** People change their own words only; the programs of an organization change those of any of them. */
function isOwn({ party, partyId, userId }: Sender, message: MessageRow): boolean {
  return (
    message.kind === 'text' &&
    message.authorParty === party &&
    message.authorPartyId === partyId &&
    message.authorUserId === (userId ?? null)
  );
}
