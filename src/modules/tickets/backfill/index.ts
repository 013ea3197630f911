export { TicketBackfill, type BackfillOptions, type BackfillResult, type Progress } from './backfill.js';
export { changes, meanings, reasons, type Counts, type Outcome } from './outcomes.js';
export { countsTable, openUnlinkedFile } from './report.js';
