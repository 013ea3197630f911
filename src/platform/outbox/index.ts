export { Bell } from './bell.js';
export { Bookkeeper } from './bookkeeper.js';
export { everyEvent, isForSubscriber } from './listeners.js';
export { Outbox } from './outbox.js';
export { OutboxStore } from './outbox.store.js';
export { redrive, redriven } from './redrive.js';
export { OutboxRelay } from './relay.js';
