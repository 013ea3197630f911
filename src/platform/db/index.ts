export type { Channel, Hear } from './channel.js';
export { Database } from './database.js';
export { violatedUnique } from './database-errors.js';
export { fold } from './fold.js';
export { anyOf, unnested, unseen } from './kept-plans.js';
export type { ChangedColumn, ChangedRow, Rehearsed, TableChanges } from './rehearsal.js';
export { systemContext, Tx, type DbContext, type SqlValue, type Statement } from './tx.js';
export { jsonInstant, statementsNamed } from './statements.js';
export { bootstrapDatabase, type DatabaseUrls } from './roles.js';
