export { Bell } from './bell.js';
export { Bookkeeper } from './bookkeeper.js';
export { Outbox } from './outbox.js';
export { OutboxStore } from './outbox.store.js';
export { OutboxRelay } from './relay.js';
