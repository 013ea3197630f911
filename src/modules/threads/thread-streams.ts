import { Injectable, type BeforeApplicationShutdown, type MessageEvent } from '@nestjs/common';
import { Observable, type Subscriber } from 'rxjs';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type DbContext, type Tx } from '../../platform/db/index.js';
import { requestContext, runInRequest, type RequestContext } from '../../platform/http/request-context.js';
import { Audit } from '../audit/index.js';
import { contextOf, StreamLifetimes, type Principal, type StreamHolder } from '../auth/index.js';
import { messageView } from './dto/message.dto.js';
import { MessageTexts, type OpenMessage } from './message-texts.js';
import { MessagesStore, type ThreadRow } from './messages.store.js';
import { isKept, startOf, type Start } from './resume.policy.js';
import { senderOf } from './sender.js';
import { ThreadBell } from './thread-bell.js';
import { fail } from './threads.errors.js';

/** What the bell did not say; also how soon an expired token ends its streams. */
const pollMs = 1_000;
/** Proxies cut connections that say nothing for a minute. */
const beatMs = 20_000;
const mostPerLook = 200;
/** A database that was away has many rooms waiting when it comes back; requests need connections as well. */
const mostLooks = 4;

interface Follower {
  readonly holder: StreamHolder;
  readonly subscriber: Subscriber<MessageEvent>;
  /** For the audit: deliveries happen long after the request. */
  readonly request: RequestContext | undefined;
  /** Everything up to this was delivered. */
  revision: number;
  /** Delivered, and not yet in the audit. */
  unrecorded: string[];
  spokeAt: number;
}

/** Those who see the same of a thread: one look serves them all. */
interface Room {
  readonly key: string;
  readonly threadId: string;
  readonly context: DbContext;
  readonly followers: Set<Follower>;
  /** Of the thread, at the last look. */
  seenAt: number;
}

interface ThreadState {
  id: string;
  revision: number;
  updatedAt: Date;
}

/**
 * Messages as server-sent events. The id is the revision: commits number it, so who comes back with Last-Event-ID misses
 * neither a message nor a change of one. Streams hold no connection; row-level security answers for each party by itself.
 */
@Injectable()
export class ThreadStreams implements BeforeApplicationShutdown {
  private readonly rooms = new Map<string, Room>();
  private readonly waiting = new Set<Room>();
  private readonly looking = new Set<Room>();
  private ticker: NodeJS.Timeout | undefined;
  private ticking = false;

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly audit: Audit,
    private readonly lifetimes: StreamLifetimes,
    private readonly messages: MessagesStore,
    private readonly texts: MessageTexts,
    private readonly bell: ThreadBell,
  ) {}

  /** @throws thread.not-found before anything is sent */
  async follow(
    principal: Principal,
    threadId: string,
    authorization: string | undefined,
    lastEventId: string | undefined,
  ): Promise<Observable<MessageEvent>> {
    senderOf(principal);
    const context = contextOf(principal);
    const start = await this.db.tx(context, async (tx) => {
      const thread = await this.messages.thread(tx, threadId);
      if (thread === undefined) throw fail('thread.not-found');
      await this.audit.record(tx, { action: 'read', entity: 'thread', entityIds: [threadId], reason: 'stream' });
      return this.startOf(tx, thread, lastEventId);
    });
    const holder = this.lifetimes.holder(principal, authorization);
    const request = requestContext();
    return new Observable<MessageEvent>((subscriber) => {
      subscriber.next(openingOf(start));
      const room = this.enter(threadId, partyContext(context));
      const spokeAt = this.clock.now().getTime();
      const follower: Follower = { holder, subscriber, request, revision: start.revision, unrecorded: [], spokeAt };
      room.followers.add(follower);
      this.wake([room]);
      return () => this.leave(room, follower);
    });
  }

  /** What was missed longest ago decides whether all of it can still be sent. */
  private async startOf(tx: Tx, { id, lastRevision }: ThreadRow, lastEventId: string | undefined): Promise<Start> {
    const start = startOf(lastEventId, lastRevision);
    if (start.kind !== 'resume') return start;
    const missed = await this.messages.changedAfter(tx, id, start.revision);
    const all = missed === undefined || isKept(missed, this.clock.now());
    return all ? start : { kind: 'reset', revision: lastRevision };
  }

  /** An open stream would hold up the end of the server. */
  beforeApplicationShutdown(): void {
    for (const room of this.rooms.values()) this.end(room.followers);
  }

  private enter(threadId: string, context: DbContext): Room {
    if (this.ticker === undefined) this.begin();
    const key = JSON.stringify([threadId, context]);
    const known = this.rooms.get(key);
    if (known !== undefined) return known;
    const room: Room = { key, threadId, context, followers: new Set(), seenAt: 0 };
    this.rooms.set(key, room);
    return room;
  }

  private begin(): void {
    this.ticker = setInterval(() => void this.tick(), pollMs).unref();
    this.bell.listen((ids) => {
      const rung = ids === 'missed' ? undefined : new Set(ids);
      this.wake([...this.rooms.values()].filter((room) => rung?.has(room.threadId) ?? true));
    });
  }

  private leave(room: Room, follower: Follower): void {
    room.followers.delete(follower);
    if (room.followers.size > 0) return;
    this.rooms.delete(room.key);
    if (this.rooms.size > 0) return;
    clearInterval(this.ticker);
    this.ticker = undefined;
  }

  private wake(rooms: readonly Room[]): void {
    for (const room of rooms) this.waiting.add(room);
    this.pump();
  }

  /** One look at a time per room, a few at a time in all; a room rung meanwhile is looked at again. */
  private pump(): void {
    for (const room of this.waiting) {
      if (this.looking.size >= mostLooks) return;
      if (this.looking.has(room)) continue;
      this.waiting.delete(room);
      this.looking.add(room);
      void this.look(room).finally(() => {
        this.looking.delete(room);
        this.pump();
      });
    }
  }

  /** A database that is away for a moment ends no stream: a later look sends what was missed. */
  private async look(room: Room): Promise<void> {
    const followers = [...room.followers].filter(({ holder }) => !this.lifetimes.hasExpired(holder));
    if (followers.length === 0) return;
    try {
      const state = await this.db.tx(room.context, (tx) => this.tell(tx, room, followers));
      for (const follower of followers) follower.unrecorded = [];
      if (state === 'gone') this.end(room.followers);
      if (state === 'more') this.waiting.add(room);
    } catch {
      // The next poll sees that the room is behind.
    }
  }

  /**
   * Delivers before the audit is on the disk: a message is as quick as it is read. What could not be recorded is recorded
   * with the next look.
   */
  private async tell(tx: Tx, room: Room, followers: readonly Follower[]): Promise<'gone' | 'more' | 'all'> {
    const from = Math.min(...followers.map(({ revision }) => revision));
    // In this order: every change up to the revision of the first is seen by the second.
    const [thread, rows] = await Promise.all([
      this.messages.thread(tx, room.threadId),
      this.messages.changesSince(tx, room.threadId, from, mostPerLook),
    ]);
    if (thread === undefined) return 'gone';
    const messages = rows.map((row) => this.texts.open(row));
    const isAll = rows.length < mostPerLook;
    const upTo = isAll ? thread.lastRevision : (rows.at(-1)?.revision ?? from);
    for (const follower of followers) this.deliver(follower, messages, upTo);
    room.seenAt = thread.updatedAt.getTime();
    for (const follower of followers) await this.record(tx, room.threadId, follower);
    return isAll ? 'all' : 'more';
  }

  private deliver(follower: Follower, messages: readonly OpenMessage[], upTo: number): void {
    for (const message of messages) {
      if (message.revision <= follower.revision) continue;
      follower.revision = message.revision;
      follower.spokeAt = this.clock.now().getTime();
      follower.unrecorded.push(message.id);
      follower.subscriber.next({ id: String(message.revision), type: 'message', data: messageView(message) });
    }
    follower.revision = Math.max(follower.revision, upTo);
  }

  private async record(tx: Tx, threadId: string, { unrecorded, request }: Follower): Promise<void> {
    if (unrecorded.length === 0) return;
    const entityIds = [threadId, ...unrecorded];
    const entry = { action: 'read', entity: 'message', entityIds, reason: 'stream' } as const;
    await runInRequest(request, () => this.audit.record(tx, entry));
  }

  private async tick(): Promise<void> {
    const now = this.clock.now().getTime();
    for (const room of this.rooms.values()) for (const follower of room.followers) beat(follower, now);
    // A database that is slow or away is not asked once more every second; nobody is sent away meanwhile.
    if (this.ticking) return;
    this.ticking = true;
    await Promise.allSettled([this.endRevoked(), this.poll()]);
    this.ticking = false;
  }

  private async endRevoked(): Promise<void> {
    const followers = [...this.rooms.values()].flatMap((room) => [...room.followers]);
    const asked = followers.map(async (one) => ((await this.lifetimes.mayStay(one.holder)) ? [] : [one]));
    this.end((await Promise.all(asked)).flat());
  }

  private async poll(): Promise<void> {
    const rooms = [...this.rooms.values()];
    const threads = await this.db.query<ThreadState>(
      systemContext,
      `SELECT id, last_revision AS revision, updated_at AS "updatedAt" FROM chat_threads WHERE id = ANY($1::uuid[])`,
      [[...new Set(rooms.map(({ threadId }) => threadId))]],
    );
    const byId = new Map(threads.map((thread) => [thread.id, thread]));
    this.wake(rooms.filter((room) => isBehind(room, byId.get(room.threadId))));
  }

  private end(followers: Iterable<Follower>): void {
    for (const { subscriber } of [...followers]) subscriber.complete();
  }
}

/** All people of a party see the same messages of a thread. */
function partyContext(context: DbContext): DbContext {
  return Object.fromEntries(Object.entries(context).filter(([name]) => name !== 'user'));
}

/** With an id, so that a client that saw nothing else knows where to go on. */
function openingOf({ kind, revision }: Start): MessageEvent {
  return { id: String(revision), type: kind === 'reset' ? 'reset' : 'open', data: { revision } };
}

function beat(follower: Follower, now: number): void {
  if (now - follower.spokeAt < beatMs) return;
  follower.spokeAt = now;
  follower.subscriber.next({ comment: 'alive' });
}

/** Who takes part may have changed without a message. */
function isBehind({ followers, seenAt }: Room, thread: ThreadState | undefined): boolean {
  if (thread === undefined || thread.updatedAt.getTime() !== seenAt) return true;
  return [...followers].some(({ revision, unrecorded }) => revision < thread.revision || unrecorded.length > 0);
}
