export { CancelSuggestion } from './cancel-suggestion.entity.js';
export { IntakeMessage } from './intake-message.entity.js';
export { IntakeModule } from './intake.module.js';
