import { firstIdSince, isId, newId } from './index.js';

describe('ids', () => {
  it('are unique, and in the order they were made', () => {
    const ids = Array.from({ length: 50_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every(isId)).toBe(true);
  });

  it('stand between those made before a time and since', () => {
    const [before, id] = [new Date(Date.now() - 1), newId()];
    expect(firstIdSince(before) < id).toBe(true);
    expect(firstIdSince(new Date(Date.now() + 60_000)) > id).toBe(true);
  });
});
