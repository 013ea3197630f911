export { MessageTexts } from './message-texts.js';
export { ThreadsModule } from './threads.module.js';
export { messageEntries, openQuestions, unreadCountSql, type MessageEntry, type OpenQuestion } from './threads.sql.js';
