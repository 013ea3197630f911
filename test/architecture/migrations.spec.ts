import { readdir } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import * as migrations from '../../migrations/index.js';
import '../../src/app.module.js';
import { dataSourceOptions } from '../../src/platform/db/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('migrations', () => {
  let database: TestDatabase;
  let owner: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = new DataSource({ ...dataSourceOptions(database.ownerUrl), migrations: Object.values(migrations) });
    await owner.initialize();
  });

  afterAll(async () => {
    await owner.destroy();
    await database.drop();
  });

  it('are all listed in their index, in order', async () => {
    const files = (await readdir('migrations')).filter((file) => /^\d+-.*\.ts$/.test(file)).sort();
    const expected = files.map((file) => file.replace(/^(\d+)-(.*)\.ts$/, '$2$1'));
    expect(
      Object.values(migrations)
        .map((migration) => migration.name)
        .sort(),
    ).toEqual(expected.sort());
  });

  it('leave nothing for the entities to ask for', async () => {
    const { upQueries } = await owner.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('go down to nothing and up again', async () => {
    for (let left = Object.values(migrations).length; left > 0; left -= 1) await owner.undoLastMigration();
    const left = await owner.query<{ name: string }[]>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S') AND relname NOT LIKE 'migrations%'`,
    );
    expect(left).toEqual([]);
    expect(await owner.runMigrations()).toHaveLength(Object.values(migrations).length);
  });
});
