export { probeMail } from './gateways/smtp.probe.js';
export { probeTwilio } from './gateways/twilio.probe.js';
export { InboundText } from './inbound-text.entity.js';
export { NotificationAttempt } from './notification-attempt.entity.js';
export { Notification } from './notification.entity.js';
export { NotificationsModule } from './notifications.module.js';
export { OptOut } from './opt-out.entity.js';
