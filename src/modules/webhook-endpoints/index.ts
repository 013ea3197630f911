export { webhookEvents } from './event-catalog.js';
export { WebhookDeliveryAttempt } from './webhook-delivery-attempt.entity.js';
export { WebhookDelivery } from './webhook-delivery.entity.js';
export { WebhookEndpoint } from './webhook-endpoint.entity.js';
export { WebhookEndpointsModule } from './webhook-endpoints.module.js';
