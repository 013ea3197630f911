import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { Channel, type ChannelOptions } from './channel.js';
import { watchSilence } from './client.js';
import { databaseProblem, isReadOnly, isTransient, readOnlyError } from './database-errors.js';
import { poolOf } from './data-source.js';
import { beginRehearsal, rehearsed, trials, type Rehearsal, type Rehearsed } from './rehearsal.js';
import { systemContext, Tx, type DbContext, type Statement, type SqlValue } from './tx.js';

// A bigint of ours fits a JavaScript number (2^53); a business date is text, never an instant in some zone.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, (value) => value);
/** date[] in pg_type, which pg's list of types leaves out; `{2026-11-26,2026-12-25}` on the wire. */
const dateArray = 1182;
const types: { setTypeParser(oid: number, parse: (value: string) => unknown): void } = pg.types;
types.setTypeParser(dateArray, (value) => value.slice(1, -1).split(',').filter(Boolean));

const mostAttempts = 4;

export interface TxOptions {
  /** A narrow role to work as (SET LOCAL ROLE), for the relay and the sealer. */
  dbRole?: string;
  readOnly?: boolean;
}

/** The one door to PostgreSQL. Every query runs with a context row-level security can check. */
@Injectable()
export class Database {
  /** For users: each transaction brings its context. */
  private readonly shared: pg.Pool;
  /** For the platform itself: never lent to a user's request. */
  private readonly system: pg.Pool;

  private rehearsal: Promise<unknown> = Promise.resolve();

  constructor(private readonly dataSource: DataSource) {
    const { url = '', poolSize = 1 } = dataSource.options as PostgresDataSourceOptions;
    this.shared = poolOf(url, poolSize);
    this.system = poolOf(url, poolSize, systemContext);
  }

  /** @throws Error when the server does not answer */
  async open(): Promise<void> {
    if (!this.dataSource.isInitialized) await this.dataSource.initialize();
  }

  async close(): Promise<void> {
    for (const pool of [this.shared, this.system]) if (!pool.ended) await pool.end();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  /**
   * Runs `work` in one transaction; serialization failures and deadlocks are repeated, so `work` touches nothing outside
   * the database. No HTTP, queue or sleep inside.
   * @throws DomainError service.unavailable when the database does not answer
   */
  tx<T>(context: DbContext, work: (tx: Tx) => Promise<T>, options: TxOptions = {}): Promise<T> {
    const trial = trials.current();
    if (trial !== undefined) return this.joined(trial, context, work, options);
    return this.repeated(() => this.attempt(context, work, opening(context, options)));
  }

  /** One statement in a transaction of its own, in one trip. */
  query<R extends pg.QueryResultRow>(
    context: DbContext,
    text: string | Statement,
    values: readonly SqlValue[] = [],
    options: TxOptions = {},
  ): Promise<R[]> {
    const statement = (tx: Tx) => (typeof text === 'string' ? tx.query<R>(text, values) : tx.run<R>(text, values));
    const trial = trials.current();
    if (trial !== undefined) return this.joined(trial, context, statement, options);
    const begin = opening(context, options);
    // On a connection that carries its context a single statement is a transaction by itself.
    return this.repeated(() => this.attempt(context, statement, begin === plainBegin ? undefined : begin, 'at once'));
  }

  /** @throws DomainError service.unavailable when the database does not answer, or takes no writes */
  async ping(): Promise<void> {
    await this.tx(systemContext, async (tx) => {
      const row = await tx.one<{ readOnly: string }>(`SELECT current_setting('transaction_read_only') AS "readOnly"`);
      if (row?.readOnly !== 'off') throw readOnlyError();
    });
  }

  /** Whether what is going on is a rehearsal: then nothing outside the database may be done. */
  get isRehearsing(): boolean {
    return trials.current() !== undefined;
  }

  /**
   * Runs `work` for real in one transaction that all its transactions join, notes which rows it changed, and takes everything
   * back. Only the platform's own work can be rehearsed. Nobody hears of it, and it waits for locks for a moment only.
   * @throws whatever `work` throws
   */
  rehearse<T>(work: () => Promise<T>): Promise<Rehearsed<T>> {
    // One at a time: each needs a second connection in the end, and locks what it touches.
    const turn = this.rehearsal.then(() => this.tryOut(work));
    this.rehearsal = turn.catch(() => undefined);
    return turn;
  }

  private async tryOut<T>(work: () => Promise<T>): Promise<Rehearsed<T>> {
    const client = await this.system.connect();
    let broken: Error | undefined;
    const note = (error: Error) => {
      broken = error;
    };
    client.on('error', note);
    try {
      const trial = await beginRehearsal(client);
      const result = await trials.run(trial, work);
      await trial.last;
      return await rehearsed(trial, result, (text, values) => this.query(systemContext, text, values));
    } catch (error) {
      if (isReadOnly(error)) broken ??= error;
      throw databaseProblem(broken ?? error);
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
      client.removeListener('error', note);
      client.release(broken);
    }
  }

  /** One after the other: they share a connection, and a savepoint each. */
  private joined<T>(
    trial: Rehearsal,
    context: DbContext,
    work: (tx: Tx) => Promise<T>,
    options: TxOptions,
  ): Promise<T> {
    if (context !== systemContext || options.dbRole !== undefined) {
      throw new Error('only the work of the platform itself can be rehearsed');
    }
    const run = async (): Promise<T> => {
      const tx = new Tx(trial.client, context, this.dataSource, savepoint.begin, savepoint.ending);
      tx.begin();
      try {
        const result = await work(tx);
        await tx.commit();
        return result;
      } catch (error) {
        throw databaseProblem(await tx.rollback(error));
      } finally {
        await tx.end();
      }
    };
    const ended = trial.last.then(run);
    trial.last = ended.catch(() => undefined);
    return ended;
  }

  /** A way to call other processes, of this name. */
  channel(name: string, { gatherMs }: Pick<ChannelOptions, 'gatherMs'> = {}): Channel {
    const { url = '' } = this.dataSource.options as PostgresDataSourceOptions;
    return new Channel({
      name,
      gatherMs,
      databaseUrl: url,
      notify: (text, values) => this.query(systemContext, text, values),
    });
  }

  private async repeated<T>(attempt: () => Promise<T>): Promise<T> {
    for (let count = 1; ; count += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (count < mostAttempts && isTransient(error)) continue;
        throw databaseProblem(error);
      }
    }
  }

  /**
   * Connections are pipelined: BEGIN travels with the first statement, and `at once` COMMIT with the only one. The system's
   * BEGIN comes before the first statement that needs it.
   */
  private async attempt<T>(
    context: DbContext,
    work: (tx: Tx) => Promise<T>,
    begin: string | undefined,
    commit: 'at once' | 'after' = 'after',
  ): Promise<T> {
    const client = await (context === systemContext ? this.system : this.shared).connect();
    let broken: Error | undefined;
    // What took the server away says more than the statement that failed of it.
    const note = (error: Error) => {
      broken = error;
    };
    client.on('error', note);
    const tx = new Tx(client, context, this.dataSource, begin);
    const unwatched = watchSilence(client);
    try {
      if (begin !== plainBegin) tx.begin();
      const working = heard(work(tx));
      const committing = commit === 'at once' ? heard(tx.commit()) : undefined;
      const result = await working;
      await (committing ?? tx.commit());
      return result;
    } catch (error) {
      const first = await tx.rollback(error);
      if (isReadOnly(first)) broken ??= first;
      throw broken ?? first;
    } finally {
      await tx.end();
      unwatched();
      client.removeListener('error', note);
      client.release(broken);
    }
  }
}

/** A promise that is awaited later: when it fails before that, nobody must call it unhandled. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

const savepoint = {
  begin: 'SAVEPOINT rehearsed',
  ending: { commit: 'RELEASE SAVEPOINT rehearsed', rollback: 'ROLLBACK TO SAVEPOINT rehearsed', announces: false },
};

const settingName = /^[a-z_]+$/;

const plainBegin = 'BEGIN';

/**
 * BEGIN, role and context in one trip. Values are quoted as literals because a multi-statement query takes no parameters.
 * The system's connections carry theirs already.
 */
function opening(context: DbContext, options: TxOptions): string {
  const settings = Object.entries(context === systemContext ? {} : context).map(([name, value]) => {
    if (!settingName.test(name)) throw new Error('a context name has letters and underscores only');
    return `set_config('app.${name}', ${pg.escapeLiteral(value)}, true)`;
  });
  return [
    options.readOnly === true ? 'BEGIN READ ONLY' : plainBegin,
    ...(options.dbRole === undefined ? [] : [`SET LOCAL ROLE ${pg.escapeIdentifier(options.dbRole)}`]),
    ...(settings.length === 0 ? [] : [`SELECT ${settings.join(', ')}`]),
  ].join('; ');
}
