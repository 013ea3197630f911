export { IntakeMessage } from './intake-message.entity.js';
export { IntakeModule } from './intake.module.js';
