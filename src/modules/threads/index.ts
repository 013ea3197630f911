export { MessagePageResponse, pageView } from './dto/message.dto.js';
export { Messages, type MessagePage } from './messages.service.js';
export { MessageTexts } from './message-texts.js';
export { ThreadsModule } from './threads.module.js';
export { messageEntries, unreadCountSql, type MessageEntry } from './threads.sql.js';
export type { ClinicQuestion } from './system-notes.policy.js';
