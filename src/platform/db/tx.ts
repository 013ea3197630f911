import type pg from 'pg';
import type { EntityManager } from 'typeorm';
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

/** One open transaction. It is the first argument of everything that writes, and it ends with the function it was given to. */
export class Tx {
  private readonly committed: (() => void)[] = [];

  constructor(
    readonly client: pg.ClientBase,
    /** TypeORM on the same connection. Never `save()`: see the lint rule. */
    readonly manager: EntityManager,
    readonly context: DbContext,
  ) {}

  async query<R extends pg.QueryResultRow>(text: string, values: readonly SqlValue[] = []): Promise<R[]> {
    return (await this.client.query<R>(text, [...values])).rows;
  }

  async run<R extends pg.QueryResultRow>(statement: Statement, values: readonly SqlValue[] = []): Promise<R[]> {
    return (await this.client.query<R>({ name: statement.name, text: statement.text, values: [...values] })).rows;
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
    const text = selectText(this.manager.dataSource.getMetadata(entity), keys, options);
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

  /** @internal called by Database after COMMIT */
  announceCommit(): void {
    for (const action of this.committed) action();
  }
}
