import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { databaseProblem, isTransient } from './database-errors.js';
import { Tx, type DbContext, type Statement, type SqlValue } from './tx.js';

// A bigint of ours fits a JavaScript number (2^53); a business date is text, never an instant in some zone.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, (value) => value);

const mostAttempts = 4;

export interface TxOptions {
  /** A narrow role to work as (SET LOCAL ROLE), for the relay and the sealer. */
  dbRole?: string;
  readOnly?: boolean;
}

/** The one door to PostgreSQL. Every query runs in a transaction with a context row-level security can check. */
@Injectable()
export class Database {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction; serialization failures and deadlocks are repeated, so `work` touches nothing outside
   * the database. No HTTP, queue or sleep inside.
   * @throws DomainError service.unavailable when the database does not answer
   */
  tx<T>(context: DbContext, work: (tx: Tx) => Promise<T>, options: TxOptions = {}): Promise<T> {
    return this.repeated(() => this.attempt(context, work, options));
  }

  /** One statement in a transaction of its own, in one trip. */
  query<R extends pg.QueryResultRow>(
    context: DbContext,
    text: string | Statement,
    values: readonly SqlValue[] = [],
    options: TxOptions = {},
  ): Promise<R[]> {
    const statement = (tx: Tx) => (typeof text === 'string' ? tx.query<R>(text, values) : tx.run<R>(text, values));
    return this.repeated(() => this.attempt(context, statement, options, 'commit at once'));
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
   * Connections are pipelined: BEGIN travels with the first statement, and with `commit at once` COMMIT with the only one.
   * After a statement that fails PostgreSQL reads COMMIT as ROLLBACK.
   */
  private async attempt<T>(
    context: DbContext,
    work: (tx: Tx) => Promise<T>,
    options: TxOptions,
    ending: 'commit at once' | 'commit after' = 'commit after',
  ): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    let broken: Error | undefined;
    const client = (await runner.connect()) as pg.PoolClient;
    // A checked-out client without a listener would end the process when the server goes away.
    const note = (error: Error) => {
      broken = error;
    };
    client.on('error', note);
    try {
      const begun = heard(client.query(opening(context, options)));
      // TypeORM did not open this transaction and would refuse row locks in it.
      Object.assign(runner, { isTransactionActive: true });
      const tx = new Tx(client, runner.manager, context);
      const working = heard(work(tx));
      const committed = ending === 'commit at once' ? heard(client.query('COMMIT')) : undefined;
      await begun;
      const result = await working;
      await (committed ?? client.query('COMMIT'));
      tx.announceCommit();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(note);
      throw broken ?? error;
    } finally {
      await runner.release();
      client.removeListener('error', note);
    }
  }
}

/** A promise that is awaited later: when it fails before that, nobody must call it unhandled. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

const settingName = /^[a-z_]+$/;

/** BEGIN, role and context in one trip. Values are quoted as literals because a multi-statement query takes no parameters. */
function opening(context: DbContext, options: TxOptions): string {
  const settings = Object.entries(context).map(([name, value]) => {
    if (!settingName.test(name)) throw new Error('a context name has letters and underscores only');
    return `set_config('app.${name}', ${pg.escapeLiteral(value)}, true)`;
  });
  return [
    options.readOnly === true ? 'BEGIN READ ONLY' : 'BEGIN',
    ...(options.dbRole === undefined ? [] : [`SET LOCAL ROLE ${pg.escapeIdentifier(options.dbRole)}`]),
    ...(settings.length === 0 ? [] : [`SELECT ${settings.join(', ')}`]),
  ].join('; ');
}
