import type { MigrationInterface, QueryRunner } from 'typeorm';
import pg from 'pg';
import * as migrations from '../../migrations/index.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { newId } from '../../src/platform/ids/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const isWaiting = `SELECT 1 FROM pg_locks WHERE relation = 'outbox_events'::regclass AND NOT granted`;

let timeout: unknown;

class Patient1999999999999 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    timeout = await runner.query(`SELECT current_setting('statement_timeout') AS of_it`);
  }

  down(): Promise<void> {
    return Promise.resolve();
  }
}

class Waiting2000000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox_events ADD COLUMN waited_for text');
  }

  down(): Promise<void> {
    return Promise.resolve();
  }
}

describe('migrating', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('takes the time it needs: a large table is not changed in the half minute a request has', async () => {
    const all = [...Object.values(migrations), Patient1999999999999];
    expect(await migrate(database.ownerUrl, undefined, all)).toEqual(['Patient1999999999999']);
    expect(timeout).toEqual([{ of_it: '0' }]);
  });

  it('waits for a table a moment only: who comes behind it is served, and it comes again', async () => {
    const all = [...Object.values(migrations), Patient1999999999999, Waiting2000000000000];
    const [reader, writer] = [new pg.Client(database.ownerUrl), new pg.Client(database.ownerUrl)];
    await Promise.all([reader.connect(), writer.connect()]);
    await reader.query('BEGIN; LOCK TABLE outbox_events IN ACCESS SHARE MODE');
    await writer.query(`SET statement_timeout = '10s'`);
    const given = migrate(database.ownerUrl, undefined, all, { lockTimeoutMs: 500, tries: 3, pauseMs: 300 });
    const outcome = given.catch((error: unknown) => error);
    await until(async () => (await writer.query(isWaiting)).rows.length > 0);
    await writer.query(
      `INSERT INTO outbox_events (id, subscriber, queue, payload, occurred_at, due_at) VALUES ($1, 'x', 'x', '{}', now(), now())`,
      [newId()],
    );
    expect(String(await outcome)).toMatch(/ALTER TABLE outbox_events .* pid \d+ .*outbox_events/);
    const later = migrate(database.ownerUrl, undefined, all, { lockTimeoutMs: 500, tries: 20, pauseMs: 100 });
    await until(async () => (await writer.query(isWaiting)).rows.length > 0);
    await reader.query('COMMIT');
    expect(await later).toEqual(['Waiting2000000000000']);
    await Promise.all([reader.end(), writer.end()]);
  });
});
