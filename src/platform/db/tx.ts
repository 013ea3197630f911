import type pg from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { onTheWire } from './bytea-array.js';
import { selectText, type RowsOptions } from './entity-rows.js';

/**
 * What row-level security compares with: `app.<name>` settings of the transaction. Only letters and underscores in
 * names; an absent one means "no such right".
 */
export type DbContext = Readonly<Record<string, string>>;

/** The platform itself: workers, relay bookkeeping, sign-in. Sees every organization. */
export const systemContext: DbContext = Object.freeze({ role: 'system' });

/** SQL with a name: PostgreSQL parses and plans it once per connection. For the hot paths. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type SqlValue = string | number | boolean | Date | Buffer | null | readonly SqlValue[] | object;

/** How a transaction ends. */
export interface Ending {
  commit: string;
  rollback: string;
  /** Whether anybody hears of the commit. */
  announces: boolean;
}

const ofItsOwn: Ending = { commit: 'COMMIT', rollback: 'ROLLBACK', announces: true };

/** One transaction. It is the first argument of everything that writes, and it ends with the function it was given to. */
export class Tx {
  private readonly committed: (() => void)[] = [];
  private readonly unheard: Promise<unknown>[] = [];
  private runner: QueryRunner | undefined;
  private isOpen = false;
  private isOver = false;

  /** @param opening BEGIN with what belongs to it; undefined for a statement that is a transaction by itself */
  constructor(
    private readonly client: pg.ClientBase,
    readonly context: DbContext,
    private readonly dataSource: DataSource,
    private readonly opening: string | undefined,
    private readonly ending: Ending = ofItsOwn,
  ) {}

  /** TypeORM on the same connection. Never `save()`: see the lint rule. */
  get manager(): EntityManager {
    this.begin();
    this.runner ??= runnerOn(this.client, this.dataSource);
    return this.runner.manager;
  }

  async query<R extends pg.QueryResultRow>(text: string, values: readonly SqlValue[] = []): Promise<R[]> {
    this.beginFor(text);
    return (await this.client.query<R>(text, values.map(onTheWire))).rows;
  }

  async run<R extends pg.QueryResultRow>(statement: Statement, values: readonly SqlValue[] = []): Promise<R[]> {
    this.beginFor(statement.text);
    return (await this.client.query<R>({ ...statement, values: values.map(onTheWire) })).rows;
  }

  /**
   * A statement whose answer says nothing but that it failed. It leaves together with the next one, or with COMMIT, which
   * waits for it: a trip to the server costs more than most statements do there.
   */
  send(statement: string | Statement, values: readonly SqlValue[] = []): Promise<void> {
    this.begin();
    this.keep(
      typeof statement === 'string'
        ? this.client.query(statement, values.map(onTheWire))
        : this.client.query({ ...statement, values: values.map(onTheWire) }),
    );
    return Promise.resolve();
  }

  async one<R extends pg.QueryResultRow>(text: string, values: readonly SqlValue[] = []): Promise<R | undefined> {
    return (await this.query<R>(text, values))[0];
  }

  /**
   * Entities that equal `where` in every given property. What TypeORM's finders do for the simple case, at a fraction of
   * their time; rows are plain, with the entity's properties.
   */
  rows<E extends object>(entity: new () => E, where: Partial<E>, options: RowsOptions<E> = {}): Promise<E[]> {
    const keys = Object.keys(where);
    const text = selectText(this.dataSource.getMetadata(entity), keys, options);
    return this.query<E>(text, Object.values(where) as SqlValue[]);
  }

  async row<E extends object>(
    entity: new () => E,
    where: Partial<E>,
    options: RowsOptions<E> = {},
  ): Promise<E | undefined> {
    return (await this.rows(entity, where, { ...options, limit: 1 }))[0];
  }

  /** Runs after the commit and only then, for wake-up bells that may be lost. Whatever must happen is an outbox row. */
  onCommit(action: () => void): void {
    this.committed.push(action);
  }

  /** @internal called by Database before `work`, unless the transaction may begin late */
  begin(): void {
    this.refuseWhenOver();
    if (this.isOpen || this.opening === undefined) return;
    this.isOpen = true;
    this.keep(this.client.query(this.opening));
  }

  /** @internal called by Database. After a statement that failed PostgreSQL reads COMMIT as ROLLBACK. */
  async commit(): Promise<void> {
    this.isOver = true;
    const ended = this.isOpen ? this.client.query(this.ending.commit) : undefined;
    ended?.catch(() => undefined);
    await Promise.all(this.unheard);
    if ((await ended)?.command === 'ROLLBACK') throw new Error('a failed statement was taken for a success');
    if (this.ending.announces) for (const action of this.committed) action();
  }

  /** @internal called by Database. @returns what failed first, which may be a statement nobody waited for */
  async rollback(error: unknown): Promise<unknown> {
    this.isOver = true;
    if (this.isOpen) await this.client.query(this.ending.rollback).catch(() => undefined);
    const ends = await Promise.allSettled(this.unheard);
    const first = ends.find((end) => end.status === 'rejected');
    return first === undefined ? error : first.reason;
  }

  /** @internal called by Database: TypeORM refuses what comes after the end */
  async end(): Promise<void> {
    await this.runner?.release();
  }

  /** Until something is written or locked, a transaction that reads what is committed needs no BEGIN. */
  private beginFor(text: string): void {
    if (isPlainRead(text)) this.refuseWhenOver();
    else this.begin();
  }

  /** Work that runs on after a sibling failed must not write outside the transaction, on a connection that is another's by now. */
  private refuseWhenOver(): void {
    if (this.isOver) throw new Error('the transaction is over');
  }

  private keep(answer: Promise<unknown>): void {
    answer.catch(() => undefined); // heard by commit or rollback
    this.unheard.push(answer);
  }
}

const plainReads = new Map<string, boolean>();

/** Errs on the side of BEGIN: whatever locks, or calls a function that may, is none. */
function isPlainRead(text: string): boolean {
  const known = plainReads.get(text);
  if (known !== undefined) return known;
  const plain =
    /^\s*SELECT\b/i.test(text) &&
    !/\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE|KEY)|\bpg_|_config\b|\w+val\b|\bINTO\b/i.test(text);
  if (plainReads.size < mostTexts) plainReads.set(text, plain);
  return plain;
}

/** Texts made anew for each request must not fill the memory. */
const mostTexts = 1_000;

/** TypeORM neither takes a connection of its own nor knows who opened the transaction; it would refuse row locks outside one. */
function runnerOn(client: pg.ClientBase, dataSource: DataSource): QueryRunner {
  return Object.assign(dataSource.createQueryRunner(), { databaseConnection: client, isTransactionActive: true });
}
