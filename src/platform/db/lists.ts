/**
 * Array parameters of unknown length. PostgreSQL sees how long a bare one is, takes a plan for just that length for cheaper than
 * the one it keeps, and so plans the statement each time it runs, which takes longer than to run it. From within a sub-select
 * the length is not seen, and one plan is kept. For statements that run often with few rows.
 */
const list = (place: number, type: string) => `(SELECT $${place}::${type}[])`;

/** `unnest` of parameters from `$first` on, one of each type: `unnested(1, 'uuid', 'text')` has two columns. */
export const unnested = (first: number, ...types: readonly string[]) =>
  `unnest(${types.map((type, index) => list(first + index, type)).join(', ')})`;

/** `ANY` of one parameter: `id = ${anyOf(1, 'uuid')}`. */
export const anyOf = (place: number, type: string) => `ANY(${list(place, type)}::${type}[])`;
