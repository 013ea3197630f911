import { randomBytes } from 'node:crypto';
import { onTheWire } from '../../src/platform/db/bytea-array.js';
import { withClient } from '../../src/platform/db/roles.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('lists of bytes on their way to the database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const returned = (given: readonly (Buffer | null)[]) =>
    withClient(database.databaseUrl, async (client) => {
      const { rows } = await client.query<{ item: Buffer | null }>(
        'SELECT item FROM unnest($1::bytea[]) WITH ORDINALITY AS list(item, at) ORDER BY at',
        [onTheWire(given)],
      );
      return rows.map(({ item }) => item);
    });

  it.each<[string, (Buffer | null)[]]>([
    ['none', []],
    ['one', [randomBytes(300)]],
    ['an empty one', [Buffer.alloc(0)]],
    ['missing ones, the first too', [null, Buffer.from('\\x00'), null]],
    ['missing ones only', [null, null]],
    ['what text would have to quote', [Buffer.from('{"a\\b",NULL}'), Buffer.from([0, 0xff, 0x0a])]],
    ['a hundred large ones', Array.from({ length: 100 }, () => randomBytes(20_000))],
  ])('come back as they were: %s', async (_, given) => {
    expect(await returned(given)).toEqual(given);
  });

  it('leaves everything else as it is', () => {
    for (const value of [null, 'text', 7, Buffer.from('x'), ['a', null], [1], { a: 1 }])
      expect(onTheWire(value)).toBe(value);
  });
});
