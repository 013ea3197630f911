import { faultsOf } from '../support/access-matrix/judge.js';
import { startMatrix, type Matrix } from '../support/access-matrix/start.js';
import { accessTable } from '../support/access-matrix/table.js';

/** The other half of row-security.spec.ts: every policy is opened, and the application's own checks have to do. */
describe('the application, when the database checks nothing', () => {
  let matrix: Matrix;

  beforeAll(async () => {
    matrix = await startMatrix();
    await matrix.test.sql(`DO $$ DECLARE opened regclass; BEGIN
      FOR opened IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity LOOP
        EXECUTE format('CREATE POLICY everybody ON %s USING (true) WITH CHECK (true)', opened);
      END LOOP; END $$`);
  });
  afterAll(() => matrix.test.stop());

  it.each(accessTable.map((row) => [row.operation, row] as const))('%s', async (name, row) => {
    expect(await faultsOf(matrix, row, matrix.operation(name))).toEqual([]);
  });
});
