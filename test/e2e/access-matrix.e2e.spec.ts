import { faultsOf } from '../support/access-matrix/judge.js';
import { startMatrix, type Matrix } from '../support/access-matrix/start.js';
import { accessTable } from '../support/access-matrix/table.js';

/** Every operation × every caller × everybody whose thing may be addressed. How a route is added stands in table.ts. */
describe('who may see what', () => {
  let matrix: Matrix;

  beforeAll(async () => {
    matrix = await startMatrix();
  });
  afterAll(() => matrix.test.stop());

  it('is said for every operation of /docs-json, once, and for nothing else', () => {
    const rows = accessTable.map(({ operation }) => operation);
    expect(rows.toSorted()).toEqual([...matrix.operations.keys()].toSorted());
  });

  it('is said with what the id names wherever a path has one', () => {
    const named = accessTable.filter(({ thing }) => thing !== undefined).map(({ operation }) => operation);
    // An event of CarePortals is a word, not an id.
    const withId = [...matrix.operations.keys()].filter((name) => name.replace('{event}', '').includes('{'));
    expect(named.toSorted()).toEqual(withId.toSorted());
  });

  it.each(accessTable.map((row) => [row.operation, row] as const))('%s', async (name, row) => {
    expect(await faultsOf(matrix, row, matrix.operation(name))).toEqual([]);
  });
});
