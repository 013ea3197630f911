export { CancelSuggestion } from './cancel-suggestion.entity.js';
export { IntakeMessage } from './intake-message.entity.js';
export type { IntakeAnswer, OpenTicket } from './incoming.js';
export { IntakeModule } from './intake.module.js';
export { Intake } from './intake.service.js';
