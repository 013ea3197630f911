/**
 * Parameters whose value the planner does not see. With the length of an array at hand, the id of a row others name, or a word
 * or a time that rows have in common, PostgreSQL takes a plan for just that value for cheaper than the one it keeps, and so
 * plans the statement each time it runs, which takes longer than to run it. From within a sub-select it does not see them, and
 * one plan is kept. For statements that run often with few rows.
 */
export const unseen = (place: number, type: string) => `(SELECT $${place}::${type})`;

/** `unnest` of parameters from `$first` on, one of each type: `unnested(1, 'uuid', 'text')` has two columns. */
export const unnested = (first: number, ...types: readonly string[]) =>
  `unnest(${types.map((type, index) => unseen(first + index, `${type}[]`)).join(', ')})`;

/** `ANY` of one parameter: `id = ${anyOf(1, 'uuid')}`. */
export const anyOf = (place: number, type: string) => `ANY(${unseen(place, `${type}[]`)}::${type}[])`;
