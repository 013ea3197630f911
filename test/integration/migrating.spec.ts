import type { MigrationInterface, QueryRunner } from 'typeorm';
import * as migrations from '../../migrations/index.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let timeout: unknown;

class Patient1999999999999 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    timeout = await runner.query(`SELECT current_setting('statement_timeout') AS of_it`);
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
});
