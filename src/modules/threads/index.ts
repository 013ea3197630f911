export { ThreadsModule } from './threads.module.js';
