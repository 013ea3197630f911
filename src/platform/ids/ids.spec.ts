import { firstIdSince, isId, newId, stableId } from './index.js';

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

  it('are the same for the same parts, and not for parts that only read alike', () => {
    const space = newId();
    expect(stableId(space, 'a', 'b')).toBe(stableId(space, 'a', 'b'));
    expect(stableId(space, 'ab', '')).not.toBe(stableId(space, 'a', 'b'));
  });
});
