export { admitted, type Bound } from './admitted.js';
export { isAhead, isBelievable } from './believable.policy.js';
export { SourceHealthDto } from './dto/source-health.dto.js';
export { WebhookReceivedDto } from './dto/webhook-event.dto.js';
export { verifyTwilioSignature } from './gateways/twilio-signature.js';
export { parkedFor } from './parking.js';
export { ParkedWebhooks, type NotUnderstood } from './parked-webhooks.service.js';
export { SourceHealth } from './source-health.service.js';
export {
  toleranceSeconds,
  verifyCredentials,
  verifyHexHmac,
  verifySharedSecret,
  verifyTimestampedHmac,
  type SignatureVerdict,
  type SourceCredentials,
} from './verification/index.js';
export { WebhookEvent } from './webhook-event.entity.js';
export { isOfEventSql, joinEventOfLetterSql } from './webhook-inbox.sql.js';
export { WebhookInbox, type IncomingWebhook, type ReceivedAnswer } from './webhook-inbox.js';
export { WebhookSignatures } from './webhook-signatures.js';
export { WebhookSources, type Arrival, type ReceivedWebhook, type WebhookVerdict } from './webhook-sources.js';
export { WebhookReplay } from './webhook-replay.entity.js';
export { WebhooksModule } from './webhooks.module.js';
